package media

import (
	"context"
	"io"
	"time"

	"tidings.example/tidings/tidings"
)

// Transcode is the step transcode: it follows the original of a clip from its
// first byte and makes it playable while it grows. Once the whole clip plays it
// calls FinishMedia; then it makes the extras (poster, storyboard, downloads),
// which are best effort, and returns.
//
// Errors of the bytes are KindUnsupported or KindInvalid: a retry does not help.
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

	o, err := m.openOriginal(ctx, src, dir)
	if err != nil {
		return err
	}

	e := m.newTranscodeRun(run, planFor(o.tracks, m.cfg.Ladder), dir)
	if err := m.cfg.Rows.StartMedia(ctx, run, trackRows(o.tracks), e.plan.renditionRows(run)); err != nil {
		return err
	}
	defer e.background.Wait()

	if err := e.runFFmpeg(ctx, o, e.plan, false); err != nil {
		if err := e.rerunForPlayback(ctx, o, src, err); err != nil {
			return err
		}
	}

	if !e.hasSegments() {
		return notPlayableError(nil)
	}

	result := e.mediaResult(o.tracks)
	if err := m.cfg.Rows.FinishMedia(ctx, run, result); err != nil {
		return err
	}

	m.cfg.Log.Info("clip plays as a whole", "clip", run.ClipID, "renditions", len(e.packagers), "length", time.Duration(result.DurationMS)*time.Millisecond,
		"cpu", e.usage.CPU.Round(10*time.Millisecond), "rss_mb", e.usage.MaxRSS>>20)
	return m.makeExtras(ctx, e)
}

// rerunForPlayback is the second run over the same original, for playback alone: if an
// extra output made ffmpeg fail, the clip must still play. If that fails too,
// the segments made so far are kept: a recording may be damaged in its middle.
func (t *transcodeRun) rerunForPlayback(ctx context.Context, o original, src io.Closer, why error) error {
	if !isFFmpegFault(ctx, why) {
		return why
	}

	t.media.cfg.Log.Warn("ffmpeg failed; once more for playback alone", "clip", t.lease.ClipID, "error", why)
	if o.file == "" {
		src.Close()
		fresh, err := t.media.cfg.Source.Follow(ctx, t.lease.ClipID)
		if err != nil {
			return err
		}
		defer fresh.Close()

		o.reader = fresh
	}

	err := t.runFFmpeg(ctx, o, t.plan.playbackOnly(), true)
	switch {
	case err == nil:
		return nil
	case !isFFmpegFault(ctx, err):
		return err
	case !t.hasSegments():
		return notPlayableError(err)
	}

	t.media.cfg.Log.Warn("ffmpeg failed again; what came is kept", "clip", t.lease.ClipID, "error", err)
	return nil
}

// notPlayableError is the error of an original without anything to play.
func notPlayableError(err error) error {
	return tidings.Wrap(err, tidings.KindUnsupported, "Nothing in this file could be played: it may be damaged or empty.")
}
