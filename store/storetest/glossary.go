package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

func testGlossary(t *testing.T, w *World) {
	g, err := w.Glossary(w.ctx, w.WS.ID)
	w.noError(err)
	equal(t, "version before there is one", g.Version, 0)
	g.Entries = []tidings.GlossaryEntry{{Term: "Tidings", SoundsLike: []string{"tie dings"}, CaseSensitive: true, Note: "us"}}
	g, err = w.PutGlossary(w.ctx, w.WS.ID, g)
	w.noError(err)
	equal(t, "version", g.Version, 1)
	_, err = w.PutGlossary(w.ctx, w.WS.ID, tidings.Glossary{})
	w.wantKind(err, tidings.KindStale)
	g.Entries = append(g.Entries, tidings.GlossaryEntry{Term: "Ana"})
	_, err = w.PutGlossary(w.ctx, w.WS.ID, g)
	w.noError(err)
	_, err = w.PutGlossary(w.ctx, w.WS.ID, g)
	w.wantKind(err, tidings.KindStale)
	g, err = w.Glossary(w.ctx, w.WS.ID)
	w.noError(err)
	equal(t, "entries", len(g.Entries), 2)
	equal(t, "note", g.Entries[0].Note, "us")
	equal(t, "version", g.Version, 2)
}

// A correction is offered to the person who made it twice, unless they took it
// back or said no.
func testCorrections(t *testing.T, w *World) {
	c := w.spokenClip("anna", "anna", "anna")
	fix := func(user tidings.ID, at int) {
		t.Helper()
		tr, err := w.Transcript(w.ctx, c.ID)
		w.noError(err)
		from := tr.Segments[at]
		to := from.WithText("Ana")
		_, err = w.EditTranscript(w.ctx, c.ID, tidings.TranscriptEdit{Kind: tidings.EditText, UserID: user, From: []tidings.TranscriptSegment{from},
			To: []tidings.TranscriptSegment{to}, Corrections: tidings.Corrections(from, to)})
		w.noError(err)
	}

	offered := func(user tidings.ID, want int) {
		t.Helper()
		got, err := w.Corrections(w.ctx, w.WS.ID, user)
		w.noError(err)
		equal(t, "offered", len(got), want)
		if want > 0 {
			equal(t, "correction", got[0], tidings.Correction{Original: "anna", Replacement: "Ana", Times: 2})
		}
	}

	fix(w.Owner.ID, 0)
	fix("somebody", 1)
	offered(w.Owner.ID, 0)
	fix(w.Owner.ID, 2)
	offered(w.Owner.ID, 1)
	offered("somebody", 0)
	w.noError(w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, false))
	offered(w.Owner.ID, 0)
	w.noError(w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, true))
	offered(w.Owner.ID, 1)
	w.noError(w.DismissCorrection(w.ctx, w.WS.ID, w.Owner.ID, tidings.Correction{Original: "anna", Replacement: "Ana"}))
	offered(w.Owner.ID, 0)
	w.wantKind(w.DismissCorrection(w.ctx, w.WS.ID, "somebody else", tidings.Correction{Original: "anna", Replacement: "Ana"}), tidings.KindNotFound)
}
