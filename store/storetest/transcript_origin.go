package storetest

import (
	"fmt"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// wantOrigins checks who wrote each segment of the shown transcript, as
// "machine", "imported" or "edited by" a person.
func (w *World) wantOrigins(clip tidings.ID, want ...string) []tidings.TranscriptSegment {
	w.t.Helper()
	tr, err := w.Transcript(w.ctx, clip)
	w.noError(err)
	var got []string
	for _, g := range tr.Segments {
		text := string(g.Origin)
		if g.EditedBy != "" {
			text = fmt.Sprintf("%s by %s", text, g.EditedBy)
		}
		if (g.EditedAt != nil) != (g.Origin == tidings.OriginEdited) {
			w.t.Errorf("%s at %v", text, g.EditedAt)
		}
		got = append(got, text)
	}
	equalSlices(w.t, "origins", got, want)
	return tr.Segments
}

// editBy is an edit of consecutive segments.
func (w *World) editBy(user tidings.ID, clip tidings.ID, kind tidings.EditKind, from, to []tidings.TranscriptSegment) {
	w.t.Helper()
	w.Clock.Pass(time.Second)
	_, err := w.EditTranscript(w.ctx, clip, tidings.TranscriptEdit{Kind: kind, UserID: user, From: from, To: to})
	w.noError(err)
}

// testTranscriptOrigins: each segment says who wrote its words, through edits,
// splits, joins, and as often as they are undone and done again.
func testTranscriptOrigins(t *testing.T, w *World) {
	c := w.spokenClip("ask not what", "your country", "can do")
	undo := func(user tidings.ID) { w.noError(w.UndoTranscript(w.ctx, c.ID, user, false)) }
	redo := func(user tidings.ID) { w.noError(w.UndoTranscript(w.ctx, c.ID, user, true)) }
	segs := w.wantOrigins(c.ID, "machine", "machine", "machine")

	w.editBy("ana", c.ID, tidings.EditText, segs[:1], []tidings.TranscriptSegment{segs[0].WithText("Ask not what")})
	segs = w.wantOrigins(c.ID, "edited by ana", "machine", "machine")
	if !segs[0].EditedAt.Equal(w.Clock.Now()) {
		t.Errorf("edited at %v", segs[0].EditedAt)
	}
	one, _, err := w.TranscriptSegment(w.ctx, segs[0].ID)
	w.noError(err)
	equal(t, "origin in an event", fmt.Sprintf("%s by %s", one.Origin, one.EditedBy), "edited by ana")

	undo("ana") // the only edit
	w.wantOrigins(c.ID, "machine", "machine", "machine")
	redo("ana")
	segs = w.wantOrigins(c.ID, "edited by ana", "machine", "machine")

	w.editBy("ben", c.ID, tidings.EditText, segs[:1], []tidings.TranscriptSegment{segs[0].WithText("Ask not")})
	w.wantOrigins(c.ID, "edited by ben", "machine", "machine")
	undo("ben")
	segs = w.wantOrigins(c.ID, "edited by ana", "machine", "machine")

	w.editBy("ben", c.ID, tidings.EditJoin, segs[:2], []tidings.TranscriptSegment{tidings.Join(segs[0], segs[1])})
	segs = w.wantOrigins(c.ID, "edited by ana", "machine")
	a, b, err := segs[1].Split(4)
	w.noError(err)
	w.editBy("ben", c.ID, tidings.EditSplit, segs[1:], []tidings.TranscriptSegment{a, b})
	segs = w.wantOrigins(c.ID, "edited by ana", "machine", "machine")
	a, b, err = segs[0].Split(4)
	w.noError(err)
	w.editBy("ben", c.ID, tidings.EditSplit, segs[:1], []tidings.TranscriptSegment{a, b})
	w.wantOrigins(c.ID, "edited by ana", "edited by ana", "machine", "machine")
	undo("ben")
	undo("ben")
	undo("ben")
	w.wantOrigins(c.ID, "edited by ana", "machine", "machine")
	redo("ben")
	segs = w.wantOrigins(c.ID, "edited by ana", "machine")

	w.editBy("ben", c.ID, tidings.EditGlossary, segs, []tidings.TranscriptSegment{segs[0].WithText("Ask nought"), segs[1].WithText("can dew")})
	segs = w.wantOrigins(c.ID, "edited by ana", "machine")
	named := segs[1]
	named.Speaker = "Ana"
	w.editBy("ben", c.ID, tidings.EditSpeaker, segs[1:], []tidings.TranscriptSegment{named})
	w.wantOrigins(c.ID, "edited by ana", "machine")
}

// testOriginsOfReplacements: a transcript that replaces another one brings its
// own origins.
func testOriginsOfReplacements(t *testing.T, w *World) {
	c := w.spokenClip("helo")
	w.wantOrigins(c.ID, "machine")
	captions := tidings.Transcript{Language: "en", Engine: "import", Model: "vtt", Segments: []tidings.TranscriptSegment{{EndMS: 900, Text: "hello"}, {StartMS: 900, EndMS: 1200, Text: "there"}}}
	w.noError(w.ImportTranscript(w.ctx, c.ID, captions))
	segs := w.wantOrigins(c.ID, "imported", "imported")
	w.editBy("ana", c.ID, tidings.EditText, segs[:1], []tidings.TranscriptSegment{segs[0].WithText("Hello")})
	w.wantOrigins(c.ID, "edited by ana", "imported")
	w.noError(w.UndoTranscript(w.ctx, c.ID, "ana", false))
	w.wantOrigins(c.ID, "imported", "imported")

	fresh, _ := w.Recorded()
	run := w.Take(fresh.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, run, w.addUtterances(run, "a", "draft"), "en"))
	_, err := w.RefineTranscript(w.ctx, run, refinedTranscript("refined"))
	w.noError(err)
	w.wantOrigins(fresh.ID, "machine")
}
