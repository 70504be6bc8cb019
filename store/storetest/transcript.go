package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func (w *World) speak(run tidings.StepRun, words ...string) tidings.ID {
	w.t.Helper()
	id, err := w.StartTranscript(w.ctx, run, tidings.Transcript{Draft: true, Engine: "vosk", Model: "small"})
	w.ok(err)
	p := 0.5
	for i, text := range words {
		seg := tidings.TranscriptSegment{Seq: int64(i), StartMS: int64(i) * 1000, EndMS: int64(i)*1000 + 900, Text: text,
			Words: []tidings.Word{{StartMS: int64(i) * 1000, EndMS: int64(i)*1000 + 900, Text: text, P: &p}}}
		w.ok(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{seg}))
	}
	return id
}

// said is the transcript that is shown.
func (w *World) said(clip tidings.ID, want ...string) tidings.Transcript {
	w.t.Helper()
	tr, err := w.Transcript(w.ctx, clip)
	w.ok(err)
	var got []string
	for _, s := range tr.Segments {
		got = append(got, s.Text)
	}
	same(w.t, "transcript", got, want)
	w.searched(tr)
	return tr
}

// searched checks that a search reads what the transcript says.
func (w *World) searched(tr tidings.Transcript) {
	w.t.Helper()
	all, err := w.TranscriptTexts(w.ctx, []tidings.ID{"none", tr.ClipID})
	w.ok(err)
	said, ok := all[tr.ClipID]
	if !ok || len(all) != 1 || len(said.Segments) != len(tr.Segments) {
		w.t.Fatalf("spoken %+v of %d segments", all, len(tr.Segments))
	}

	var texts []string
	for i, g := range tr.Segments {
		texts = append(texts, g.Text)
		eq(w.t, "spoken segment", fmt.Sprintf("%+v", said.Segments[i]), fmt.Sprintf("%+v",
			tidings.TranscriptSegment{ID: g.ID, StartMS: g.StartMS, EndMS: g.EndMS, Text: g.Text, Speaker: g.Speaker}))
		var words []tidings.Word
		for _, word := range g.Words {
			words = append(words, tidings.Word{StartMS: word.StartMS, EndMS: word.EndMS, Text: word.Text})
		}

		times := said.Words(i)
		for k := range times { // while it is being written, they come with all there is
			times[k] = tidings.Word{StartMS: times[k].StartMS, EndMS: times[k].EndMS, Text: times[k].Text}
		}

		eq(w.t, "spoken words", fmt.Sprintf("%+v", times), fmt.Sprintf("%+v", words))
	}

	eq(w.t, "spoken text", said.Text, strings.Join(texts, " "))
}

func testTranscript(t *testing.T, w *World) {
	c, _ := w.Recorded()
	_, err := w.Transcript(w.ctx, c.ID)
	w.kind(err, tidings.KindNotFound)
	w.Indexed()
	run := w.Take(c.ID, tidings.StepTranscribe)
	id := w.speak(run, "hello", "wörld 🎬")
	tr := w.said(c.ID, "hello", "wörld 🎬") // while it grows
	eq(t, "state", tr.State, tidings.StepRunning)
	eq(t, "engine", tr.Engine, "vosk")
	eq(t, "draft", tr.Draft, true)
	eq(t, "word", tr.Segments[1].Words[0].Text, "wörld 🎬")
	eq(t, "confidence", *tr.Segments[1].Words[0].P, 0.5)
	eq(t, "outbox entries while it grows", len(w.Indexed()), 1)
	w.ok(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{{Seq: 2, StartMS: 2000, EndMS: 2500, Text: "no words"}}))
	seg, clip, err := w.TranscriptSegment(w.ctx, tr.Segments[0].ID)
	w.ok(err)
	eq(t, "clip of a segment", clip, c.ID)
	eq(t, "text", seg.Text, "hello")
	w.ok(w.FinishTranscript(w.ctx, run, id, "en"))
	tr = w.said(c.ID, "hello", "wörld 🎬", "no words")
	eq(t, "state", tr.State, tidings.StepDone)
	eq(t, "language", w.get(c.ID).Language, "en")
	eq(t, "step", w.get(c.ID).Steps.Transcribe.State, tidings.StepDone)
	w.kind(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{{Seq: 3, Text: "late"}}), tidings.KindConflict)
	_, _, err = w.TranscriptSegment(w.ctx, "none")
	w.kind(err, tidings.KindNotFound)
}

