package media

import (
	"context"
	"errors"
	"io"
	"time"

	"tidings.example/tidings/tidings"
)

// Transcode is the step transcode: it follows the original of a clip from its
// first byte and makes it playable while it grows. Once the clip plays as a
// whole it calls FinishMedia; then it makes extras (poster, storyboard,
// downloads), which are best effort, and returns.
//
// Errors of the bytes are KindUnsupported or KindInvalid: no retry helps.
func (m *Media) Transcode(ctx context.Context, run tidings.StepRun) error {
	src, err := m.cfg.Source.Follow(ctx, run.ClipID)
	if err != nil {
		return err
	}
	defer src.Close()

	dir, remove, err := m.tempDir()
	if err != nil {
		return err
	}
	defer remove()

	o, err := m.open(ctx, src, dir)
	if err != nil {
		return err
	}

	e := m.newEncode(run, planFor(o.tracks, m.cfg.Ladder), dir)
	if err := m.cfg.Rows.StartMedia(ctx, run, plain(o.tracks), e.plan.renditions(run)); err != nil {
		return err
	}
	defer e.aside.Wait()

	if err := e.run(ctx, o, e.plan, false); err != nil {
		if err := e.again(ctx, o, src, err); err != nil {
			return err
		}
	}

	if !e.playable() {
		return nothingPlays(nil)
	}

	result := e.result(o.tracks)
	if err := m.cfg.Rows.FinishMedia(ctx, run, result); err != nil {
		return err
	}

	m.cfg.Log.Info("clip plays as a whole", "clip", run.ClipID, "renditions", len(e.packagers), "length", time.Duration(result.DurationMS)*time.Millisecond,
		"cpu", e.usage.CPU.Round(10*time.Millisecond), "rss_mb", e.usage.MaxRSS>>20)
	m.extras(ctx, e)

	return nil
}

// again is the second run over the same original, for playback alone: if an
// extra output made ffmpeg fail, the clip must still play. If that fails too,
// what came is kept: a recording may be damaged in its middle.
func (e *encode) again(ctx context.Context, o original, src io.Closer, why error) error {
	if !ofFFmpeg(ctx, why) {
		return why
	}

	e.media.cfg.Log.Warn("ffmpeg failed; once more for playback alone", "clip", e.lease.ClipID, "error", why)
	if o.file == "" {
		src.Close()
		fresh, err := e.media.cfg.Source.Follow(ctx, e.lease.ClipID)
		if err != nil {
			return err
		}
		defer fresh.Close()

		o.reader = fresh
	}

	err := e.run(ctx, o, e.plan.essentials(), true)
	switch {
	case err == nil:
		return nil
	case !ofFFmpeg(ctx, err):
		return err
	case !e.playable():
		return nothingPlays(err)
	}

	e.media.cfg.Log.Warn("ffmpeg failed again; what came is kept", "clip", e.lease.ClipID, "error", err)
	return nil
}

// ofFFmpeg reports whether err is ffmpeg's own verdict on the bytes: not the
// end of the step, not our storage or source, not a machine that is full.
func ofFFmpeg(ctx context.Context, err error) bool {
	var f *ffmpegError
	return ctx.Err() == nil && errors.As(err, &f) && !f.machine()
}

func nothingPlays(err error) error {
	return tidings.Wrap(err, tidings.KindUnsupported, "Nothing in this file could be played: it may be damaged or empty.")
}
