package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tidings"
)

// extraTimeout is how long one extra's ffmpeg may take.
const extraTimeout = 10 * time.Minute

// asset stores a small file and makes it visible.
func (m *Media) asset(ctx context.Context, run tidings.StepRun, name, contentType string, b []byte) error {
	a := tidings.Asset{ClipID: run.ClipID, Attempt: run.Attempt, Name: name, ContentType: contentType, Bytes: int64(len(b)), Key: key(run, name)}
	if err := m.cfg.Blobs.Put(ctx, a.Key, bytes.NewReader(b), a.Bytes, contentType); err != nil {
		return err
	}
	return m.cfg.Rows.AddAsset(ctx, run, a)
}

// poster takes a picture from the first segment, as soon as there is one.
func (m *Media) poster(ctx context.Context, run tidings.StepRun, r tidings.Rendition) {
	err := func() error {
		var out bytes.Buffer
		dir, remove, err := m.tempDir()
		if err != nil {
			return err
		}
		defer remove()
		body := concat(ctx, m.cfg.Blobs, []string{r.InitKey, key(run, r.Name+"-00000.m4s")})
		args := []string{"-hide_banner", "-nostdin", "-v", "error", "-f", "mov", "-protocol_whitelist", "pipe", "-i", "pipe:0",
			"-vf", "thumbnail=n=20,scale=w=1280:h=1280:force_original_aspect_ratio=decrease:force_divisible_by=2", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-f", "image2pipe", "pipe:1"}
		if _, err := m.run(ctx, process{program: m.ffmpeg, args: args, stdin: body, stdout: &out, dir: dir, timeout: extraTimeout}); err != nil {
			return err
		}
		if out.Len() == 0 {
			return errors.New("no picture")
		}
		return m.asset(ctx, run, "poster.jpg", "image/jpeg", out.Bytes())
	}()
	if err != nil && ctx.Err() == nil {
		m.cfg.Log.Warn("extra not made", "extra", "poster", "clip", run.ClipID, "error", err)
	}
}

func (m *Media) peaks(ctx context.Context, run tidings.StepRun, p plan, made *encoded) error {
	if !p.pcm {
		return nil
	}
	return m.asset(ctx, run, "peaks.json", "application/json", made.wave.json())
}

func (m *Media) storyboard(ctx context.Context, run tidings.StepRun, _ plan, made *encoded) error {
	picture, vtt, err := made.stills.sheet()
	if err != nil || picture == nil {
		return err
	}
	if err := m.asset(ctx, run, "storyboard.jpg", "image/jpeg", picture); err != nil {
		return err
	}
	return m.asset(ctx, run, "storyboard.vtt", "text/vtt; charset=utf-8", vtt)
}

// downloads puts the best renditions into files that play from the start
// (faststart): a copy, at a tenth of a CPU-second a minute.
func (m *Media) downloads(ctx context.Context, run tidings.StepRun, p plan, made *encoded) error {
	var video, audio *packager
	for _, k := range made.packagers {
		switch {
		case k.next == 0:
		case k.rend.Kind == tidings.RenditionAudio:
			audio = k
		case k.rend.Name == p.rungs[0].name:
			video = k
		}
	}
	var errs []error
	if audio != nil {
		errs = append(errs, m.remux(ctx, run, "audio.m4a", "audio/mp4", audio))
	}
	switch {
	case video != nil && audio != nil:
		errs = append(errs, m.remux(ctx, run, "video.mp4", "video/mp4", video, audio))
	case video != nil:
		errs = append(errs, m.remux(ctx, run, "video.mp4", "video/mp4", video))
	}
	return errors.Join(errs...)
}

// remux writes renditions into one MP4 file without encoding.
func (m *Media) remux(ctx context.Context, run tidings.StepRun, name, contentType string, from ...*packager) error {
	dir, remove, err := m.tempDir()
	if err != nil {
		return err
	}
	defer remove()
	args := []string{"-hide_banner", "-nostdin", "-y", "-v", "error"}
	for _, k := range from {
		file, err := m.fetch(ctx, run, k, dir)
		if err != nil {
			return err
		}
		args = append(args, "-f", "mov", "-protocol_whitelist", "file", "-i", "file:"+file)
	}
	for i := range from {
		args = append(args, "-map", itoa(i)+":0")
	}
	out := filepath.Join(dir, "out.mp4")
	args = append(args, "-c", "copy", "-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", "file:"+out)
	if _, err := m.run(ctx, process{program: m.ffmpeg, args: args, dir: dir, timeout: extraTimeout}); err != nil {
		return err
	}
	f, err := os.Open(out)
	if err != nil {
		return err
	}
	defer f.Close()
	a := tidings.Asset{ClipID: run.ClipID, Attempt: run.Attempt, Name: name, ContentType: contentType, Key: key(run, name)}
	if a.Bytes, err = m.cfg.Blobs.PutLarge(ctx, a.Key, f, contentType); err != nil {
		return err
	}
	return m.cfg.Rows.AddAsset(ctx, run, a)
}

// fetch writes a rendition's segments into one private file.
func (m *Media) fetch(ctx context.Context, run tidings.StepRun, k *packager, dir string) (string, error) {
	keys := []string{k.rend.InitKey}
	for seq := range k.next {
		keys = append(keys, key(run, fmt.Sprintf("%s-%05d.m4s", k.rend.Name, seq)))
	}
	path := filepath.Join(dir, k.rend.Name+".mp4")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, concat(ctx, m.cfg.Blobs, keys))
	return path, errors.Join(err, f.Close())
}

// preview is a short moving picture for lists and mail: three seconds, WebP
// (a GIF of the same costs ten times the CPU and twenty times the bytes).
func (m *Media) preview(ctx context.Context, run tidings.StepRun, p plan, made *encoded) error {
	if p.video == nil {
		return nil
	}
	for _, k := range made.packagers {
		if k.rend.Name != p.rungs[len(p.rungs)-1].name || k.next == 0 {
			continue
		}
		keys := []string{k.rend.InitKey}
		for seq := range min(k.next, 3) {
			keys = append(keys, key(run, fmt.Sprintf("%s-%05d.m4s", k.rend.Name, seq)))
		}
		var out bytes.Buffer
		args := []string{"-hide_banner", "-nostdin", "-v", "error", "-f", "mov", "-protocol_whitelist", "pipe", "-i", "pipe:0", "-t", "3", "-an",
			"-vf", "fps=8,scale=w=320:h=320:force_original_aspect_ratio=decrease:force_divisible_by=2", "-c:v", "libwebp_anim", "-q:v", "50", "-loop", "0", "-f", "webp", "pipe:1"}
		dir, remove, err := m.tempDir()
		if err != nil {
			return err
		}
		defer remove()
		if _, err := m.run(ctx, process{program: m.ffmpeg, args: args, stdin: concat(ctx, m.cfg.Blobs, keys), stdout: &out, dir: dir, timeout: extraTimeout}); err != nil {
			return err
		}
		return m.asset(ctx, run, "preview.webp", "image/webp", out.Bytes())
	}
	return nil
}
