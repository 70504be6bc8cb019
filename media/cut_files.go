package media

import (
	"context"
	"os"
	"path/filepath"
)

// storeStream stores what players play.
func (c *cutting) storeStream(ctx context.Context, stream string) error {
	for _, name := range []string{"index.m3u8", "master.m3u8"} {
		b, err := os.ReadFile(filepath.Join(c.dir, "hls", name))
		if err != nil {
			return err
		}
		if err := c.keepBytes(ctx, name, "application/vnd.apple.mpegurl", b); err != nil {
			return err
		}
	}
	return c.keep(ctx, "stream.mp4", "video/mp4", stream)
}

// storeDownloads stores what is saved, from a copy of the stream.
func (c *cutting) storeDownloads(ctx context.Context, stream string) error {
	maps := map[string][]string{}
	if c.pictured() {
		maps["video.mp4"] = []string{"-map", "0"}
	}

	if c.sounds() {
		maps["audio.m4a"] = []string{"-map", "0:a"}
	}

	for name, which := range maps {
		out := filepath.Join(c.dir, name)
		args := append(append(quiet("error"), ours("file:"+stream, "file")...), which...)
		args = append(args, "-c", "copy", "-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", "file:"+out)
		if _, err := c.media.run(ctx, process{program: c.media.ffmpeg, args: args, dir: c.dir, timeout: extraTimeout}); err != nil {
			return err
		}
		if err := c.keep(ctx, name, downloads[name], out); err != nil {
			return err
		}
	}

	return nil
}

// storePictures stores poster and preview.
func (c *cutting) storePictures(ctx context.Context, stream string) error {
	if !c.pictured() {
		return nil
	}

	for _, p := range []struct {
		name, contentType string
		args              []string
	}{{"poster.jpg", "image/jpeg", posterArgs()}, {"preview.webp", "image/webp", previewArgs()}} {
		out := filepath.Join(c.dir, p.name)
		args := append(append(quiet("error"), ours("file:"+stream, "file")...), p.args...)
		if _, err := c.media.run(ctx, process{program: c.media.ffmpeg, args: append(args, "file:"+out), dir: c.dir, timeout: extraTimeout}); err != nil {
			return err
		}
		if err := c.keep(ctx, p.name, p.contentType, out); err != nil {
			return err
		}
	}

	return nil
}

// storeDrawings stores what we draw ourselves: waveform, storyboard, card.
func (c *cutting) storeDrawings(ctx context.Context, _ string) error {
	var peaks []byte
	if c.wave.samples > 0 {
		peaks = c.wave.json()
		if err := c.keepBytes(ctx, "peaks.json", "application/json", peaks); err != nil {
			return err
		}
	}

	picture, vtt, err := c.stills.sheet()
	if err != nil {
		return err
	}

	if picture != nil {
		if err := c.keepBytes(ctx, "storyboard.jpg", "image/jpeg", picture); err != nil {
			return err
		}
		if err := c.keepBytes(ctx, "storyboard.vtt", "text/vtt; charset=utf-8", vtt); err != nil {
			return err
		}
	}

	poster, err := os.ReadFile(filepath.Join(c.dir, "poster.jpg"))
	if err != nil && c.pictured() {
		return err
	}

	card, err := Card(poster, peaks, c.link.Snippet().Length())
	if err != nil {
		return err
	}

	return c.keepBytes(ctx, "share.jpg", "image/jpeg", card)
}
