package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

func fine(words ...string) tidings.Transcript {
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
	_, err := w.RefineTranscript(w.ctx, run, fine("too soon"))
	w.kind(err, tidings.KindConflict)
	w.ok(w.FinishTranscript(w.ctx, run, w.speak(run, "a", "draft"), "en"))
	w.Indexed()
	replaced, err := w.RefineTranscript(w.ctx, run, fine("un", "deux", "trois"))
	w.ok(err)
	eq(t, "replaced", replaced, true)
	tr := w.said(c.ID, "un", "deux", "trois")
	eq(t, "draft", tr.Draft, false)
	eq(t, "engine", tr.Engine+"/"+tr.Model, "openai/whisper-1")
	eq(t, "state", tr.State, tidings.StepDone)
	eq(t, "estimated", tr.Segments[0].Words[0].Estimated, true)
	eq(t, "language of the clip, which the draft had wrong", w.get(c.ID).Language, "fr")
	eq(t, "outbox entries", len(w.Indexed()), 1)
	var n int
	w.ok(w.DB().QueryRowContext(w.ctx, `SELECT count(*) FROM transcript_segments`).Scan(&n))
	eq(t, "segments left", n, 3)

	w.ok(w.edit(c.ID, tidings.EditText, tr.Segments[0], tr.Segments[0].Retext("one")))
	replaced, err = w.RefineTranscript(w.ctx, run, fine("no"))
	w.ok(err)
	eq(t, "replaced what a person wrote", replaced, false)
	w.said(c.ID, "one", "deux", "trois")

	w.ok(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	_, err = w.RefineTranscript(w.ctx, run, fine("too late"))
	w.kind(err, tidings.KindConflict)
}

// A run that was killed while it refined leaves the draft; the next one takes
// it up as its own and goes on, and the slow one before it writes no more.
func testTranscriptResumed(t *testing.T, w *World) {
	c, _ := w.Recorded()
	first := w.Take(c.ID, tidings.StepTranscribe)
	whole, err := w.ResumeTranscript(w.ctx, first)
	w.ok(err)
	eq(t, "whole before there is any", whole, false)
	id := w.speak(first, "a")
	whole, err = w.ResumeTranscript(w.ctx, first)
	w.ok(err)
	eq(t, "whole while it is written", whole, false)
	eq(t, "step", w.get(c.ID).Steps.Transcribe.State, tidings.StepRunning)
	w.ok(w.FinishTranscript(w.ctx, first, id, "en"))

	w.Clock.Pass(2 * tidings.LeaseTTL)
	second := w.Take(c.ID, tidings.StepTranscribe)
	_, err = w.RefineTranscript(w.ctx, first, fine("late"))
	w.kind(err, tidings.KindConflict)
	_, err = w.ResumeTranscript(w.ctx, first)
	w.kind(err, tidings.KindConflict)
	whole, err = w.ResumeTranscript(w.ctx, second)
	w.ok(err)
	eq(t, "whole", whole, true)
	eq(t, "step", w.get(c.ID).Steps.Transcribe.State, tidings.StepDone)
	w.said(c.ID, "a")
	replaced, err := w.RefineTranscript(w.ctx, second, fine("b"))
	w.ok(err)
	eq(t, "replaced", replaced, true)
	w.said(c.ID, "b")

	// A refinement that fails is no failure of the step.
	w.kind(w.FinishStep(w.ctx, second, tidings.StepFailed, "The engine is down."), tidings.KindConflict)
	eq(t, "step", w.get(c.ID).Steps.Transcribe.State, tidings.StepDone)
	w.said(c.ID, "b")
}
