package transcribe_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// compareSpeakers compares who says the words that are recognised, and where rows
// begin. The first speaker is on the left.
func (c *conversation) compareSpeakers(segs []tidings.TranscriptSegment) (recognised, right, turns, rows int) {
	var want, got []string
	for _, w := range c.words {
		want = append(want, w.word)
	}

	var speakers []string
	var begins []bool
	for _, s := range segs {
		for i, w := range enginetest.Words(s.Text) {
			got, speakers, begins = append(got, w), append(speakers, s.Speaker), append(begins, i == 0)
		}
	}

	for _, pair := range tidings.CommonWords(want, got) {
		w := c.words[pair[0]]
		recognised++
		if speakers[pair[1]] == [2]string{"Speaker 1", "Speaker 2"}[w.side] {
			right++
		}
		if w.turn {
			turns++
			if begins[pair[1]] {
				rows++
			}
		}
	}
	return recognised, right, turns, rows
}

// TestTurns: on a recording with one person on each channel the words have the
// right speaker, and a row begins where a turn does, also when the other person
// is heard on a channel.
func TestTurns(t *testing.T) {
	t.Parallel()
	c := joinConversation(t)
	both, heard := c.record(t, crosstalk(0)), c.record(t, crosstalk(0.15))
	for name, run := range map[string]struct {
		engine transcribe.Engine
		film   []byte
	}{
		"draft": {builtInEngine(t), both}, "draft with crosstalk": {builtInEngine(t), heard}, "whisper with crosstalk": {libraryEngine(t, nil), heard},
	} {
		t.Run(name, func(t *testing.T) {
			w := newFixture(t)
			w.source = endedSource(run.film)
			if err := w.newStep(run.engine).Transcribe(t.Context(), w.leaseStep()); err != nil {
				t.Fatal(err)
			}

			got, _ := w.currentTranscript()
			recognised, right, turns, rows := c.compareSpeakers(got.Segments)
			if recognised*100 < 70*len(c.words) || right*100 < 95*recognised || turns < 6 || rows*100 < 90*turns {
				t.Errorf("%d of %d words are recognised, %d have the right speaker; %d of %d turns begin a row", recognised, len(c.words), right, rows, turns)
				for _, s := range got.Segments {
					t.Logf("%d ms %s: %s", s.StartMS, s.Speaker, s.Text)
				}
			}
		})
	}
}

// transcribeScripted is the transcript of a film by an engine that returns the
// words of a conversation.
func (c *conversation) transcribeScripted(t *testing.T, film []byte, caps transcribe.Caps) tidings.Transcript {
	t.Helper()
	w := newFixture(t)
	w.source = endedSource(film)
	if err := w.newStep(&enginetest.Scripted{Segments: c.recogniseAll(), Capabilities: caps}).Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}
	got, _ := w.currentTranscript()
	if len(allWords(got.Segments)) != len(c.words) {
		t.Errorf("%d of %d words", len(allWords(got.Segments)), len(c.words))
	}
	return got
}

// TestOrdinaryStereo: two channels that are not apart have no speakers, among
// them those of the recorder.
func TestOrdinaryStereo(t *testing.T) {
	t.Parallel()
	c := joinConversation(t)
	voice, err := os.ReadFile("../media/testdata/voice.webm")
	if err != nil {
		t.Fatal(err)
	}

	films := map[string][]byte{"the recorder's voice": voice}
	for name, m := range map[string]mix{
		"the same on both":   func(a, b float64) (float64, float64) { return a + b, a + b },
		"two microphones":    crosstalk(0.4),
		"one side is silent": func(a, b float64) (float64, float64) { return a + b, 0 },
		"one is inverted":    func(a, b float64) (float64, float64) { return a + b, -a - b },
	} {
		films[name] = c.record(t, m)
	}

	for name, film := range films {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range c.transcribeScripted(t, film, transcribe.Caps{}).Segments {
				if s.Speaker != "" {
					t.Fatalf("%s says %q", s.Speaker, s.Text)
				}
			}
		})
	}
}

