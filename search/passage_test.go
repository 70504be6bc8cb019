package search

import (
	"math/rand"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestPassages: every word of a transcript is in one passage, in order, at its
// place; none is too long or reaches across a pause.
func TestPassages(t *testing.T) {
	seed := rand.Int63()
	r := rand.New(rand.NewSource(seed))
	for range 300 {
		var segments []tidings.TranscriptSegment
		at := int64(0)
		for i := range r.Intn(12) {
			words := strings.Repeat("wörd"+string(rune('a'+i))+" ", 1+r.Intn(1+[]int{3, 30, 300}[r.Intn(3)]))
			seg := newSegment("s", at, words)
			at = seg.EndMS + int64(r.Intn(8000))
			segments = append(segments, seg)
		}

		text := joinedTranscript(segments)
		cursor := 0
		for _, p := range transcriptPassages(text) {
			if len(p.text) > longPassage || !strings.HasPrefix(text.Text[p.from:], p.text) {
				t.Fatalf("seed %d: %q at %d of %q", seed, p.text, p.from, text.Text)
			}
			if left := text.Text[cursor:p.from]; strings.TrimSpace(left) != "" {
				t.Fatalf("seed %d: %q is in no passage", seed, left)
			}
			cursor = p.from + len(p.text)
		}
		if strings.TrimSpace(text.Text[cursor:]) != "" {
			t.Fatalf("seed %d: the end is in no passage: %q", seed, text.Text[cursor:])
		}
	}
}

func TestPassagesOfADocument(t *testing.T) {
	d := newMeeting()
	d.Transcript = append(d.Transcript, newSegment("s9", 600_000, "Questions? <b>Kubernetes</b> & the database don't matter"), newSegment("s10", 800_000, strings.Repeat("é", 500)))
	var got []string
	for _, p := range splitPassages(d, joinedTranscript(d.Transcript)) {
		got = append(got, p.source+": "+p.text)
	}

	all := strings.Join(got, "\n")
	if n := strings.Count(all, "Questions?"); n != 1 {
		t.Errorf("the repeated passage is there %d times", n)
	}
	for _, want := range []string{"title: Deploy & walkthrough. What the accounting team <needs>", "transcript: Today, I will show the Kubernetes deployment:", strings.Repeat("é", 300)} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
}
