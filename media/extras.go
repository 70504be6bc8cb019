package media

import (
	"bytes"
	"context"
	"errors"
	"time"

	"tidings.example/tidings/tidings"
)

// extraTimeout is how long one extra's ffmpeg may take.
const extraTimeout = 10 * time.Minute

// extras makes what is not needed for playing, after the clip plays. Each
// failure is logged and costs only its own extra.
func (m *Media) extras(ctx context.Context, e *encode) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	for _, extra := range []struct {
		name string
		make func(context.Context) error
	}{{"peaks", e.peaks}, {"storyboard", e.storyboard}, {"preview", e.preview}, {"downloads", e.downloads}} {
		if err := extra.make(ctx); err != nil && !errors.Is(err, context.Canceled) {
			m.cfg.Log.Warn("extra not made", "extra", extra.name, "clip", e.lease.ClipID, "error", err)
		}
	}
}

// asset stores a small file and makes it visible.
func (e *encode) asset(ctx context.Context, name, contentType string, b []byte) error {
	a := tidings.Asset{ClipID: e.lease.ClipID, Attempt: e.lease.Attempt, Name: name, ContentType: contentType, Bytes: int64(len(b)), Key: key(e.lease, name)}
	if err := e.media.cfg.Blobs.Put(ctx, a.Key, bytes.NewReader(b), a.Bytes, contentType); err != nil {
		return err
	}
	return e.media.cfg.Rows.AddAsset(ctx, e.lease, a)
}

// picture runs ffmpeg over a rendition's stored beginning and returns what it
// writes to its standard output.
func (m *Media) picture(ctx context.Context, keys []string, args ...string) ([]byte, error) {
	dir, remove, err := m.tempDir()
	if err != nil {
		return nil, err
	}
	defer remove()

	src := join(ctx, m.cfg.Blobs, keys)
	defer src.Close()

	var out bytes.Buffer
	all := append(append(quiet("error"), ours("pipe:0", "pipe")...), args...)
	if _, err := m.run(ctx, process{program: m.ffmpeg, args: append(all, "pipe:1"), stdin: src, stdout: &out, dir: dir, timeout: extraTimeout}); err != nil {
		return nil, err
	}
	if out.Len() == 0 {
		return nil, errors.New("ffmpeg made no picture")
	}

	return out.Bytes(), nil
}

// ours are the input options of a file that we made ourselves.
func ours(url, protocol string) []string {
	return []string{"-f", "mov", "-protocol_whitelist", protocol, "-format_whitelist", container{format: "mov"}.whitelist(), "-i", url}
}
