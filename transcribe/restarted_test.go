package transcribe_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"tidings.example/tidings/media/mediatest"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
	"tidings.example/tidings/transcribe/enginetest"
)

// Of a recording whose first encoder failed after some words, and whose second
// one went on after a gap, with the whole of the speech.
const (
	firstEnds    = 2900 * time.Millisecond // between two words
	secondBegins = 4200 * time.Millisecond
)

// spokenFilm is a picture and this much of the speech.
func spokenFilm(t *testing.T, length time.Duration) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "speech.pcm")
	pcm := readSamples(t, "jfk.wav")
	if n := int(length.Milliseconds()) * 32; n > 0 {
		pcm = pcm[:n]
	}
	if err := os.WriteFile(path, pcm, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"-f", "lavfi", "-i", "testsrc=s=320x180:r=30", "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", path, "-shortest"}
}

// TestRestarted: words of a recording whose encoder was replaced begin when they
// were said, on both sides of the gap, and its captions follow each other.
func TestRestarted(t *testing.T) {
	engine := builtInEngine(t)
	var want []wordStart
	for _, w := range referenceStarts(t)["jfk.wav"] {
		if time.Duration(w.ms)*time.Millisecond < firstEnds {
			want = append(want, w)
		}
	}
	before := len(want)
	for _, w := range referenceStarts(t)["jfk.wav"] {
		want = append(want, wordStart{w.word, w.ms + secondBegins.Milliseconds()})
	}

	for container := range mediatest.Containers {
		t.Run(container, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t)
			w.source = endedSource(mediatest.Restarted(t, container, secondBegins, spokenFilm(t, firstEnds), spokenFilm(t, 0)))
			if err := w.newStep(engine).Transcribe(t.Context(), w.leaseStep()); err != nil {
				t.Fatal(err)
			}

			got, _ := w.currentTranscript()
			checkSides(t, got.Segments, want[:before], want[before:])
			if report := captions.CheckCaptions(got); report.CountViolations() > 0 {
				t.Errorf("captions: %+v", report)
			}
		})
	}
}

// checkSides compares the words before the gap, and those after it, with when they
// were said.
func checkSides(t *testing.T, segs []tidings.TranscriptSegment, before, after []wordStart) {
	t.Helper()
	for _, side := range []struct {
		name     string
		want     []wordStart
		from, to time.Duration
	}{{"before the gap", before, 0, firstEnds}, {"after the gap", after, secondBegins, time.Minute}} {
		var said []tidings.TranscriptSegment
		for _, seg := range segs {
			if at := time.Duration(seg.StartMS) * time.Millisecond; at >= side.from-200*time.Millisecond && at < side.to {
				said = append(said, seg)
			}
		}

		off := startOffsets(side.want, said)
		within := 0
		for _, ms := range off {
			if ms <= 150 {
				within++
			}
		}
		if len(off) < len(side.want)*3/4 || within < len(off)*9/10 {
			t.Errorf("%s: %d of %d words, off by %v ms: %s", side.name, len(off), len(side.want), off, enginetest.Text(said))
		}
	}

	for _, seg := range segs {
		for _, word := range seg.Words {
			if gap := (firstEnds + secondBegins) / 2; word.StartMS < gap.Milliseconds() && word.EndMS > secondBegins.Milliseconds() {
				t.Errorf("%q is said over the gap, %d to %d ms", word.Text, word.StartMS, word.EndMS)
			}
		}
	}
}
