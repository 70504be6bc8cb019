package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

func refinedTranscript(words ...string) tidings.Transcript {
	t := tidings.Transcript{Engine: "openai", Model: "whisper-1", Language: "fr"}
	for i, text := range words {
		t.Segments = append(t.Segments, tidings.TranscriptSegment{Seq: int64(i), StartMS: int64(i) * 1000, EndMS: int64(i)*1000 + 900, Text: text,
			Words: []tidings.Word{{StartMS: int64(i) * 1000, EndMS: int64(i)*1000 + 900, Text: text, Estimated: true}}})
	}
	return t
}

// A better transcript replaces the draft whole, is indexed, and ends nothing:
// the run still has its lease. One that a person has edited stays.
func testTranscriptRefined(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	_, err := w.RefineTranscript(w.ctx, run, refinedTranscript("too soon"))
	w.wantKind(err, tidings.KindConflict)
	w.noError(w.FinishTranscript(w.ctx, run, w.addUtterances(run, "a", "draft"), "en"))
	w.Indexed()
	replaced, err := w.RefineTranscript(w.ctx, run, refinedTranscript("un", "deux", "trois"))
	w.noError(err)
	equal(t, "replaced", replaced, true)
	tr := w.wantTranscript(c.ID, "un", "deux", "trois")
	equal(t, "draft", tr.Draft, false)
	equal(t, "engine", tr.Engine+"/"+tr.Model, "openai/whisper-1")
	equal(t, "state", tr.State, tidings.StepDone)
	equal(t, "estimated", tr.Segments[0].Words[0].Estimated, true)
	equal(t, "language of the clip, which the draft had wrong", w.mustClip(c.ID).Language, "fr")
	equal(t, "outbox entries", len(w.Indexed()), 1)
	var n int
	w.noError(w.DB().QueryRowContext(w.ctx, `SELECT count(*) FROM transcript_segments`).Scan(&n))
	equal(t, "segments left", n, 3)

	w.noError(w.editTranscript(c.ID, tidings.EditText, tr.Segments[0], tr.Segments[0].WithText("one")))
	replaced, err = w.RefineTranscript(w.ctx, run, refinedTranscript("no"))
	w.noError(err)
	equal(t, "replaced what a person wrote", replaced, false)
	w.wantTranscript(c.ID, "one", "deux", "trois")

	w.noError(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	_, err = w.RefineTranscript(w.ctx, run, refinedTranscript("too late"))
	w.wantKind(err, tidings.KindConflict)
}

// A refinement that is given up leaves the draft and says why, on the step, by an
// event and to operators; the step can be tried again, and success says so.
func testRefinementGivenUp(t *testing.T, w *World) {
	const why = "The speech engine gives answers that cannot be read."
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, run, w.addUtterances(run, "a", "draft"), "en"))
	w.markJobsRunning(c.ID)
	events, _ := w.Subscribe(w.ctx, 0)
	w.wantKind(w.FinishStep(w.ctx, run, tidings.StepFailed, why), tidings.KindConflict) // it stays done
	equal(t, "event", (<-events).Type, tidings.EventClipStep)
	st := w.mustClip(c.ID).Steps.Transcribe
	equal(t, "step", st, tidings.StepStatus{State: tidings.StepDone, Progress: 1, Failure: why})
	equal(t, "it has failed", st.HasFailed(), true)
	w.wantTranscript(c.ID, "a", "draft")

	load, err := w.Load(w.ctx)
	w.noError(err)
	for _, q := range load.Queues {
		if q.Step == tidings.StepTranscribe {
			equal(t, "failed transcriptions", q.Failed, 1)
		}
	}

	w.noError(w.RetryStep(w.ctx, c.ID, tidings.StepTranscribe))
	again := w.Take(c.ID, tidings.StepTranscribe)
	equal(t, "why, while it is tried again", w.mustClip(c.ID).Steps.Transcribe.Failure, "")
	finished, err := w.ResumeTranscript(w.ctx, again)
	w.noError(err)
	equal(t, "the draft is there", finished, true)
	_, err = w.RefineTranscript(w.ctx, again, refinedTranscript("un"))
	w.noError(err)
	w.noError(w.FinishStep(w.ctx, again, tidings.StepDone, ""))
	equal(t, "step after that", w.mustClip(c.ID).Steps.Transcribe, tidings.StepStatus{State: tidings.StepDone, Progress: 1})
}

