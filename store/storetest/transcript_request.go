package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

// A request to transcribe again ends the lease of a run; the old
// transcript is shown until the new one replaces it, with the step, in one go.
func testTranscriptRequest(t *testing.T, w *World) {
	c, _ := w.Recorded()
	first := w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, first, w.addUtterances(first, "a", "draft"), "en"))
	w.noError(w.RetryTranscript(w.ctx, tidings.TranscriptRequest{ClipID: c.ID, Engine: "openai", Language: "fr"}))
	equal(t, "step", w.mustClip(c.ID).Steps.Transcribe.State, tidings.StepWaiting)
	w.wantKind(w.RenewStep(w.ctx, first, tidings.LeaseTTL), tidings.KindConflict)
	_, err := w.RefineTranscript(w.ctx, first, refinedTranscript("too late"))
	w.wantKind(err, tidings.KindConflict)
	r, err := w.TranscriptRequest(w.ctx, c.ID)
	w.noError(err)
	equal(t, "request", r.Engine+" "+r.Language, "openai fr")

	run := w.Take(c.ID, tidings.StepTranscribe)
	w.wantTranscript(c.ID, "a", "draft")
	w.Indexed()
	replaced, err := w.ReplaceTranscript(w.ctx, run, refinedTranscript("un", "deux"))
	w.noError(err)
	equal(t, "replaced", replaced, true)
	tr := w.wantTranscript(c.ID, "un", "deux")
	equal(t, "step", w.mustClip(c.ID).Steps.Transcribe.State, tidings.StepDone)
	equal(t, "language of the clip", w.mustClip(c.ID).Language, "fr")
	equal(t, "outbox entries", len(w.Indexed()), 1)
	_, err = w.TranscriptRequest(w.ctx, c.ID)
	w.wantKind(err, tidings.KindNotFound)
	w.noError(w.FinishStep(w.ctx, run, tidings.StepDone, ""))

	w.noError(w.editTranscript(c.ID, tidings.EditText, tr.Segments[0], tr.Segments[0].WithText("one")))
	w.wantKind(w.RetryTranscript(w.ctx, tidings.TranscriptRequest{ClipID: c.ID}), tidings.KindConflict)
	w.noError(w.RetryTranscript(w.ctx, tidings.TranscriptRequest{ClipID: c.ID, ReplaceEdits: true}))
	run = w.Take(c.ID, tidings.StepTranscribe)
	w.Clock.Pass(1e9)
	tr = w.wantTranscript(c.ID, "one", "deux")
	w.noError(w.editTranscript(c.ID, tidings.EditText, tr.Segments[0], tr.Segments[0].WithText("ein")))
	replaced, err = w.ReplaceTranscript(w.ctx, run, refinedTranscript("no"))
	w.noError(err)
	equal(t, "replaced what was written since", replaced, false)
	w.wantTranscript(c.ID, "ein", "deux")
}
