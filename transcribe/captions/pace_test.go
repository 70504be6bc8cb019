package captions

import (
	"testing"

	"tidings.example/tidings/tidings"
)

// fastSegment makes a segment whose words take 120 ms each, with 30 ms between:
// 400 words a minute.
func fastSegment(startMS int64, words ...string) tidings.TranscriptSegment {
	seg := tidings.TranscriptSegment{StartMS: startMS}
	at := startMS
	for _, w := range words {
		seg.Words = append(seg.Words, tidings.Word{StartMS: at, EndMS: at + 120, Text: w})
		at += 150
	}
	seg.EndMS = at - 30
	return seg
}

// TestCaptionPace: a caption stays as long as it takes to read it at 160 words a
// minute, if the next one allows, and never much longer than its speech.
func TestCaptionPace(t *testing.T) {
	eight := []string{"we", "ship", "it", "on", "Monday", "or", "not", "now"}
	for _, c := range []struct {
		name string
		segs []tidings.TranscriptSegment
		ends []int64
	}{
		{"alone", []tidings.TranscriptSegment{fastSegment(0, eight...)}, []int64{1170 + 1500}},         // 8 × 375 = 3000 is more than it may linger
		{"room for some", []tidings.TranscriptSegment{fastSegment(0, eight[:4]...)}, []int64{4 * 375}}, // 160 words a minute
		{"one word", []tidings.TranscriptSegment{fastSegment(0, "Yes.")}, []int64{1000}},               // the least
		{"the next one comes", []tidings.TranscriptSegment{fastSegment(0, eight...), fastSegment(2000, "No.")}, []int64{2000, 3000}},
		{"no flicker", []tidings.TranscriptSegment{fastSegment(0, eight[:4]...), fastSegment(2000, "No.")}, []int64{2000, 3000}}, // a gap of half a second
		{"a pause", []tidings.TranscriptSegment{fastSegment(0, eight[:4]...), fastSegment(4000, "No.")}, []int64{1500, 5000}},
		{"text without spaces", []tidings.TranscriptSegment{fastSegment(0, "我们星期一发布这个版本好不好")}, []int64{4 * 375}},
	} {
		got := buildCues(tidings.Transcript{Segments: c.segs})
		if len(got) != len(c.ends) {
			t.Errorf("%s: %+v", c.name, got)
			continue
		}

		for i, end := range c.ends {
			if got[i].endMS != end {
				t.Errorf("%s: cue %d ends at %d, want %d", c.name, i, got[i].endMS, end)
			}
		}
	}
}

// TestCaptionBreaks: two lines break at phrase boundaries.
func TestCaptionBreaks(t *testing.T) {
	for text, first := range map[string]string{
		"We looked at it yesterday, nobody could say what was wrong with it.": "We looked at it yesterday,",
		"We have looked at everything in there and nobody could say a word":   "We have looked at everything in there",
		"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee":              "aaaaaaaaaa bbbbbbbbbb",
	} {
		seg := spokenSegment(0, "", text)
		run := &cueRun{atoms: segmentAtoms(seg, "en"), nextMS: never}
		markAtoms(run.atoms)
		_, line, _ := newCutter(run).splitLines(0, len(run.atoms))
		if got := joinAtoms(run.atoms[:line]); got != first {
			t.Errorf("%q breaks after %q, want %q", text, got, first)
		}
	}
}
