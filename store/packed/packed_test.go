package packed

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// anySegment is a segment with words that are in its text, are not, or overlap.
func anySegment(r *rand.Rand, i int) tidings.TranscriptSegment {
	texts := []string{"", "one two  three", "一つ 二つ", "na na na na", strings.Repeat("long ", 40) + "end", "\x00\xff odd"}
	text := texts[r.IntN(len(texts))]
	seg := tidings.TranscriptSegment{ID: tidings.ID(fmt.Sprint("s", i)), Text: text, StartMS: r.Int64N(1e7) - 10, Speaker: []string{"", "Ana", "講演者"}[r.IntN(3)]}
	seg.EndMS = seg.StartMS + r.Int64N(5000) - 100
	for _, w := range strings.Fields(text) {
		at := r.Int64N(1e7)

		switch r.IntN(5) {
		case 0:
			w = "elsewhere"
		case 1:
			w = ""
		case 2:
			continue
		}

		seg.Words = append(seg.Words, tidings.Word{StartMS: at, EndMS: at + r.Int64N(500) - 20, Text: w})
	}

	return seg
}

// TestPack: what is unpacked is what was packed.
func TestPack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		segments := make([]tidings.TranscriptSegment, r.IntN(5))
		lines, texts := make([]Segment, len(segments)), make([]string, len(segments))
		for i := range segments {
			segments[i] = anySegment(r, i)
			lines[i], texts[i] = NewSegment(segments[i]), segments[i].Text
		}

		text, got, err := Decode(Encode(lines))
		if err != nil || text != strings.Join(texts, " ") || len(got) != len(segments) {
			t.Fatalf("%q, %+v, %v of %+v", text, got, err, segments)
		}

		for i, l := range got {
			want := segments[i]
			l.Words = l.UnpackWords()
			if fmt.Sprintf("%q", fmt.Sprintf("%+v", l.TranscriptSegment)) != fmt.Sprintf("%q", fmt.Sprintf("%+v", want)) {
				t.Fatalf("%+v, want %+v", l.TranscriptSegment, want)
			}
		}
	}
}

// TestPackIsSmall: six bytes a word beside the text.
func TestPackIsSmall(t *testing.T) {
	seg := tidings.TranscriptSegment{ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", StartMS: 60_000, EndMS: 68_000}
	for i := range 20 {
		seg.Text += "word "
		seg.Words = append(seg.Words, tidings.Word{StartMS: 60_000 + int64(i)*400, EndMS: 60_300 + int64(i)*400, Text: "word"})
	}
	if n := len(Encode([]Segment{NewSegment(seg)})) - len(seg.Text); n > 20*6+40 {
		t.Errorf("%d bytes", n)
	}
}

// FuzzDecode: what is no packed transcript is refused, and what is one is written
// the same again.
func FuzzUnEncode(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 6 {
		lines := make([]Segment, n)
		for i := range lines {
			lines[i] = NewSegment(anySegment(r, i))
		}
		f.Add(Encode(lines))
	}

	f.Add([]byte{1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		text, lines, err := Decode(body)
		if err != nil {
			return
		}

		for _, l := range lines {
			l.UnpackWords()
		}

		again, _, err := Decode(Encode(lines))
		if err != nil || again != text {
			t.Errorf("%q, %v, want %q", again, err, text)
		}
	})
}
