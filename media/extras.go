package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"tidings.example/tidings/tidings"
)

// extraTimeout is how long one extra's ffmpeg may take.
const extraTimeout = 10 * time.Minute

// makeExtras makes what playback does not need, once the clip plays. Each
// failure is logged and costs only its own extra, except for a full disk, which
// is returned: the step runs again once there is space.
func (m *Media) makeExtras(ctx context.Context, e *transcodeRun) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	for _, extra := range []struct {
		name string
		make func(context.Context) error
	}{{"peaks", e.makePeaks}, {"storyboard", e.makeStoryboard}, {"preview", e.makePreview}, {"downloads", e.makeDownloads}} {
		err := extra.make(ctx)
		if tidings.IsStorageFull(err) {
			return fmt.Errorf("%s of %s: %w", extra.name, e.lease.ClipID, err)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			m.cfg.Log.Warn("extra not made", "extra", extra.name, "clip", e.lease.ClipID, "error", err)
		}
	}

	e.background.Wait()
	return e.posterFull
}

// storeAsset stores a small file and makes it visible.
func (t *transcodeRun) storeAsset(ctx context.Context, name, contentType string, b []byte) error {
	a := tidings.Asset{ClipID: t.lease.ClipID, Attempt: t.lease.Attempt, Name: name, ContentType: contentType, Bytes: int64(len(b)), Key: assetKey(t.lease, name),
		Sums: tidings.SumBlocks(b)}
	if err := t.media.cfg.Blobs.Put(ctx, a.Key, bytes.NewReader(b), a.Bytes, contentType); err != nil {
		return err
	}
	return t.media.cfg.Rows.AddAsset(ctx, t.lease, a)
}

// renderPicture runs ffmpeg over the stored beginning of a rendition and returns
// what it writes to its standard output.
func (m *Media) renderPicture(ctx context.Context, keys []string, args ...string) ([]byte, error) {
	dir, remove, err := m.tempDir()
	if err != nil {
		return nil, err
	}
	defer remove()

	src := joinObjects(ctx, m.cfg.Blobs, keys)
	defer src.Close()

	var out bytes.Buffer
	all := append(append(globalArgs("error"), ownInputArgs("pipe:0", "pipe")...), args...)
	if _, err := m.runProcess(ctx, process{program: m.ffmpeg, args: append(all, "pipe:1"), stdin: src, stdout: &out, dir: dir, timeout: extraTimeout}); err != nil {
		return nil, err
	}
	if out.Len() == 0 {
		return nil, errors.New("ffmpeg made no picture")
	}

	return out.Bytes(), nil
}

// ownInputArgs are the input options of a file that this package made itself.
func ownInputArgs(url, protocol string) []string {
	return []string{"-f", "mov", "-protocol_whitelist", protocol, "-format_whitelist", container{format: "mov"}.demuxerWhitelist(), "-i", url}
}
