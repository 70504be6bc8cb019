package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func (w *World) addUtterances(run tidings.StepRun, words ...string) tidings.ID {
	w.t.Helper()
	id, err := w.StartTranscript(w.ctx, run, tidings.Transcript{Draft: true, Engine: "vosk", Model: "small"})
	w.noError(err)
	p := 0.5
	for i, text := range words {
		seg := tidings.TranscriptSegment{Seq: int64(i), StartMS: int64(i) * 1000, EndMS: int64(i)*1000 + 900, Text: text,
			Words: []tidings.Word{{StartMS: int64(i) * 1000, EndMS: int64(i)*1000 + 900, Text: text, P: &p}}}
		w.noError(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{seg}))
	}
	return id
}

// wantTranscript checks the transcript that is shown.
func (w *World) wantTranscript(clip tidings.ID, want ...string) tidings.Transcript {
	w.t.Helper()
	tr, err := w.Transcript(w.ctx, clip)
	w.noError(err)
	var got []string
	for _, s := range tr.Segments {
		got = append(got, s.Text)
	}
	equalSlices(w.t, "transcript", got, want)
	w.wantTranscriptText(tr)
	return tr
}

// wantTranscriptText checks that search reads the text of the transcript.
func (w *World) wantTranscriptText(tr tidings.Transcript) {
	w.t.Helper()
	all, err := w.TranscriptTexts(w.ctx, []tidings.ID{"none", tr.ClipID})
	w.noError(err)
	said, ok := all[tr.ClipID]
	if !ok || len(all) != 1 || len(said.Segments) != len(tr.Segments) {
		w.t.Fatalf("spoken %+v of %d segments", all, len(tr.Segments))
	}

	var texts []string
	for i, g := range tr.Segments {
		texts = append(texts, g.Text)
		equal(w.t, "spoken segment", fmt.Sprintf("%+v", said.Segments[i]), fmt.Sprintf("%+v",
			tidings.TranscriptSegment{ID: g.ID, StartMS: g.StartMS, EndMS: g.EndMS, Text: g.Text, Speaker: g.Speaker}))
		var words []tidings.Word
		for _, word := range g.Words {
			words = append(words, tidings.Word{StartMS: word.StartMS, EndMS: word.EndMS, Text: word.Text})
		}

		times := said.Words(i)
		for k := range times { // words come with the segments while it is being written
			times[k] = tidings.Word{StartMS: times[k].StartMS, EndMS: times[k].EndMS, Text: times[k].Text}
		}

		equal(w.t, "spoken words", fmt.Sprintf("%+v", times), fmt.Sprintf("%+v", words))
	}

	equal(w.t, "spoken text", said.Text, strings.Join(texts, " "))
}

func testTranscript(t *testing.T, w *World) {
	c, _ := w.Recorded()
	_, err := w.Transcript(w.ctx, c.ID)
	w.wantKind(err, tidings.KindNotFound)
	w.Indexed()
	run := w.Take(c.ID, tidings.StepTranscribe)
	id := w.addUtterances(run, "hello", "wörld 🎬")
	tr := w.wantTranscript(c.ID, "hello", "wörld 🎬") // while it grows
	equal(t, "state", tr.State, tidings.StepRunning)
	equal(t, "engine", tr.Engine, "vosk")
	equal(t, "draft", tr.Draft, true)
	equal(t, "word", tr.Segments[1].Words[0].Text, "wörld 🎬")
	equal(t, "confidence", *tr.Segments[1].Words[0].P, 0.5)
	equal(t, "outbox entries while it grows", len(w.Indexed()), 1)
	w.noError(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{{Seq: 2, StartMS: 2000, EndMS: 2500, Text: "no words"}}))
	seg, clip, err := w.TranscriptSegment(w.ctx, tr.Segments[0].ID)
	w.noError(err)
	equal(t, "clip of a segment", clip, c.ID)
	equal(t, "text", seg.Text, "hello")
	w.noError(w.FinishTranscript(w.ctx, run, id, "en"))
	tr = w.wantTranscript(c.ID, "hello", "wörld 🎬", "no words")
	equal(t, "state", tr.State, tidings.StepDone)
	equal(t, "language", w.mustClip(c.ID).Language, "en")
	equal(t, "step", w.mustClip(c.ID).Steps.Transcribe.State, tidings.StepDone)
	w.wantKind(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{{Seq: 3, Text: "late"}}), tidings.KindConflict)
	_, _, err = w.TranscriptSegment(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)
}

func testTranscriptRerun(t *testing.T, w *World) {
	c, _ := w.Recorded()
	dead := w.Take(c.ID, tidings.StepTranscribe)
	half := w.addUtterances(dead, "half a")
	w.Clock.Pass(tidings.LeaseTTL + time.Millisecond)
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.wantKind(w.AddTranscriptSegments(w.ctx, dead, half, []tidings.TranscriptSegment{{Seq: 1, Text: "late"}}), tidings.KindConflict)
	w.wantKind(w.FinishTranscript(w.ctx, dead, half, "en"), tidings.KindConflict)
	_, err := w.StartTranscript(w.ctx, dead, tidings.Transcript{})
	w.wantKind(err, tidings.KindConflict)
	id := w.addUtterances(run, "a whole", "sentence")
	w.wantTranscript(c.ID, "a whole", "sentence") // replaces the unfinished one
	w.noError(w.FinishTranscript(w.ctx, run, id, "en"))
	w.noError(w.FinishStep(w.ctx, run, tidings.StepDone, ""))

	w.noError(w.RetryStep(w.ctx, c.ID, tidings.StepTranscribe))
	run = w.Take(c.ID, tidings.StepTranscribe)
	id = w.addUtterances(run, "better")
	w.wantTranscript(c.ID, "a whole", "sentence") // until the new one is finished
	w.noError(w.FinishTranscript(w.ctx, run, id, "de"))
	equal(t, "transcript", w.wantTranscript(c.ID, "better").ID, id)
	equal(t, "language a person or the first engine set", w.mustClip(c.ID).Language, "en")
	var n int
	w.noError(w.DB().QueryRowContext(w.ctx, `SELECT count(*) FROM transcript_segments`).Scan(&n))
	equal(t, "segments left", n, 1)
}