// TestTurnsEndSentences: where another person begins to speak, a draft has a full
// stop and a capital; what an engine with punctuation wrote stays.
func TestTurnsEndSentences(t *testing.T) {
	t.Parallel()
	c := joinConversation(t)
	film := c.record(t, crosstalk(0))
	draft, fine := c.transcribeScripted(t, film, transcribe.Caps{}), c.transcribeScripted(t, film, transcribe.Caps{Punctuation: true})
	want := "it was the best of times it was the worst of times. / And so my fellow americans. / It was the age"
	if got := turnTexts(draft.Segments); !strings.HasPrefix(got, want) || strings.Contains(got, "..") {
		t.Errorf("%s", got)
	}
	want = strings.ToLower(strings.ReplaceAll(want, ".", ""))
	if got := turnTexts(fine.Segments); !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
}

// turnTexts are the texts of the turns.
func turnTexts(segs []tidings.TranscriptSegment) string {
	var out strings.Builder
	for i, s := range segs {
		switch {
		case i > 0 && s.Speaker != segs[i-1].Speaker:
			out.WriteString(" / ")
		case i > 0:
			out.WriteString(" ")
		}
		out.WriteString(s.Text)
	}
	return out.String()
}

// refine transcribes a conversation by a draft engine and then by a better one,
// which calls during after its words.
func (c *conversation) refine(t *testing.T, during func(*fixture) error) tidings.Transcript {
	t.Helper()
	w := newFixture(t)
	w.source = endedSource(c.record(t, crosstalk(0)))
	draft := &draftEngine{&betterEngine{Scripted: enginetest.Scripted{Segments: c.recogniseAll()}}}
	fine := &betterEngine{Scripted: enginetest.Scripted{Segments: c.recogniseAll()}, during: func(context.Context) error { return during(w) }}
	step := transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, PCM: w.media.PCM, Engine: draft, Others: []transcribe.Engine{fine}, Routes: []transcribe.Route{{Engines: []string{"better"}}}})
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	got, _ := w.currentTranscript()
	if fine.runs != 1 {
		t.Errorf("the better engine has run %d times", fine.runs)
	}
	return got
}

// TestRefinedTurns: the draft and the transcript that replaces it both have the
// speakers.
func TestRefinedTurns(t *testing.T) {
	t.Parallel()
	var draft tidings.Transcript
	refined := joinConversation(t).refine(t, func(w *fixture) error {
		draft, _ = w.currentTranscript()
		return nil
	})
	if refined.Engine != "better" || draft.Engine == "better" {
		t.Errorf("%s, then %s", draft.Engine, refined.Engine)
	}
	for _, got := range []tidings.Transcript{draft, refined} {
		if strings.Count(turnTexts(got.Segments), " / ") != 11 || got.Segments[0].Speaker != "Speaker 1" || got.Segments[3].Speaker != "Speaker 2" {
			t.Errorf("%s: %s", got.Engine, turnTexts(got.Segments))
		}
	}
}

// TestTurnsKeepNames: a person's name for a speaker stays when a better engine is
// done.
func TestTurnsKeepNames(t *testing.T) {
	t.Parallel()
	got := joinConversation(t).refine(t, func(w *fixture) error {
		draft, _ := w.currentTranscript()
		to := draft.Segments[0]
		to.Speaker = "Ana"
		_, err := w.EditTranscript(t.Context(), w.clip, tidings.TranscriptEdit{Kind: tidings.EditSpeaker, UserID: "somebody", From: draft.Segments[:1], To: []tidings.TranscriptSegment{to}})
		return err
	})
	if got.Segments[0].Speaker != "Ana" || got.Segments[3].Speaker != "Speaker 2" {
		t.Errorf("%s", turnTexts(got.Segments))
	}
}
