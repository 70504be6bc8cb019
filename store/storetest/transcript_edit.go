package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

func (w *World) editTranscript(clip tidings.ID, kind tidings.EditKind, from tidings.TranscriptSegment, to ...tidings.TranscriptSegment) error {
	_, err := w.EditTranscript(w.ctx, clip, tidings.TranscriptEdit{Kind: kind, UserID: w.Owner.ID, From: []tidings.TranscriptSegment{from}, To: to})
	return err
}

// spokenClip is a clip with a finished transcript.
func (w *World) spokenClip(words ...string) tidings.Clip {
	w.t.Helper()
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, run, w.addUtterances(run, words...), "en"))
	w.noError(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	return c
}

// Edits are undone and done again in order, with their word times; what
// another person has changed since stays.
func testTranscriptUndo(t *testing.T, w *World) {
	c := w.spokenClip("ask not what", "your country", "can do")
	first := w.wantTranscript(c.ID, "ask not what", "your country", "can do").Segments
	w.noError(w.editTranscript(c.ID, tidings.EditText, first[0], first[0].WithText("Ask not what")))
	seg := w.wantTranscript(c.ID, "Ask not what", "your country", "can do").Segments[0]
	equal(t, "version", seg.Version, 2)
	a, b, err := seg.Split(4)
	w.noError(err)
	w.noError(w.editTranscript(c.ID, tidings.EditSplit, seg, a, b))
	tr := w.wantTranscript(c.ID, "Ask", "not what", "your country", "can do")
	for i, g := range tr.Segments {
		equal(t, "sequence", g.Seq, int64(i))
	}

	_, err = w.EditTranscript(w.ctx, c.ID, tidings.TranscriptEdit{Kind: tidings.EditJoin, UserID: w.Owner.ID, From: tr.Segments[1:3],
		To: []tidings.TranscriptSegment{tidings.Join(tr.Segments[1], tr.Segments[2])}})
	w.noError(err)
	w.wantTranscript(c.ID, "Ask", "not what your country", "can do")

	undo := func() error { return w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, false) }
	redo := func() error { return w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, true) }
	w.wantKind(redo(), tidings.KindConflict)
	w.noError(undo())
	w.wantTranscript(c.ID, "Ask", "not what", "your country", "can do")
	w.noError(undo())
	w.noError(undo())
	back := w.wantTranscript(c.ID, "ask not what", "your country", "can do").Segments
	equal(t, "end of a word", back[0].Words[0].EndMS, first[0].Words[0].EndMS)
	equal(t, "confidence of a word", *back[0].Words[0].P, *first[0].Words[0].P)
	w.wantKind(undo(), tidings.KindConflict)
	w.noError(redo())
	w.noError(redo())
	w.noError(redo())
	w.wantTranscript(c.ID, "Ask", "not what your country", "can do")
	w.noError(undo())

	// A new edit ends redo; an edit of another person blocks undo.
	now := w.wantTranscript(c.ID, "Ask", "not what", "your country", "can do").Segments
	w.noError(w.editTranscript(c.ID, tidings.EditText, now[3], now[3].WithText("can do for you")))
	w.wantKind(redo(), tidings.KindConflict)
	now = w.wantTranscript(c.ID, "Ask", "not what", "your country", "can do for you").Segments
	_, err = w.EditTranscript(w.ctx, c.ID, tidings.TranscriptEdit{Kind: tidings.EditText, UserID: "somebody", From: now[3:], To: []tidings.TranscriptSegment{now[3].WithText("can do for us")}})
	w.noError(err)
	w.wantKind(undo(), tidings.KindStale)
	w.wantKind(w.editTranscript(c.ID, tidings.EditText, now[3], now[3]), tidings.KindStale)
	w.wantKind(w.editTranscript(c.ID, tidings.EditJoin, now[0], now[2]), tidings.KindStale)
	w.wantTranscript(c.ID, "Ask", "not what", "your country", "can do for us")
}

// A captions file replaces what an engine wrote, also while it is
// writing, and is not replaced.
func testTranscriptImport(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	id := w.addUtterances(run, "half a")
	seg := w.wantTranscript(c.ID, "half a").Segments[0]
	a, b, err := seg.Split(5)
	w.noError(err)
	w.wantKind(w.editTranscript(c.ID, tidings.EditSplit, seg, a, b), tidings.KindConflict) // it is being written
	captions := tidings.Transcript{Language: "en", Engine: "import", Model: "vtt", Segments: []tidings.TranscriptSegment{
		{StartMS: 0, EndMS: 900, Text: "hello"}, {StartMS: 900, EndMS: 2000, Text: "there", Speaker: "Ana"}}}
	w.noError(w.ImportTranscript(w.ctx, c.ID, captions))
	w.noError(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{{Seq: 1, Text: "sentence"}}))
	w.noError(w.FinishTranscript(w.ctx, run, id, "en"))
	tr := w.wantTranscript(c.ID, "hello", "there")
	equal(t, "engine", tr.Engine, "import")
	equal(t, "state", tr.State, tidings.StepDone)
	equal(t, "speaker", tr.Segments[1].Speaker, "Ana")
	var n int
	w.noError(w.DB().QueryRowContext(w.ctx, `SELECT count(*) FROM transcripts`).Scan(&n))
	equal(t, "transcripts left", n, 1)
	w.noError(w.ImportTranscript(w.ctx, c.ID, captions))
	doc, err := w.Document(w.ctx, c.ID)
	w.noError(err)
	equal(t, "indexed", len(doc.Transcript), 2)
	w.wantKind(w.ImportTranscript(w.ctx, "none", captions), tidings.KindNotFound)
}

// Silences come with the transcript once the sound was measured.
func testSilences(t *testing.T, w *World) {
	c := w.spokenClip("hello", "um", "there")
	tr := w.wantTranscript(c.ID, "hello", "um", "there")
	equal(t, "silences", len(tr.Silences), 0)
	equalSlices(t, "fillers", tr.Fillers, []tidings.Span{{StartMS: 1000, EndMS: 1900}})
	run := w.Take(c.ID, tidings.StepTranscode)
	w.noError(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 9000, Quiet: []tidings.Span{{StartMS: 2000, EndMS: 5000}, {StartMS: 6000, EndMS: 6500}}}))
	equalSlices(t, "silences", w.wantTranscript(c.ID, "hello", "um", "there").Silences, []tidings.Span{{StartMS: 3000, EndMS: 4900}})
}
