package media

import (
	"context"
	"os"
	"path/filepath"
)

// storeStream stores the stream and its playlists.
func (c *snippetCut) storeStream(ctx context.Context, stream string) error {
	for _, name := range []string{"index.m3u8", "master.m3u8"} {
		b, err := os.ReadFile(filepath.Join(c.dir, "hls", name))
		if err != nil {
			return err
		}
		if err := c.storeBytes(ctx, name, "application/vnd.apple.mpegurl", b); err != nil {
			return err
		}
	}
	return c.storeFile(ctx, "stream.mp4", "video/mp4", stream)
}

// storeDownloads stores the files to download, remuxed from the stream.
func (c *snippetCut) storeDownloads(ctx context.Context, stream string) error {
	maps := map[string][]string{}
	if c.hasVideo() {
		maps["video.mp4"] = []string{"-map", "0"}
	}

	if c.hasAudio() {
		maps["audio.m4a"] = []string{"-map", "0:a"}
	}

	for name, which := range maps {
		out := filepath.Join(c.dir, name)
		args := append(append(globalArgs("error"), ownInputArgs("file:"+stream, "file")...), which...)
		args = append(args, "-c", "copy", "-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", "file:"+out)
		if _, err := c.media.runProcess(ctx, process{program: c.media.ffmpeg, args: args, dir: c.dir, timeout: extraTimeout}); err != nil {
			return err
		}
		if err := c.storeFile(ctx, name, downloadTypes[name], out); err != nil {
			return err
		}
	}

	return nil
}

// storePictures stores the poster and the preview.
func (c *snippetCut) storePictures(ctx context.Context, stream string) error {
	if !c.hasVideo() {
		return nil
	}

	for _, p := range []struct {
		name, contentType string
		args              []string
	}{{"poster.jpg", "image/jpeg", posterArgs()}, {"preview.webp", "image/webp", previewArgs()}} {
		out := filepath.Join(c.dir, p.name)
		args := append(append(globalArgs("error"), ownInputArgs("file:"+stream, "file")...), p.args...)
		if _, err := c.media.runProcess(ctx, process{program: c.media.ffmpeg, args: append(args, "file:"+out), dir: c.dir, timeout: extraTimeout}); err != nil {
			return err
		}
		if err := c.storeFile(ctx, p.name, p.contentType, out); err != nil {
			return err
		}
	}

	return nil
}

// storeDrawings stores the images and data drawn by this package: waveform,
// storyboard and card.
func (c *snippetCut) storeDrawings(ctx context.Context, _ string) error {
	var peaks []byte
	if c.waveform.samples > 0 {
		peaks = c.waveform.encodeJSON()
		if err := c.storeBytes(ctx, "peaks.json", "application/json", peaks); err != nil {
			return err
		}
	}

	picture, vtt, err := c.stills.composeSheet()
	if err != nil {
		return err
	}

	if picture != nil {
		if err := c.storeBytes(ctx, "storyboard.jpg", "image/jpeg", picture); err != nil {
			return err
		}
		if err := c.storeBytes(ctx, "storyboard.vtt", "text/vtt; charset=utf-8", vtt); err != nil {
			return err
		}
	}

	poster, err := os.ReadFile(filepath.Join(c.dir, "poster.jpg"))
	if err != nil && c.hasVideo() {
		return err
	}

	card, err := Card(poster, peaks, c.link.Snippet().Length())
	if err != nil {
		return err
	}

	return c.storeBytes(ctx, "share.jpg", "image/jpeg", card)
}
