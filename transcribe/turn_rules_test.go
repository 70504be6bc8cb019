package transcribe_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// wordLevels are the levels of both channels during a word, by its first letter.
var wordLevels = map[byte][2]uint8{'L': {20, 60}, 'R': {60, 20}, 'S': {60, 20}, 'K': {20, 31}, 'P': {31, 20}, 'l': {20, 26}, 'r': {26, 20}, 'b': {20, 20}, 'B': {24, 24}}

// levelsDuring are the levels of a clip in which the words of segments are said.
func levelsDuring(segs []tidings.TranscriptSegment) [][2]uint8 {
	const ms = 50
	out := make([][2]uint8, segs[len(segs)-1].EndMS/ms+20)
	for i := range out {
		out[i] = [2]uint8{72, 65}
	}
	for _, w := range allWords(segs) {
		for i := w.StartMS / ms; i < w.EndMS/ms; i++ {
			out[i] = wordLevels[w.Text[0]]
		}
	}
	return out
}

// speakerRuns are the numbers of the speakers, with how many words they say.
func speakerRuns(segs []tidings.TranscriptSegment) string {
	var out strings.Builder
	for _, s := range segs {
		out.WriteString(strings.TrimPrefix(s.Speaker, "Speaker ") + ":" + strings.Join(strings.Fields(s.Text), "") + " ")
	}
	return strings.TrimSpace(out.String())
}

// TestTurnRules: only where each channel has a person of its own, words have the
// speaker whose channel is louder.
func TestTurnRules(t *testing.T) {
	eight := func(s string) string { return strings.Repeat(s+" ", 8) }
	l, r := eight("L"), eight("R")
	for _, c := range []struct{ name, said, want string }{
		{"two people", l + "| " + r, "1:LLLLLLLL 2:RRRRRRRR"},
		{"within a segment", l + r + l, "1:LLLLLLLL 2:RRRRRRRR 1:LLLLLLLL"},
		{"the right one first", r + l, "1:RRRRRRRR 2:LLLLLLLL"},
		{"crosstalk", eight("K") + eight("P"), "1:KKKKKKKK 2:PPPPPPPP"},
		{"both at once", "L b L L B L L L L " + r, "1:LbLLBLLLL 2:RRRRRRRR"},
		{"both at first", "b " + r + l, "1:bRRRRRRRR 2:LLLLLLLL"},
		{"a short word between", "L S " + l + r, "1:LSLLLLLLLL 2:RRRRRRRR"},
		{"a short answer", l + "~300 S " + l + r, "1:LLLLLLLL 2:S 1:LLLLLLLL 2:RRRRRRRR"},
		{"dual mono", eight("b") + eight("B"), ":bbbbbbbbBBBBBBBB"},
		{"two microphones", eight("l") + eight("r"), ":llllllllrrrrrrrr"},
		{"one silent", l + l, ":LLLLLLLLLLLLLLLL"},
		{"hardly anything on the right", l + l + "R", ":LLLLLLLLLLLLLLLLR"},
		{"little in a long talk", strings.Repeat(l, 40) + r, ":" + strings.Repeat("LLLLLLLL", 40) + "RRRRRRRR"},
		{"often alike", l + r + eight("b"), ":LLLLLLLLRRRRRRRRbbbbbbbb"},
	} {
		segs := spokenSegments(c.said)
		for i, w := range segs[0].Words {
			if w.Text == "S" { // a short one
				segs[0].Words[i].EndMS -= 100
			}
		}
		got, apart := transcribe.DivideTurns(segs, levelsDuring(segs))
		if speakerRuns(got) != c.want || apart == (c.want[0] == ':') {
			t.Errorf("%s: %s (%v)\nwant %s", c.name, speakerRuns(got), apart, c.want)
		}
	}
}

// TestTurnsLeftAlone: what an engine says of speakers stays, and a clip with one
// channel has none. Segments without words, or with another text than that of
// their words, are not divided.
func TestTurnsLeftAlone(t *testing.T) {
	said := strings.Repeat("L ", 8) + "| " + strings.Repeat("R ", 8) + "| " + strings.Repeat("L ", 8) + "R R"
	segs := spokenSegments(said)
	levels := levelsDuring(segs)
	for _, none := range [][][2]uint8{nil, {}} {
		if got, apart := transcribe.DivideTurns(segs, none); apart || !reflect.DeepEqual(got, segs) {
			t.Errorf("without levels: %s", speakerRuns(got))
		}
	}
	if got, apart := transcribe.DivideTurns(segs, levels[:40]); apart { // of the first two seconds
		t.Errorf("with few levels: %s", speakerRuns(got))
	}

	segs[0].Words = nil
	segs[2].Text = "LLLLLLLL & RR"
	if got, apart := transcribe.DivideTurns(segs, levels); !apart || speakerRuns(got) != "1:LLLLLLLL 2:RRRRRRRR 1:LLLLLLLL&RR" {
		t.Errorf("%s", speakerRuns(got))
	}

	segs[0].Speaker = "Ana"
	if got, apart := transcribe.DivideTurns(segs, levels); apart || !reflect.DeepEqual(got, segs) {
		t.Errorf("an engine's own: %s", speakerRuns(got))
	}
}

// TestTurnProperties: words are never lost or moved; neither the order of the
// channels nor their loudness matters; equal channels are never apart.
func TestTurnProperties(t *testing.T) {
	parts := strings.Fields("L L L R R R K P l r b B ~-150 ~400 ~1500 |")
	apartOnce := 0
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		said, turn := "L", "L"
		for range 20 + r.IntN(200) {
			p := turn
			switch r.IntN(8) {
			case 0:
				turn = []string{"L", "R"}[r.IntN(2)]
			case 1:
				p = parts[r.IntN(len(parts))]
			}
			if p == "|" {
				p = "| " + turn
			}
			said += " " + p
		}

		segs := spokenSegments(said)
		levels := levelsDuring(segs)
		got, apart := transcribe.DivideTurns(segs, levels)
		if !reflect.DeepEqual(allWords(got), allWords(segs)) {
			t.Fatalf("%q: %s", said, speakerRuns(got))
		}
		if apart {
			apartOnce++
		}

		swapped, louder, mono := make([][2]uint8, len(levels)), make([][2]uint8, len(levels)), make([][2]uint8, len(levels))
		for i, l := range levels {
			swapped[i], louder[i], mono[i] = [2]uint8{l[1], l[0]}, [2]uint8{l[0] - 15, l[1] - 15}, [2]uint8{l[0], l[0]}
		}
		for name, other := range map[string][][2]uint8{"swapped": swapped, "louder": louder} {
			if again, _ := transcribe.DivideTurns(segs, other); !reflect.DeepEqual(again, got) {
				t.Fatalf("%q: %s\n%s: %s", said, speakerRuns(got), name, speakerRuns(again))
			}
		}
		if again, apart := transcribe.DivideTurns(segs, mono); apart || !reflect.DeepEqual(again, segs) {
			t.Fatalf("%q, the same on both channels: %s", said, speakerRuns(again))
		}
	}

	if apartOnce < 100 {
		t.Errorf("only %d of 500 are apart", apartOnce)
	}
}
