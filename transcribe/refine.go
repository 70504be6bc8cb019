package transcribe

import (
	"context"
	"time"

	"tidings.example/tidings/tidings"
)

// ErrBusy says that a clip waits for a place to be written again: run the step
// again after a while.
var ErrBusy = tidings.Errorf(tidings.KindUnavailable, "The transcript stays as it is until there is time to write it again.")

// refine writes the transcript of a clip again with a better engine and puts
// it in place of the draft, as a whole. Whatever happens before that, the
// draft stays; a draft that a person has edited stays in any case.
func (t *Transcriber) refine(ctx context.Context, run tidings.StepRun, p plan) error {
	draft, err := t.cfg.Rows.Transcript(ctx, run.ClipID)
	if err != nil || draft.EditedAt != nil {
		return err
	}

	err = t.again(ctx, run, p.refine, p.opt, false, func(fine tidings.Transcript) (bool, error) {
		return t.cfg.Rows.RefineTranscript(ctx, run, fine)
	})
	switch {
	case err == nil:
		return nil
	case t.cfg.NoAudio != nil && t.cfg.NoAudio(err):
		return nil // the draft says all there is
	case p.settle && faulty(ctx, err):
		t.cfg.Log.Warn("the draft will do", "clip", run.ClipID, "error", err)
		return nil
	}

	return err
}

// redo writes a transcript again because a person asked for it. The old one is
// shown until the new one takes its place, in the transaction that ends the step.
func (t *Transcriber) redo(ctx context.Context, run tidings.StepRun, p plan) error {
	replace := func(fine tidings.Transcript) (bool, error) { return t.cfg.Rows.ReplaceTranscript(ctx, run, fine) }
	err := t.again(ctx, run, p.redo, p.opt, true, replace)
	if err != nil && t.cfg.NoAudio != nil && t.cfg.NoAudio(err) {
		e := p.redo[0]
		_, err = replace(tidings.Transcript{ClipID: run.ClipID, State: tidings.StepDone, Engine: e.Name(), Model: e.Model()})
	}
	return err
}

// again has engines write a whole transcript, in turn, and hands it on. It
// tells the progress when the step is still under way.
func (t *Transcriber) again(ctx context.Context, run tidings.StepRun, engines []Engine, opt Options, tell bool, put func(tidings.Transcript) (bool, error)) error {
	select {
	case t.refining <- struct{}{}:
		defer func() { <-t.refining }()
	default:
		return ErrBusy
	}
	return t.inTurn(ctx, run.ClipID, engines, func(e Engine) error {
		start := time.Now()
		fine, err := t.whole(ctx, run, e, opt, tell)
		if err != nil {
			return err
		}

		replaced, err := put(fine)
		if err != nil {
			return &notEngine{err}
		}

		t.cfg.Log.Info("transcript written again", "clip", run.ClipID, "engine", fine.Engine, "model", fine.Model, "segments", len(fine.Segments),
			"replaced", replaced, "took", time.Since(start).Round(time.Millisecond))

		return nil
	})
}

// whole is what an engine makes of a clip.
func (t *Transcriber) whole(ctx context.Context, run tidings.StepRun, e Engine, opt Options, tell bool) (tidings.Transcript, error) {
	out := tidings.Transcript{ClipID: run.ClipID, State: tidings.StepDone, Draft: !e.Caps().Punctuation, Engine: e.Name(), Model: e.Model()}
	s, err := t.open(ctx, run.ClipID)
	if err != nil {
		return out, &notEngine{err}
	}
	defer s.Close()

	terms, words, err := t.terms(ctx, run.ClipID)
	if err != nil {
		return out, &notEngine{err}
	}

	if tell {
		defer t.progress(ctx, run, s.meter)()
	}

	k := &keeper{caps: e.Caps(), terms: terms}
	opt.Vocabulary = words
	opt.Detected = k.detected
	opt.By = func(by tidings.SpeechEngine) { out.Model, out.Draft = by.Name+" "+by.Model, !by.Punctuation }
	err = e.Transcribe(ctx, s, opt, func(seg tidings.TranscriptSegment) error {
		if seg, ok := k.tidy(seg); ok {
			out.Segments = append(out.Segments, seg)
			k.count(seg)
		}
		return nil
	})

	out.Language = k.language()
	return out, s.blame(nil, err)
}