// What was heard before an engine gave up stays, and is not shown as going on.
func testTranscriptFails(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.addUtterances(run, "half a")
	w.noError(w.FinishStep(w.ctx, run, tidings.StepFailed, "The engine gave up."))
	equal(t, "state", w.wantTranscript(c.ID, "half a").State, tidings.StepFailed)

	w.noError(w.RetryStep(w.ctx, c.ID, tidings.StepTranscribe))
	run = w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, run, w.addUtterances(run, "a whole"), "en"))
	equal(t, "state", w.wantTranscript(c.ID, "a whole").State, tidings.StepDone)
}

// testTranscriptUnfinished: what a failed or killed run has written is shown, and
// can be found, until the next one has come as far.
func testTranscriptUnfinished(t *testing.T, w *World) {
	c, _ := w.Recorded()
	first := w.Take(c.ID, tidings.StepTranscribe)
	w.addUtterances(first, "one", "two", "three")
	w.noError(w.FinishStep(w.ctx, first, tidings.StepFailed, "The engine gave up."))
	w.Indexed()
	w.noError(w.RetryTranscript(w.ctx, tidings.TranscriptRequest{ClipID: c.ID}))

	second := w.Take(c.ID, tidings.StepTranscribe)
	id := w.addUtterances(second, "one", "too")
	w.wantTranscript(c.ID, "one", "two", "three")
	equal(t, "outbox entries while nothing that is shown changes", len(w.Indexed()), 0)
	w.noError(w.AddTranscriptSegments(w.ctx, second, id, []tidings.TranscriptSegment{{Seq: 2, StartMS: 2000, EndMS: 2900, Text: "free"}}))
	w.wantTranscript(c.ID, "one", "too", "free")
	equal(t, "outbox entries", len(w.Indexed()), 1)

	w.Clock.Pass(tidings.LeaseTTL + time.Millisecond) // the worker is killed
	third := w.Take(c.ID, tidings.StepTranscribe)
	id = w.addUtterances(third, "won")
	w.wantTranscript(c.ID, "one", "too", "free")
	w.noError(w.FinishTranscript(w.ctx, third, id, "en"))
	equal(t, "state", w.wantTranscript(c.ID, "won").State, tidings.StepDone)
	equal(t, "outbox entries", len(w.Indexed()), 1)
}

func testTranscriptEdited(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscribe)
	id := w.addUtterances(run, "helo")
	w.noError(w.FinishTranscript(w.ctx, run, id, "en"))
	w.noError(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	w.Indexed()
	seg := w.wantTranscript(c.ID, "helo").Segments[0]
	before, err := w.Document(w.ctx, c.ID)
	w.noError(err)
	other := w.NewClip()
	next := seg.WithText("hello")
	w.wantKind(w.editTranscript(other.ID, tidings.EditText, seg, next), tidings.KindNotFound)
	missing := seg
	missing.ID = "none"
	w.wantKind(w.editTranscript(c.ID, tidings.EditText, missing, missing), tidings.KindStale)
	w.noError(w.editTranscript(c.ID, tidings.EditText, seg, next))
	tr := w.wantTranscript(c.ID, "hello")
	if tr.EditedAt == nil || !tr.EditedAt.Equal(w.Clock.Now()) {
		t.Fatalf("edited at %v", tr.EditedAt)
	}

	_, err = w.DB().ExecContext(w.ctx, "UPDATE transcript_speech SET body = $1", []byte{255, 0})
	w.noError(err)
	w.wantTranscriptText(tr) // of what another version wrote, the segments are read
	w.noError(w.editTranscript(c.ID, tidings.EditText, tr.Segments[0], tr.Segments[0].WithText("hullo")))
	w.noError(w.UndoTranscript(w.ctx, c.ID, w.Owner.ID, false))
	tr = w.wantTranscript(c.ID, "hello")
	doc, err := w.Document(w.ctx, c.ID)
	w.noError(err)
	equal(t, "indexed text", doc.Transcript[0].Text, "hello")
	found, err := w.DocumentsByID(w.ctx, []tidings.ID{"none", c.ID})
	w.noError(err)

	if len(found) != 1 || found[0].Version <= before.Version || len(found[0].Transcript) != 0 {
		t.Errorf("found %+v after version %d", found, before.Version)
	}

	w.noError(w.RetryStep(w.ctx, c.ID, tidings.StepTranscribe))
	run = w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, run, w.addUtterances(run, "helo"), "en"))
	equal(t, "what a person wrote", w.wantTranscript(c.ID, "hello").ID, id)
	equal(t, "step", w.mustClip(c.ID).Steps.Transcribe.State, tidings.StepDone)
}
