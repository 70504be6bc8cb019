package media

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"tidings.example/tidings/tidings"
)

// downloadTypes are the content types of the files made from renditions by
// remuxing: about a tenth of a CPU-second per minute of video, one per minute of
// sound.
var downloadTypes = map[string]string{"video.mp4": "video/mp4", "audio.m4a": "audio/mp4"}

// errNoSource says that a clip has no rendition for the file: an audio recording
// has no video.mp4.
var errNoSource = tidings.NotFound()

// makeDownloads makes the files to download of a clip that has just been
// completed.
func (t *transcodeRun) makeDownloads(ctx context.Context) error {
	var video, audio []string
	for i, k := range t.packagers {
		switch {
		case k.nextSeq == 0:
		case k.rend.Kind == tidings.RenditionAudio:
			audio = k.objectKeys(math.MaxInt64)
		case i == 0:
			video = k.objectKeys(math.MaxInt64)
		}
	}

	lufs, _ := parseLoudness(t.usage.Log)
	var errs []error
	for _, name := range []string{"audio.m4a", "video.mp4"} {
		a := tidings.Asset{ClipID: t.lease.ClipID, Attempt: t.lease.Attempt, Name: name}
		err := t.media.remuxDownload(ctx, &a, video, audio, lufs)
		if err == nil {
			err = t.media.cfg.Rows.AddAsset(ctx, t.lease, a)
		}

		if !errors.Is(err, errNoSource) {
			errs = append(errs, err)
		}
	}

	return errors.Join(errs...)
}

// Download is the asset video.mp4 or audio.m4a of a clip, made now if it does
// not exist: the process may have ended before makeDownloads. KindNotReady while
// the clip is incomplete, KindNotFound when it has no such track. Concurrent
// calls for the same file wait for the first one.
func (m *Media) Download(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error) {
	if downloadTypes[name] == "" {
		return tidings.Asset{}, tidings.NotFound()
	}

	for {
		a, err := m.cfg.Playback.Asset(ctx, clip, name)
		if tidings.KindOf(err) != tidings.KindNotFound {
			return a, err
		}

		done := make(chan struct{})
		other, busy := m.pendingDownloads.LoadOrStore(string(clip)+"/"+name, done)
		if !busy {
			a, err := m.makeDownload(ctx, clip, name)
			m.pendingDownloads.Delete(string(clip) + "/" + name)
			close(done)
			return a, err
		}

		select {
		case <-other.(chan struct{}):
		case <-ctx.Done():
			return tidings.Asset{}, ctx.Err()
		}
	}
}

func (m *Media) makeDownload(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error) {
	a := tidings.Asset{ClipID: clip, Name: name}
	rs, err := m.cfg.Playback.Renditions(ctx, clip)
	if err != nil {
		return a, err
	}

	var video, audio []string
	for _, r := range rs {
		if !r.Complete {
			return a, tidings.Errorf(tidings.KindNotReady, "This file is made when the recording is complete.")
		}

		a.Attempt = r.Attempt

		if r.InitKey == "" || r.Kind == tidings.RenditionVideo && (video != nil || r.Name != bestVideo(rs)) {
			continue
		}

		segs, err := m.cfg.Playback.Segments(ctx, clip, r.Attempt, r.Name)
		if err != nil {
			return a, err
		}

		keys := []string{r.InitKey}
		for _, g := range segs {
			keys = append(keys, g.Key)
		}

		if r.Kind == tidings.RenditionAudio {
			audio = keys
		} else {
			video = keys
		}
	}

	report, _, err := m.cfg.Playback.MediaReport(ctx, clip)
	if err != nil {
		return a, err
	}
	if err := m.remuxDownload(ctx, &a, video, audio, report.LoudnessLUFS); err != nil {
		return a, err
	}

	return a, m.cfg.Playback.PutAsset(ctx, a)
}

// bestVideo is the name of the largest video rendition.
func bestVideo(rs []tidings.Rendition) string {
	name, pixels := "", 0
	for _, r := range rs {
		if n := r.Width * r.Height; r.Kind == tidings.RenditionVideo && r.InitKey != "" && n > pixels {
			name, pixels = r.Name, n
		}
	}
	return name
}

// remuxDownload writes a download from the objects of renditions, stores it and
// completes the asset. errNoSource when there is no rendition to make it from.
func (m *Media) remuxDownload(ctx context.Context, a *tidings.Asset, video, audio []string, lufs *float64) error {
	if a.Name == "audio.m4a" {
		video = nil
	} else if video == nil {
		audio = nil
	}

	if video == nil && audio == nil {
		return errNoSource
	}

	dir, remove, err := m.tempDir()
	if err != nil {
		return err
	}
	defer remove()

	args, maps := globalArgs("error"), []string{}
	for i, keys := range [][]string{video, audio} {
		if keys == nil {
			continue
		}

		path, err := m.fetchObjects(ctx, keys, dir, strconv.Itoa(i)+".mp4")
		if err != nil {
			return err
		}

		args = append(args, ownInputArgs("file:"+path, "file")...)
		maps = append(maps, "-map", strconv.Itoa(len(maps)/2)+":0")
	}

	args = append(args, maps...)
	args = append(args, "-c", "copy")
	if audio != nil {
		args = append(args, loudnessArgs(lufs)...)
	}

	out := filepath.Join(dir, "out.mp4")
	args = append(args, "-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", "file:"+out)
	if _, err := m.runProcess(ctx, process{program: m.ffmpeg, args: args, dir: dir, timeout: extraTimeout}); err != nil {
		return err
	}

	return m.storeDownload(ctx, a, out)
}

// storeDownload stores a file as the asset.
func (m *Media) storeDownload(ctx context.Context, a *tidings.Asset, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()

	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := checkWholeFile(f, info.Size(), "moov"); err != nil {
		return err
	}

	a.Key = assetKey(tidings.StepRun{ClipID: a.ClipID, Attempt: a.Attempt}, a.Name)
	a.ContentType = downloadTypes[a.Name]

	var sums tidings.BlockHash
	a.Bytes, err = m.cfg.Blobs.PutLarge(ctx, a.Key, io.TeeReader(f, &sums), a.ContentType)
	a.Sums = sums.Sums()

	return err
}
