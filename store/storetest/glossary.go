package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

func testGlossary(t *testing.T, w *World) {
	g, err := w.Glossary(w.ctx, w.WS.ID)
	w.ok(err)
	eq(t, "version before there is one", g.Version, 0)
	g.Entries = []tidings.GlossaryEntry{{Term: "Tidings", SoundsLike: []string{"tie dings"}, CaseSensitive: true, Note: "us"}}
	g, err = w.PutGlossary(w.ctx, w.WS.ID, g)
	w.ok(err)
	eq(t, "version", g.Version, 1)
	_, err = w.PutGlossary(w.ctx, w.WS.ID, tidings.Glossary{})
	w.kind(err, tidings.KindStale)
	g.Entries = append(g.Entries, tidings.GlossaryEntry{Term: "Ana"})
	_, err = w.PutGlossary(w.ctx, w.WS.ID, g)
	w.ok(err)
	_, err = w.PutGlossary(w.ctx, w.WS.ID, g)
	w.kind(err, tidings.KindStale)
	g, err = w.Glossary(w.ctx, w.WS.ID)
	w.ok(err)
	eq(t, "entries", len(g.Entries), 2)
	eq(t, "note", g.Entries[0].Note, "us")
	eq(t, "version", g.Version, 2)
}

// A correction is offered to the person who made it twice, unless they took it
// back or said no.
func testCorrections(t *testing.T, w *World) {
	c := w.spoken("anna", "anna", "anna")
	fix := func(user tidings.ID, at int) {
		t.Helper()
		tr, err := w.Transcript(w.ctx, c.ID)
		w.ok(err)
		from := tr.Segments[at]
		to := from.Retext("Ana")
		_, err = w.EditTranscript(w.ctx, c.ID, tidings.TranscriptEdit{Kind: tidings.EditText, UserID: user, From: []tidings.TranscriptSegment{from},
			To: []tidings.TranscriptSegment{to}, Corrections: tidings.Corrections(from, to)})
		w.ok(err)
	}

	offered := func(user tidings.ID, want int) {
		t.Helper()
		got, err := w.Corrections(w.ctx, w.WS.ID, user)
		w.ok(err)
		eq(t, "offered", len(got), want)
		if want > 0 {
			eq(t, "correction", got[0], tidings.Correction{Heard: "anna", Written: "Ana", Times: 2})
		}
	}

	fix(w.Owner.ID, 0)
	fix("somebody", 1)
	offered(w.Owner.ID, 0)
	fix(w.Owner.ID, 2)
	offered(w.Owner.ID, 1)
	offered("somebody", 0)
	w.ok(w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, false))
	offered(w.Owner.ID, 0)
	w.ok(w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, true))
	offered(w.Owner.ID, 1)
	w.ok(w.DismissCorrection(w.ctx, w.WS.ID, w.Owner.ID, tidings.Correction{Heard: "anna", Written: "Ana"}))
	offered(w.Owner.ID, 0)
	w.kind(w.DismissCorrection(w.ctx, w.WS.ID, "somebody else", tidings.Correction{Heard: "anna", Written: "Ana"}), tidings.KindNotFound)
}
