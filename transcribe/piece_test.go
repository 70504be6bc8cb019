package transcribe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestPieces: windows, in tenths of a second, become pieces of at most 28 s
// and, after a cut in mid-speech, 2 s of the piece before.
func TestPieces(t *testing.T) {
	type win struct {
		start, end int64
		cut        bool
	}

	for name, c := range map[string]struct {
		in   []win
		want string // start-end, "+" after an overlap, "/" when cut
	}{
		"nothing":             {nil, ""},
		"one":                 {[]win{{10, 50, false}}, "10-50"},
		"a short pause":       {[]win{{10, 50, false}, {55, 90, false}}, "10-90"},
		"a long pause":        {[]win{{10, 50, false}, {56, 90, false}}, "10-50 56-90"},
		"as much as fits":     {[]win{{0, 100, false}, {102, 200, false}, {203, 280, false}, {283, 300, false}}, "0-280 283-300"},
		"cut, and on":         {[]win{{0, 250, true}, {250, 400, false}}, "0-250/ +230-400"},
		"cut, then silence":   {[]win{{0, 250, true}, {300, 400, false}}, "0-250/ 300-400"},
		"cut again and again": {[]win{{0, 280, true}, {280, 560, true}, {560, 600, false}}, "0-280/ +260-560/ +540-600"},
		"cut within a piece":  {[]win{{0, 100, true}, {100, 200, false}}, "0-200"},
	} {
		var got []string
		const tenth = Rate / 10
		g := newPieceBuilder(minPiece, false, false, func(p piece) error {
			text := fmt.Sprintf("%d-%d", p.start/tenth, (p.start+int64(len(p.pcm))/2)/tenth)
			if p.overlap > 0 {
				text = "+" + text
			}

			if p.cut {
				text += "/"
			}

			got = append(got, text)
			checkSamples(t, name, p, func(at int64) bool {
				return slices.ContainsFunc(c.in, func(w win) bool { return w.start <= at/tenth && at/tenth < w.end })
			})

			return nil
		})

		at := int64(0)
		for _, w := range c.in {
			for ; at < w.start*tenth; at += tenth {
				if err := g.endAtPause(at); err != nil {
					t.Fatal(err)
				}
			}

			open, err := g.openWindow(w.start * tenth)
			if err != nil {
				t.Fatal(err)
			}

			for ; at < w.end*tenth; at += tenth {
				samples := make([]int16, tenth)
				for i := range samples {
					samples[i] = sampleAt(at + int64(i))
				}
				if err := open.writeSamples(samples); err != nil {
					t.Fatal(err)
				}
			}

			open.closeWindow(w.cut, 0)
		}

		if err := g.flushPiece(); err != nil {
			t.Fatal(err)
		}

		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, not %s", name, strings.Join(got, " "), c.want)
		}
	}
}

// samplePeriod is after how many samples sampleAt repeats itself.
const samplePeriod = 30_011

// sampleAt is a sample that encodes its position, and is never 0.
func sampleAt(at int64) int16 { return int16(at%samplePeriod) + 1 }

// checkSamples compares a piece with the sound it is from: speech unchanged,
// digital silence elsewhere.
func checkSamples(t *testing.T, name string, p piece, speech func(at int64) bool) {
	t.Helper()
	for i := int64(0); i < int64(len(p.pcm))/2; i += 7 {
		want := int16(0)
		if speech(p.start + i) {
			want = sampleAt(p.start + i)
		}
		if got := int16(uint16(p.pcm[2*i]) | uint16(p.pcm[2*i+1])<<8); got != want {
			t.Fatalf("%s: sample %d is %d, not %d", name, p.start+i, got, want)
		}
	}
}

// TestPiecesOfAnHour: memory does not grow with the length of a clip.
func TestPiecesOfAnHour(t *testing.T) {
	for _, packed := range []bool{false, true} {
		testPiecesOfAnHour(t, packed)
	}
}

func testPiecesOfAnHour(t *testing.T, packed bool) {
	t.Helper()
	pieces, longest := 0, 0
	g := newPieceBuilder(minPiece, packed, false, func(p piece) error {
		pieces, longest = pieces+1, max(longest, len(p.pcm))
		return nil
	})

	second := make([]int16, Rate)
	for at := int64(0); at < 3600; at += 20 { // 20 s each, cut in mid-speech every time
		w, err := g.openWindow(at * Rate)
		if err != nil {
			t.Fatal(err)
		}

		for range 20 {
			if err := w.writeSamples(second); err != nil {
				t.Fatal(err)
			}
			if held := len(g.windows); held > 2 {
				t.Fatalf("%d windows are held", held)
			}
		}

		w.closeWindow(true, 0)
	}

	if err := g.flushPiece(); err != nil || pieces < 3600/30 || longest > 2*30*Rate {
		t.Errorf("%d pieces of up to %d bytes, %v", pieces, longest, err)
	}
}
