package captions

import (
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// FuzzCaptionWords: captions hold all words of a transcript in order, in lines
// that fit, and their times never go back.
func FuzzCaptionWords(f *testing.F) {
	f.Add("We went there. Then home, of course; and so on", "en", int64(0), int64(300), int64(50))
	f.Add("我们星期一发布这个版本。好不好？ 走！", "zh", int64(900), int64(1), int64(0))
	f.Add(strings.Repeat("e\u0301a\u200d👩‍👩‍👧", 40)+" https://a.b/"+strings.Repeat("x", 200), "", int64(5), int64(9_000), int64(2_000))
	f.Add("Dr. A. B. Cde 1 000 000 € z. B. … ?! “no” ", "de", int64(1<<40), int64(0), int64(999))
	f.Fuzz(func(t *testing.T, text, language string, start, length, gap int64) {
		at, length, gap := absInt(start)%35_000_000_000, absInt(length)%10_000, absInt(gap)%10_000
		var all []tidings.Word
		for _, w := range strings.Split(text, " ") {
			all = append(all, tidings.Word{StartMS: at, EndMS: at + length, Text: w, Estimated: length%2 == 0})
			at += length + gap
		}
		if len(all) > 500 {
			return
		}

		half := len(all) / 2
		talk := tidings.Transcript{Language: language, Segments: []tidings.TranscriptSegment{{Words: all[:half]}, {Words: all[half:]}}}
		if half == 0 {
			talk.Segments = talk.Segments[1:]
		}

		var got strings.Builder
		cues := buildCues(talk)
		for i, c := range cues {
			if i > 0 && (c.startMS < cues[i-1].startMS || c.startMS > cues[i-1].startMS && c.startMS < cues[i-1].endMS) || c.endMS <= c.startMS || c.endMS > c.startMS+cueLength {
				t.Errorf("cue %d is from %d to %d", i, c.startMS, c.endMS)
			}
			for _, l := range c.lines {
				if columnsOf(l) > lineLength || len(c.lines) > 2 {
					t.Errorf("a line of %d columns: %q", columnsOf(l), l)
				}
				got.WriteString(strings.ReplaceAll(l, " ", ""))
			}
		}

		var want strings.Builder
		for _, w := range all {
			want.WriteString(strings.ReplaceAll(PlainText(w.Text), " ", ""))
		}
		if got.String() != want.String() {
			t.Errorf("%q\nin place of\n%q", got.String(), want.String())
		}
	})
}
