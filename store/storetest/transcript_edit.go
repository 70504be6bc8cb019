package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

func (w *World) edit(clip tidings.ID, kind tidings.EditKind, from tidings.TranscriptSegment, to ...tidings.TranscriptSegment) error {
	_, err := w.EditTranscript(w.ctx, clip, tidings.TranscriptEdit{Kind: kind, UserID: w.Owner.ID, From: []tidings.TranscriptSegment{from}, To: to})
	return err
}

// spoken is a clip with a whole transcript.
func (w *World) spoken(words ...string) tidings.Clip {
	w.t.Helper()
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.ok(w.FinishTranscript(w.ctx, run, w.speak(run, words...), "en"))
	w.ok(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	return c
}

// Edits are undone and done again in order, with their word times; what
// somebody else has changed since stays.
func testTranscriptUndo(t *testing.T, w *World) {
	c := w.spoken("ask not what", "your country", "can do")
	first := w.said(c.ID, "ask not what", "your country", "can do").Segments
	w.ok(w.edit(c.ID, tidings.EditText, first[0], first[0].Retext("Ask not what")))
	seg := w.said(c.ID, "Ask not what", "your country", "can do").Segments[0]
	eq(t, "version", seg.Version, 2)
	a, b, err := seg.Split(4)
	w.ok(err)
	w.ok(w.edit(c.ID, tidings.EditSplit, seg, a, b))
	tr := w.said(c.ID, "Ask", "not what", "your country", "can do")
	for i, g := range tr.Segments {
		eq(t, "sequence", g.Seq, int64(i))
	}

	_, err = w.EditTranscript(w.ctx, c.ID, tidings.TranscriptEdit{Kind: tidings.EditJoin, UserID: w.Owner.ID, From: tr.Segments[1:3],
		To: []tidings.TranscriptSegment{tidings.Join(tr.Segments[1], tr.Segments[2])}})
	w.ok(err)
	w.said(c.ID, "Ask", "not what your country", "can do")

	undo := func() error { return w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, false) }
	redo := func() error { return w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, true) }
	w.kind(redo(), tidings.KindConflict)
	w.ok(undo())
	w.said(c.ID, "Ask", "not what", "your country", "can do")
	w.ok(undo())
	w.ok(undo())
	back := w.said(c.ID, "ask not what", "your country", "can do").Segments
	eq(t, "end of a word", back[0].Words[0].EndMS, first[0].Words[0].EndMS)
	eq(t, "confidence of a word", *back[0].Words[0].P, *first[0].Words[0].P)
	w.kind(undo(), tidings.KindConflict)
	w.ok(redo())
	w.ok(redo())
	w.ok(redo())
	w.said(c.ID, "Ask", "not what your country", "can do")
	w.ok(undo())

	// A new edit forgets what was undone; another person's stands in the way.
	now := w.said(c.ID, "Ask", "not what", "your country", "can do").Segments
	w.ok(w.edit(c.ID, tidings.EditText, now[3], now[3].Retext("can do for you")))
	w.kind(redo(), tidings.KindConflict)
	now = w.said(c.ID, "Ask", "not what", "your country", "can do for you").Segments
	_, err = w.EditTranscript(w.ctx, c.ID, tidings.TranscriptEdit{Kind: tidings.EditText, UserID: "somebody", From: now[3:], To: []tidings.TranscriptSegment{now[3].Retext("can do for us")}})
	w.ok(err)
	w.kind(undo(), tidings.KindStale)
	w.kind(w.edit(c.ID, tidings.EditText, now[3], now[3]), tidings.KindStale)
	w.kind(w.edit(c.ID, tidings.EditJoin, now[0], now[2]), tidings.KindStale)
	w.said(c.ID, "Ask", "not what", "your country", "can do for us")
}

// A captions file takes the place of what an engine wrote, also of what it is
// writing; and stays.
func testTranscriptImport(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	id := w.speak(run, "half a")
	seg := w.said(c.ID, "half a").Segments[0]
	a, b, err := seg.Split(5)
	w.ok(err)
	w.kind(w.edit(c.ID, tidings.EditSplit, seg, a, b), tidings.KindConflict) // it is being written
	captions := tidings.Transcript{Language: "en", Engine: "import", Model: "vtt", Segments: []tidings.TranscriptSegment{
		{StartMS: 0, EndMS: 900, Text: "hello"}, {StartMS: 900, EndMS: 2000, Text: "there", Speaker: "Ana"}}}
	w.ok(w.ImportTranscript(w.ctx, c.ID, captions))
	w.ok(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{{Seq: 1, Text: "sentence"}}))
	w.ok(w.FinishTranscript(w.ctx, run, id, "en"))
	tr := w.said(c.ID, "hello", "there")
	eq(t, "engine", tr.Engine, "import")
	eq(t, "state", tr.State, tidings.StepDone)
	eq(t, "speaker", tr.Segments[1].Speaker, "Ana")
	var n int
	w.ok(w.DB().QueryRowContext(w.ctx, `SELECT count(*) FROM transcripts`).Scan(&n))
	eq(t, "transcripts left", n, 1)
	w.ok(w.ImportTranscript(w.ctx, c.ID, captions))
	doc, err := w.Document(w.ctx, c.ID)
	w.ok(err)
	eq(t, "indexed", len(doc.Transcript), 2)
	w.kind(w.ImportTranscript(w.ctx, "none", captions), tidings.KindNotFound)
}

// Silences come with the transcript once the sound was measured.
func testSilences(t *testing.T, w *World) {
	c := w.spoken("hello", "um", "there")
	tr := w.said(c.ID, "hello", "um", "there")
	eq(t, "silences", len(tr.Silences), 0)
	same(t, "fillers", tr.Fillers, []tidings.Span{{StartMS: 1000, EndMS: 1900}})
	run := w.Take(c.ID, tidings.StepTranscode)
	w.ok(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 9000, Quiet: []tidings.Span{{StartMS: 2000, EndMS: 5000}, {StartMS: 6000, EndMS: 6500}}}))
	same(t, "silences", w.said(c.ID, "hello", "um", "there").Silences, []tidings.Span{{StartMS: 3000, EndMS: 4900}})
}
