package transcribe

import (
	"context"
	"time"

	"tidings.example/tidings/tidings"
)

// ErrBusy says that a clip waits for a place to be written again: run the step
// again after a while.
var ErrBusy = tidings.Errorf(tidings.KindUnavailable, "The transcript stays as it is until there is time to write it again.")

// refineTranscript writes the transcript of a clip again with a better engine and puts
// it in place of the draft, as a whole. Whatever happens before that, the
// draft stays; a draft that a person has edited stays in any case.
func (t *Transcriber) refineTranscript(ctx context.Context, run tidings.StepRun, p transcriptPlan) error {
	draft, err := t.cfg.Rows.Transcript(ctx, run.ClipID)
	if err != nil || draft.EditedAt != nil {
		return err
	}

	err = t.rerun(ctx, run, p.refine, p.opt, false, func(fine tidings.Transcript) (bool, error) {
		return t.cfg.Rows.RefineTranscript(ctx, run, fine)
	})
	switch {
	case err == nil:
		return nil
	case t.cfg.NoAudio != nil && t.cfg.NoAudio(err):
		return nil // the draft says all there is
	case p.acceptDraft && isEngineFault(ctx, err):
		t.cfg.Log.Warn("the draft will do", "clip", run.ClipID, "error", err)
		return nil
	}

	return err
}

// replaceTranscript writes a transcript again because a person asked for it. The old one is
// shown until the new one takes its place, in the transaction that ends the step.
func (t *Transcriber) replaceTranscript(ctx context.Context, run tidings.StepRun, p transcriptPlan) error {
	replace := func(fine tidings.Transcript) (bool, error) { return t.cfg.Rows.ReplaceTranscript(ctx, run, fine) }
	err := t.rerun(ctx, run, p.replace, p.opt, true, replace)
	if err != nil && t.cfg.NoAudio != nil && t.cfg.NoAudio(err) {
		e := p.replace[0]
		_, err = replace(tidings.Transcript{ClipID: run.ClipID, State: tidings.StepDone, Engine: e.Name(), Model: e.Model()})
	}
	return err
}

// rerun has engines write a whole transcript, in turn, and hands it on. It
// tells the progress when the step is still under way.
func (t *Transcriber) rerun(ctx context.Context, run tidings.StepRun, engines []Engine, opt Options, tell bool, put func(tidings.Transcript) (bool, error)) error {
	select {
	case t.refineSlots <- struct{}{}:
		defer func() { <-t.refineSlots }()
	default:
		return ErrBusy
	}
	return t.tryEngines(ctx, run.ClipID, engines, func(e Engine) error {
		start := time.Now()
		fine, err := t.transcribeAll(ctx, run, e, opt, tell)
		if err != nil {
			return err
		}

		replaced, err := put(fine)
		if err != nil {
			return &pipelineError{err}
		}

		t.cfg.Log.Info("transcript written again", "clip", run.ClipID, "engine", fine.Engine, "model", fine.Model, "segments", len(fine.Segments),
			"replaced", replaced, "took", time.Since(start).Round(time.Millisecond))

		return nil
	})
}

// transcribeAll is what an engine makes of a clip.
func (t *Transcriber) transcribeAll(ctx context.Context, run tidings.StepRun, e Engine, opt Options, tell bool) (tidings.Transcript, error) {
	out := tidings.Transcript{ClipID: run.ClipID, State: tidings.StepDone, Draft: !e.Caps().Punctuation, Engine: e.Name(), Model: e.Model()}
	s, err := t.openAudio(ctx, run.ClipID)
	if err != nil {
		return out, &pipelineError{err}
	}
	defer s.Close()

	terms, words, err := t.clipGlossary(ctx, run.ClipID)
	if err != nil {
		return out, &pipelineError{err}
	}

	if tell {
		defer t.reportProgress(ctx, run, s.meter)()
	}

	k := &transcriptWriter{caps: e.Caps(), terms: terms}
	opt.Vocabulary = words
	opt.OnLanguage = k.addLanguageVotes
	opt.OnDelegate = func(by tidings.SpeechEngine) { out.Model, out.Draft = by.Name+" "+by.Model, !by.Punctuation }
	err = e.Transcribe(ctx, s, opt, func(seg tidings.TranscriptSegment) error {
		if seg, ok := k.normaliseSegment(seg); ok {
			out.Segments = append(out.Segments, seg)
			k.countSegment(seg)
		}
		return nil
	})

	out.Language = k.detectedLanguage()
	return out, s.attributeError(nil, err)
}
