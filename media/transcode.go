package media

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"tidings"
)

// essentialsFrom is the attempt from which only playback is made: if an extra
// output makes ffmpeg fail, the clip must still play.
const essentialsFrom = 3

// Transcode is the step transcode: it follows the original of a clip from its
// first byte and makes it playable while it grows. It returns when the clip
// plays as a whole; extras (poster, storyboard, downloads) are best effort.
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
	in, c, tracks, err := m.open(ctx, src, dir)
	if err != nil {
		return err
	}
	p := planFor(tracks, run.Attempt >= essentialsFrom)
	if p.video == nil && p.audio == nil {
		return tidings.Errorf(tidings.KindUnsupported, "There is no picture and no sound in this file that we can read.")
	}
	made, err := m.encode(ctx, run, p, c, in)
	if err != nil {
		return err
	}
	if err := m.cfg.Rows.FinishMedia(ctx, run, made.result(p, tracks)); err != nil {
		return err
	}
	m.extras(ctx, run, p, made)
	return nil
}

// encoded is what one run of ffmpeg made.
type encoded struct {
	packagers []*packager
	wave      waveform
	stills    stills
	usage     usage
	bytes     int64
}

// encode runs ffmpeg over the input and carries its segments to storage.
func (m *Media) encode(ctx context.Context, run tidings.StepRun, p plan, c container, in input) (*encoded, error) {
	rs := p.renditions(run)
	tracks := make([]tidings.Track, 0, 2)
	for _, t := range []*tidings.Track{p.video, p.audio} {
		if t != nil {
			tracks = append(tracks, *t)
		}
	}
	if err := m.cfg.Rows.StartMedia(ctx, run, tracks, rs); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	made := &encoded{}
	ended := make(chan struct{})
	first := func(r tidings.Rendition) {
		if r.Kind == tidings.RenditionVideo && r.Name == p.rungs[0].name {
			m.poster(ctx, run, r)
		}
	}
	wait, err := m.packagers(ctx, cancel, run, rs, in.dir, ended, first)
	if err != nil {
		return nil, err
	}
	var counted *counter
	if in.reader != nil {
		counted = &counter{r: in.reader}
		in.reader = counted
	}
	var stdin io.Reader
	if counted != nil {
		stdin = counted
	}
	u, ferr := m.run(ctx, process{program: m.ffmpeg, args: p.args(c, in), stdin: stdin, dir: in.dir,
		outputs: []func(io.Reader) error{made.wave.read, made.stills.read}})
	close(ended)
	made.packagers, made.usage = wait(), u
	if counted != nil {
		made.bytes = counted.n.Load()
	}
	return made, m.verdict(ctx, run, made, ferr)
}

// verdict decides what the end of ffmpeg means. A recording that broke off
// makes ffmpeg complain, but what came before is whole and playable.
func (m *Media) verdict(ctx context.Context, run tidings.StepRun, made *encoded, ferr error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	playable := false
	for _, p := range made.packagers {
		playable = playable || p.next > 0
	}
	switch {
	case ferr == nil && playable:
		return nil
	case playable && run.Attempt >= 2: // once more from the start, then take what there is
		m.cfg.Log.Warn("ffmpeg complained; what came is kept", "clip", run.ClipID, "error", ferr)
		return nil
	case playable:
		return ferr
	case run.Attempt < 2 && ferr != nil:
		return ferr
	}
	return tidings.Wrap(ferr, tidings.KindUnsupported, "Nothing in this file could be played: it may be damaged or empty.")
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n atomic.Int64
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// result is what is now known of the clip.
func (e *encoded) result(p plan, tracks []tidings.Track) tidings.MediaResult {
	r := tidings.MediaResult{Tracks: tracks}
	var video, audio int64
	for _, k := range e.packagers {
		switch {
		case k.rend.Kind == tidings.RenditionAudio:
			audio = k.total
		case k.rend.Name == p.rungs[0].name:
			video, r.Width, r.Height = k.total, k.rend.Width, k.rend.Height
		}
	}
	r.DurationMS = (max(video, audio) + 500) / 1000
	r.Report.Silences = e.wave.silences
	r.Report.LoudnessLUFS, r.Report.PeakDBFS = loudness(e.usage.Log)
	r.Report.Clipping = r.Report.PeakDBFS != nil && *r.Report.PeakDBFS >= 0
	if video > 0 && audio > 0 {
		r.Report.AVDiffMS = (video - audio) / 1000
	}
	return r
}

// extras makes what is not needed for playing. Each failure is logged and
// costs only its own extra.
func (m *Media) extras(ctx context.Context, run tidings.StepRun, p plan, made *encoded) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	for _, extra := range []struct {
		name string
		make func(context.Context, tidings.StepRun, plan, *encoded) error
	}{{"peaks", m.peaks}, {"storyboard", m.storyboard}, {"downloads", m.downloads}, {"preview", m.preview}} {
		if err := extra.make(ctx, run, p, made); err != nil && !errors.Is(err, context.Canceled) {
			m.cfg.Log.Warn("extra not made", "extra", extra.name, "clip", run.ClipID, "error", err)
		}
	}
}