func testTranscriptRerun(t *testing.T, w *World) {
	c, _ := w.Recorded()
	dead := w.Take(c.ID, tidings.StepTranscribe)
	half := w.speak(dead, "half a")
	w.Clock.Pass(tidings.LeaseTTL + time.Millisecond)
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.kind(w.AddTranscriptSegments(w.ctx, dead, half, []tidings.TranscriptSegment{{Seq: 1, Text: "late"}}), tidings.KindConflict)
	w.kind(w.FinishTranscript(w.ctx, dead, half, "en"), tidings.KindConflict)
	_, err := w.StartTranscript(w.ctx, dead, tidings.Transcript{})
	w.kind(err, tidings.KindConflict)
	id := w.speak(run, "a whole", "sentence")
	w.said(c.ID, "a whole", "sentence") // in place of the half
	w.ok(w.FinishTranscript(w.ctx, run, id, "en"))
	w.ok(w.FinishStep(w.ctx, run, tidings.StepDone, ""))

	w.ok(w.RetryStep(w.ctx, c.ID, tidings.StepTranscribe))
	run = w.Take(c.ID, tidings.StepTranscribe)
	id = w.speak(run, "better")
	w.said(c.ID, "a whole", "sentence") // until the new one is whole
	w.ok(w.FinishTranscript(w.ctx, run, id, "de"))
	eq(t, "transcript", w.said(c.ID, "better").ID, id)
	eq(t, "language a person or the first engine set", w.get(c.ID).Language, "en")
	var n int
	w.ok(w.DB().QueryRowContext(w.ctx, `SELECT count(*) FROM transcript_segments`).Scan(&n))
	eq(t, "segments left", n, 1)
}

// What was heard before an engine gave up stays, and is not shown as going on.
func testTranscriptFails(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.speak(run, "half a")
	w.ok(w.FinishStep(w.ctx, run, tidings.StepFailed, "The engine gave up."))
	eq(t, "state", w.said(c.ID, "half a").State, tidings.StepFailed)

	w.ok(w.RetryStep(w.ctx, c.ID, tidings.StepTranscribe))
	run = w.Take(c.ID, tidings.StepTranscribe)
	w.ok(w.FinishTranscript(w.ctx, run, w.speak(run, "a whole"), "en"))
	eq(t, "state", w.said(c.ID, "a whole").State, tidings.StepDone)
}

func testTranscriptEdited(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	id := w.speak(run, "helo")
	w.ok(w.FinishTranscript(w.ctx, run, id, "en"))
	w.ok(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	w.Indexed()
	seg := w.said(c.ID, "helo").Segments[0]
	before, err := w.Document(w.ctx, c.ID)
	w.ok(err)
	other := w.NewClip()
	next := seg.Retext("hello")
	w.kind(w.edit(other.ID, tidings.EditText, seg, next), tidings.KindNotFound)
	missing := seg
	missing.ID = "none"
	w.kind(w.edit(c.ID, tidings.EditText, missing, missing), tidings.KindStale)
	w.ok(w.edit(c.ID, tidings.EditText, seg, next))
	tr := w.said(c.ID, "hello")
	if tr.EditedAt == nil || !tr.EditedAt.Equal(w.Clock.Now()) {
		t.Fatalf("edited at %v", tr.EditedAt)
	}

	_, err = w.DB().ExecContext(w.ctx, "UPDATE transcript_speech SET body = $1", []byte{255, 0})
	w.ok(err)
	w.searched(tr) // of what another version wrote, the segments are read
	w.ok(w.edit(c.ID, tidings.EditText, tr.Segments[0], tr.Segments[0].Retext("hullo")))
	w.ok(w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, false))
	tr = w.said(c.ID, "hello")
	doc, err := w.Document(w.ctx, c.ID)
	w.ok(err)
	eq(t, "indexed text", doc.Transcript[0].Text, "hello")
	found, err := w.DocumentsByID(w.ctx, []tidings.ID{"none", c.ID})
	w.ok(err)

	if len(found) != 1 || found[0].Version <= before.Version || len(found[0].Transcript) != 0 {
		t.Errorf("found %+v after version %d", found, before.Version)
	}

	w.ok(w.RetryStep(w.ctx, c.ID, tidings.StepTranscribe))
	run = w.Take(c.ID, tidings.StepTranscribe)
	w.ok(w.FinishTranscript(w.ctx, run, w.speak(run, "helo"), "en"))
	eq(t, "what a person wrote", w.said(c.ID, "hello").ID, id)
	eq(t, "step", w.get(c.ID).Steps.Transcribe.State, tidings.StepDone)
}
