package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

// The turns of a transcript take the place of what was written as it came, with
// the end of its step. Where a person has edited that meanwhile it stays.
func testTranscriptTurns(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	id := w.addUtterances(run, "did you", "yes when")
	turns := refinedTranscript("did you", "yes", "when").Segments
	for i := range turns {
		turns[i].Speaker = []string{"Speaker 1", "Speaker 2"}[i%2]
	}
	w.noError(w.FinishTranscript(w.ctx, run, id, "en", turns...))
	tr := w.wantTranscript(c.ID, "did you", "yes", "when")
	equal(t, "transcript", tr.ID, id)
	equal(t, "state", tr.State, tidings.StepDone)
	equal(t, "speaker", tr.Segments[1].Speaker, "Speaker 2")
	equal(t, "origin", tr.Segments[1].Origin, tidings.OriginMachine)
	equal(t, "step", w.mustClip(c.ID).Steps.Transcribe.State, tidings.StepDone)

	w.noError(w.editTranscript(c.ID, tidings.EditSpeaker, tr.Segments[1], withSpeaker(tr.Segments[1], "Ana")))
	replaced, err := w.RefineTranscript(w.ctx, run, refinedTranscript("no"))
	w.noError(err)
	equal(t, "replaced what a person named", replaced, false)

	c, _ = w.Recorded()
	run = w.Take(c.ID, tidings.StepTranscribe)
	id = w.addUtterances(run, "did you", "yes when")
	seg := w.wantTranscript(c.ID, "did you", "yes when").Segments[0]
	w.noError(w.editTranscript(c.ID, tidings.EditSpeaker, seg, withSpeaker(seg, "Bo")))
	w.noError(w.FinishTranscript(w.ctx, run, id, "en", turns...))
	equal(t, "speaker", w.wantTranscript(c.ID, "did you", "yes when").Segments[0].Speaker, "Bo")
}

func withSpeaker(seg tidings.TranscriptSegment, speaker string) tidings.TranscriptSegment {
	seg.Speaker = speaker
	return seg
}
