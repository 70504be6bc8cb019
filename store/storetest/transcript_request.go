package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

// A request to transcribe again takes the step from whoever has it; the old
// transcript is shown until the new one replaces it, with the step, in one go.
func testTranscriptRequest(t *testing.T, w *World) {
	c, _ := w.Recorded()
	first := w.Take(c.ID, tidings.StepTranscribe)
	w.ok(w.FinishTranscript(w.ctx, first, w.speak(first, "a", "draft"), "en"))
	w.ok(w.RetryTranscript(w.ctx, tidings.TranscriptRequest{ClipID: c.ID, Engine: "openai", Language: "fr"}))
	eq(t, "step", w.get(c.ID).Steps.Transcribe.State, tidings.StepWaiting)
	w.kind(w.RenewStep(w.ctx, first, tidings.LeaseTTL), tidings.KindConflict)
	_, err := w.RefineTranscript(w.ctx, first, fine("too late"))
	w.kind(err, tidings.KindConflict)
	r, err := w.TranscriptRequest(w.ctx, c.ID)
	w.ok(err)
	eq(t, "request", r.Engine+" "+r.Language, "openai fr")

	run := w.Take(c.ID, tidings.StepTranscribe)
	w.said(c.ID, "a", "draft")
	w.Indexed()
	replaced, err := w.ReplaceTranscript(w.ctx, run, fine("un", "deux"))
	w.ok(err)
	eq(t, "replaced", replaced, true)
	tr := w.said(c.ID, "un", "deux")
	eq(t, "step", w.get(c.ID).Steps.Transcribe.State, tidings.StepDone)
	eq(t, "language of the clip", w.get(c.ID).Language, "fr")
	eq(t, "outbox entries", len(w.Indexed()), 1)
	_, err = w.TranscriptRequest(w.ctx, c.ID)
	w.kind(err, tidings.KindNotFound)
	w.ok(w.FinishStep(w.ctx, run, tidings.StepDone, ""))

	w.ok(w.edit(c.ID, tidings.EditText, tr.Segments[0], tr.Segments[0].Retext("one")))
	w.kind(w.RetryTranscript(w.ctx, tidings.TranscriptRequest{ClipID: c.ID}), tidings.KindConflict)
	w.ok(w.RetryTranscript(w.ctx, tidings.TranscriptRequest{ClipID: c.ID, ReplaceEdits: true}))
	run = w.Take(c.ID, tidings.StepTranscribe)
	w.Clock.Pass(1e9)
	tr = w.said(c.ID, "one", "deux")
	w.ok(w.edit(c.ID, tidings.EditText, tr.Segments[0], tr.Segments[0].Retext("ein")))
	replaced, err = w.ReplaceTranscript(w.ctx, run, fine("no"))
	w.ok(err)
	eq(t, "replaced what was written since", replaced, false)
	w.said(c.ID, "ein", "deux")
}
