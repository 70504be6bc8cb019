package transcribe

import (
	"cmp"
	"context"
	"time"

	"tidings"
)

// ErrBusy says that a clip has its draft and waits for a place to be refined:
// run the step again after a while.
var ErrBusy = tidings.Errorf(tidings.KindUnavailable, "The transcript is a draft until there is time to refine it.")

// refine writes the transcript of a clip again with the better engine and puts
// it in place of the draft, as a whole. Whatever happens before that, the
// draft stays; a draft that a person has edited stays in any case.
func (t *Transcriber) refine(ctx context.Context, run tidings.StepRun) error {
	draft, err := t.cfg.Rows.Transcript(ctx, run.ClipID)
	if err != nil || draft.EditedAt != nil {
		return err
	}
	select {
	case t.refining <- struct{}{}:
		defer func() { <-t.refining }()
	default:
		return ErrBusy
	}
	start := time.Now()
	fine, err := t.again(ctx, run.ClipID)
	if err != nil {
		if t.cfg.NoAudio != nil && t.cfg.NoAudio(err) {
			return nil // the draft says all there is
		}
		return err
	}
	replaced, err := t.cfg.Rows.RefineTranscript(ctx, run, fine)
	if err != nil {
		return err
	}
	t.cfg.Log.Info("transcript refined", "clip", run.ClipID, "engine", fine.Engine, "model", fine.Model, "segments", len(fine.Segments),
		"replaced", replaced, "took", time.Since(start).Round(time.Millisecond))
	return nil
}

// again is what the better engine makes of a clip.
func (t *Transcriber) again(ctx context.Context, clip tidings.ID) (tidings.Transcript, error) {
	e := t.cfg.Refine
	out := tidings.Transcript{ClipID: clip, State: tidings.StepDone, Draft: !e.Caps().Punctuation, Engine: e.Name(), Model: e.Model()}
	opt, err := t.wishes(ctx, clip)
	if err != nil {
		return out, err
	}
	s, err := t.open(ctx, clip)
	if err != nil {
		return out, err
	}
	defer s.Close()
	k := &keeper{caps: e.Caps()}
	opt.Detected = k.detected
	err = e.Transcribe(ctx, s, opt, func(seg tidings.TranscriptSegment) error {
		if seg, ok := k.tidy(seg); ok {
			out.Segments = append(out.Segments, seg)
			k.count(seg)
		}
		return nil
	})
	out.Language = k.language()
	return out, err
}

// wishes are what is known before a clip is transcribed. Its language counts
// when a person chose it, that is, when it is not the one that an engine heard.
func (t *Transcriber) wishes(ctx context.Context, clip tidings.ID) (Options, error) {
	c, err := t.cfg.Rows.Clip(ctx, clip)
	if err != nil {
		return Options{}, err
	}
	old, err := t.cfg.Rows.Transcript(ctx, clip)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return Options{}, err
	}
	chosen := c.Language
	if chosen == old.Language {
		chosen = ""
	}
	return Options{Language: cmp.Or(chosen, t.cfg.Language)}, nil
}