// A run that was killed while it refined leaves the draft; the next one takes
// it up as its own and goes on, and the slow one before it writes no more.
func testTranscriptResumed(t *testing.T, w *World) {
	c, _ := w.Recorded()
	first := w.Take(c.ID, tidings.StepTranscribe)
	whole, err := w.ResumeTranscript(w.ctx, first)
	w.noError(err)
	equal(t, "whole before there is any", whole, false)
	id := w.addUtterances(first, "a")
	whole, err = w.ResumeTranscript(w.ctx, first)
	w.noError(err)
	equal(t, "whole while it is written", whole, false)
	equal(t, "step", w.mustClip(c.ID).Steps.Transcribe.State, tidings.StepRunning)
	w.noError(w.FinishTranscript(w.ctx, first, id, "en"))

	w.Clock.Pass(2 * tidings.LeaseTTL)
	second := w.Take(c.ID, tidings.StepTranscribe)
	_, err = w.RefineTranscript(w.ctx, first, refinedTranscript("late"))
	w.wantKind(err, tidings.KindConflict)
	_, err = w.ResumeTranscript(w.ctx, first)
	w.wantKind(err, tidings.KindConflict)
	whole, err = w.ResumeTranscript(w.ctx, second)
	w.noError(err)
	equal(t, "whole", whole, true)
	equal(t, "step", w.mustClip(c.ID).Steps.Transcribe.State, tidings.StepDone)
	w.wantTranscript(c.ID, "a")
	replaced, err := w.RefineTranscript(w.ctx, second, refinedTranscript("b"))
	w.noError(err)
	equal(t, "replaced", replaced, true)
	w.wantTranscript(c.ID, "b")

	// A failed refinement does not fail the step.
	w.wantKind(w.FinishStep(w.ctx, second, tidings.StepFailed, "The engine is down."), tidings.KindConflict)
	equal(t, "step", w.mustClip(c.ID).Steps.Transcribe.State, tidings.StepDone)
	w.wantTranscript(c.ID, "b")
}

// testTranscriptPieces: what an engine has made of pieces stays until the step is
// done, also when its refinement fails, and goes with the clip.
func testTranscriptPieces(t *testing.T, w *World) {
	c, _ := w.Recorded()
	other, _ := w.Recorded()
	w.noError(w.PutTranscriptPiece(w.ctx, c.ID, "a", []byte("one")))
	w.noError(w.PutTranscriptPiece(w.ctx, c.ID, "a", []byte("two")))
	w.noError(w.PutTranscriptPiece(w.ctx, other.ID, "a", []byte("other")))
	wantPiece := func(clip tidings.ID, want string) {
		t.Helper()
		got, err := w.TranscriptPiece(w.ctx, clip, "a")
		if want == "" {
			w.wantKind(err, tidings.KindNotFound)
			return
		}
		w.noError(err)
		equal(t, "piece", string(got), want)
	}
	wantPiece(c.ID, "two")

	run := w.Take(c.ID, tidings.StepTranscribe)
	id, err := w.StartTranscript(w.ctx, run, tidings.Transcript{Draft: true, Engine: "vosk", Refinement: tidings.RefinedMeanwhile})
	w.noError(err)
	equal(t, "refinement", w.wantTranscript(c.ID).Refinement, tidings.RefinedMeanwhile)
	w.noError(w.SetRefinement(w.ctx, run, tidings.RefinedAfterwards))
	equal(t, "refinement", w.wantTranscript(c.ID).Refinement, tidings.RefinedAfterwards)

	w.noError(w.FinishTranscript(w.ctx, run, id, "en"))
	w.wantKind(w.SetRefinement(w.ctx, run, tidings.RefinedMeanwhile), tidings.KindConflict)
	wantPiece(c.ID, "two")
	w.wantKind(w.FinishStep(w.ctx, run, tidings.StepFailed, "It failed."), tidings.KindConflict)
	wantPiece(c.ID, "two")

	w.noError(w.RetryStep(w.ctx, c.ID, tidings.StepTranscribe))
	w.noError(w.FinishStep(w.ctx, w.Take(c.ID, tidings.StepTranscribe), tidings.StepDone, ""))
	wantPiece(c.ID, "")
	wantPiece(other.ID, "other")
}
