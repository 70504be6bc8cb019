package transcribe

import (
	"context"
	"time"

	"tidings.example/tidings/tidings"
)

// ErrBusy says that all refinement slots are in use: run the step again after a
// while.
var ErrBusy = tidings.Errorf(tidings.KindUnavailable, "The transcript stays as it is until there is time to write it again.")

// refineTranscript transcribes a clip again with a better engine and replaces
// the draft in one transaction. Until then the draft stays; a draft that a user
// has edited stays in any case.
//
// The result is that of c, if it has one: what c has finished is not done again.
func (t *Transcriber) refineTranscript(ctx context.Context, run tidings.StepRun, p transcriptPlan, c *concurrentRefinement) error {
	draft, err := t.cfg.Rows.Transcript(ctx, run.ClipID)
	if err != nil || draft.EditedAt != nil {
		return err
	}

	put := func(refined tidings.Transcript) (bool, error) {
		if n := len(wordsOf(draft.Segments)); n >= muchSpeech && len(refined.Segments) == 0 {
			return false, nothingHeardError(n)
		}
		takeDraftTimes(refined, draft)
		return t.cfg.Rows.RefineTranscript(ctx, run, refined)
	}
	if c.finished(ctx) {
		err = t.putTranscript(run, c.refined, c.start, put)
	} else {
		err = t.transcribeAgain(ctx, run, p.refine, p.opt, false, put)
	}

	switch {
	case err == nil:
		return nil
	case t.cfg.NoAudio != nil && t.cfg.NoAudio(err):
		return nil // there is nothing to refine
	case p.acceptDraft && isEngineFault(ctx, err):
		t.cfg.Log.Warn("the draft will do", "clip", run.ClipID, "error", err)
		return nil
	}

	return err
}

// replaceTranscript transcribes a clip again because a user requested it. The
// old transcript is shown until the new one replaces it, in the transaction that
// ends the step.
func (t *Transcriber) replaceTranscript(ctx context.Context, run tidings.StepRun, p transcriptPlan) error {
	replace := func(refined tidings.Transcript) (bool, error) { return t.cfg.Rows.ReplaceTranscript(ctx, run, refined) }
	err := t.transcribeAgain(ctx, run, p.replace, p.opt, true, replace)
	if err != nil && t.cfg.NoAudio != nil && t.cfg.NoAudio(err) {
		e := p.replace[0]
		_, err = replace(tidings.Transcript{ClipID: run.ClipID, State: tidings.StepDone, Engine: e.Name(), Model: e.Model()})
	}
	return err
}

// transcribeAgain makes a complete transcript with the first engine that succeeds, and
// stores it by put. withProgress reports the progress of the step, when that is
// still running.
func (t *Transcriber) transcribeAgain(ctx context.Context, run tidings.StepRun, engines []Engine, opt Options, withProgress bool, put func(tidings.Transcript) (bool, error)) error {
	select {
	case t.refineSlots <- struct{}{}:
		defer func() { <-t.refineSlots }()
	default:
		return ErrBusy
	}
	return t.tryEngines(ctx, run.ClipID, engines, func(e Engine) error {
		start := time.Now()
		refined, err := t.transcribeAll(ctx, run, e, opt, func(s *clipAudio) (stop func()) {
			if !withProgress {
				return func() {}
			}
			return t.reportProgress(ctx, run, s.meter)
		})
		if err != nil {
			return err
		}

		return t.putTranscript(run, refined, start, put)
	})
}

// putTranscript stores a complete transcript by put.
func (t *Transcriber) putTranscript(run tidings.StepRun, refined tidings.Transcript, start time.Time, put func(tidings.Transcript) (bool, error)) error {
	replaced, err := put(refined)
	if IsUnreadable(err) {
		return err
	}
	if err != nil {
		return &pipelineError{err}
	}

	t.cfg.Log.Info("transcript written again", "clip", run.ClipID, "engine", refined.Engine, "model", refined.Model, "segments", len(refined.Segments),
		"replaced", replaced, "took", time.Since(start).Round(time.Millisecond))

	return nil
}

// transcribeAll is the complete transcript of a clip by an engine, collected in
// memory. follow gets the sound before the engine does; what it returns is called
// when the engine has ended.
func (t *Transcriber) transcribeAll(ctx context.Context, run tidings.StepRun, e Engine, opt Options, follow func(*clipAudio) (stop func())) (tidings.Transcript, error) {
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

	defer follow(s)()

	k := &transcriptWriter{caps: e.Caps(), terms: terms}
	opt.Vocabulary, opt.Pieces = words, clipPieces{t, run.ClipID, e}
	opt.OnLanguage = k.addLanguageVotes
	opt.OnDelegate = func(by tidings.SpeechEngine) { out.Model, out.Draft = by.Name+" "+by.Model, !by.Punctuation }
	var heard []tidings.TranscriptSegment
	err = e.Transcribe(ctx, s, opt, func(seg tidings.TranscriptSegment) error {
		heard = append(heard, seg)
		return nil
	})

	heard, _ = k.divideTurns(heard, s.channelLevels())
	if !out.Draft {
		heard = recutSegments(heard, opt.Language)
	}

	out.Segments = k.normaliseAll(heard)
	out.Language = k.detectedLanguage()
	return out, s.attributeError(nil, err)
}
