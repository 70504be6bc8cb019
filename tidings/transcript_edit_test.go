package tidings

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// heardAs makes a segment whose words take 300 ms each, with 100 ms between.
func heardAs(text string) TranscriptSegment {
	g := TranscriptSegment{ID: "s", StartMS: 1000, Text: text, Version: 1}
	at := int64(1000)
	for _, f := range strings.Fields(text) {
		p := 0.9
		g.Words = append(g.Words, Word{StartMS: at, EndMS: at + 300, Text: f, P: &p})
		at += 400
	}
	g.EndMS = at - 100
	return g
}

func shown(g TranscriptSegment) string {
	var out []string
	for _, w := range g.Words {
		mark := ""
		if w.Estimated {
			mark = "~"
		}
		out = append(out, fmt.Sprintf("%s%s@%d-%d", mark, w.Text, w.StartMS, w.EndMS))
	}
	return strings.Join(out, " ")
}

func TestWithText(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"ask not what", "Ask not, what", "Ask@1000-1300 not,@1400-1700 what@1800-2100"},
		{"ask knot what", "ask not what", "ask@1000-1300 not@1400-1700 what@1800-2100"}, // in the other's place
		{"ask what", "ask not what", "ask@1000-1300 ~not@1300-1400 what@1400-1700"},
		{"a note what", "a not e what", "a@1000-1300 ~not@1400-1625 ~e@1625-1700 what@1800-2100"},
		{"ask not what", "what", "what@1800-2100"},
		{"ask not", "ask not anything else", "ask@1000-1300 not@1400-1700 ~anything@1700-1700 ~else@1700-1700"},
		{"", "new words", "~new@1000-1000 ~words@1000-1000"},
	} {
		g := heardAs(c.before)
		if c.before == "" {
			g.EndMS = g.StartMS
		}
		if got := shown(g.WithText(c.after)); got != c.want {
			t.Errorf("%q → %q: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}

func TestSplitAndJoin(t *testing.T) {
	g := heardAs("ask not what")
	g.Speaker, g.Language = "Ana", "en"
	for _, c := range []struct {
		at   int
		a, b string
	}{
		{4, "ask@1000-1300", "not@1400-1700 what@1800-2100"},
		{3, "ask@1000-1300", "not@1400-1700 what@1800-2100"},
		{5, "ask@1000-1300 ~n@1400-1500", "~ot@1500-1700 what@1800-2100"},
	} {
		a, b, err := g.Split(c.at)
		if err != nil || shown(a) != c.a || shown(b) != c.b {
			t.Errorf("at %d: %s | %s, %v", c.at, shown(a), shown(b), err)
		}

		if b.ID != "" || b.Speaker != "Ana" || b.Language != "en" || a.EndMS > b.StartMS || b.EndMS != g.EndMS {
			t.Errorf("at %d: %+v %+v", c.at, a, b)
		}

		if whole := Join(a, b); c.at != 5 && (whole.Text != g.Text || shown(whole) != shown(g) || whole.ID != g.ID) {
			t.Errorf("joined again: %+v", whole)
		}
	}

	for _, at := range []int{-1, 0, 12, 99} {
		if _, _, err := g.Split(at); KindOf(err) != KindInvalid {
			t.Errorf("at %d: %v", at, err)
		}
	}

	if at, err := g.CharOfWord(2); err != nil || at != 8 {
		t.Errorf("character of a word: %d, %v", at, err)
	}

	for _, word := range []int{-1, 0, 3} {
		if _, err := g.CharOfWord(word); KindOf(err) != KindInvalid {
			t.Errorf("word %d: %v", word, err)
		}
	}

	bare := TranscriptSegment{StartMS: 0, EndMS: 100, Text: "عَرَبِيّ نص"} // no word times
	if a, b, err := bare.Split(9); err != nil || len(a.Words) != 1 || len(b.Words) != 1 || b.EndMS != 100 {
		t.Errorf("without times: %+v %+v %v", a, b, err)
	}
}

func TestCorrections(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"we met anna there.", "we met Ana there.", "[anna→Ana]"},
		{"love lace, wrote it", "Lovelace wrote it", "[love lace→Lovelace]"},
		{"the tidings app", "the Tidings app", "[tidings→Tidings]"},
		{"one two", "one, two!", "[]"},
		{"one", "one two three", "[]"},
		{"a b c d e f", "g h i j k l", "[]"}, // a new sentence is no correction
	} {
		before := heardAs(c.before)
		var got []string
		for _, x := range Corrections(before, before.WithText(c.after)) {
			got = append(got, x.Original+"→"+x.Replacement)
		}

		if fmt.Sprint(got) != c.want {
			t.Errorf("%q → %q: %v, want %s", c.before, c.after, got, c.want)
		}
	}
}

// TestWithTextKeepsOrder: whatever is typed, words are in order, inside of their
// segment, and those that were kept have their times.
func TestWithTextKeepsOrder(t *testing.T) {
	words := strings.Fields("ask not what your country can do for you — ask, what YOU can do.")
	r := rand.New(rand.NewPCG(1, 2))
	pick := func() string {
		var out []string
		for range r.IntN(12) {
			out = append(out, words[r.IntN(len(words))])
		}
		return strings.Join(out, " ")
	}
	for range 3000 {
		g, next := heardAs(pick()), pick()
		got := g.WithText(next)
		at := g.StartMS
		for _, w := range got.Words {
			if w.StartMS < at || w.EndMS < w.StartMS || w.EndMS > max(g.EndMS, g.StartMS) {
				t.Fatalf("%q → %q: %s", g.Text, next, shown(got))
			}
			at = w.StartMS
		}

		if got.Text != next || len(got.Words) != len(strings.Fields(next)) {
			t.Fatalf("%q → %q: %q", g.Text, next, got.Text)
		}
	}
}

func TestSilencesAndFillers(t *testing.T) {
	word := func(from, to int64, text string) Word { return Word{StartMS: from, EndMS: to, Text: text} }
	segs := []TranscriptSegment{
		{StartMS: 1000, EndMS: 4000, Words: []Word{word(1000, 1500, "So,"), word(1500, 2000, "um,"), word(2000, 2400, "uh"), word(3900, 4000, "yes")}},
		{StartMS: 6000, EndMS: 7000, Text: "no times"},
	}
	for _, c := range []struct {
		name  string
		quiet []Span
		end   int64
		want  []Span
	}{
		{"not measured", nil, 0, []Span{}},
		{"words in the quiet", []Span{{0, 10_000}}, 9000, []Span{{0, 900}, {2500, 3800}, {4100, 5900}, {7100, 8900}}},
		{"noise without words", []Span{{0, 1000}, {5000, 5600}}, 0, []Span{{0, 900}}},
		{"too short", []Span{{2400, 3200}}, 0, []Span{}},
	} {
		if got := Silences(segs, c.quiet, c.end); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}

	if got := Fillers(segs, "en"); !slices.Equal(got, []Span{{1500, 2400}}) {
		t.Errorf("fillers: %v", got)
	}

	if got := Fillers(segs, "de"); len(got) != 0 { // "um" is a word there
		t.Errorf("fillers in German: %v", got)
	}
}

func TestGlossaryValidate(t *testing.T) {
	long := strings.Repeat("ä", MaxGlossaryTerm+1)
	for name, entries := range map[string][]GlossaryEntry{
		"no term":         {{Term: " "}},
		"long term":       {{Term: long}},
		"many words":      {{Term: "a b c d e f g h i"}},
		"no sound":        {{Term: "a", SoundsLike: []string{""}}},
		"long sound":      {{Term: "a", SoundsLike: []string{long}}},
		"many sounds":     {{Term: "a", SoundsLike: slices.Repeat([]string{"b"}, MaxSoundsLike+1)}},
		"long note":       {{Term: "a", Note: strings.Repeat("x", MaxGlossaryNote+1)}},
		"twice":           {{Term: "a"}, {Term: "a"}},
		"for two terms":   {{Term: "a", SoundsLike: []string{"x"}}, {Term: "b", SoundsLike: []string{"X"}}},
		"too many to use": make([]GlossaryEntry, MaxGlossary+1),
	} {
		if _, err := (Glossary{Entries: entries}).Validate(); KindOf(err) != KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}

	g, err := Glossary{Entries: []GlossaryEntry{{Term: " Ana  Lovelace ", SoundsLike: []string{" anna   love lace", "Ana Lovelace"}}, {Term: "a"}}}.Validate()
	if err != nil || g.Entries[0].Term != "Ana Lovelace" || !slices.Equal(g.Entries[0].SoundsLike, []string{"anna love lace"}) {
		t.Errorf("%+v, %v", g, err)
	}
}

// TestCutSpans: spans are cut to the snippet's span, and nothing of the others is left.
func TestCutSpans(t *testing.T) {
	part := Span{5000, 9000}
	got := part.CutSpans([]Span{{0, 4000}, {4000, 6000}, {7000, 8000}, {8500, 20_000}, {9000, 9500}})
	if want := []Span{{0, 1000}, {2000, 3000}, {3500, 4000}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	g := heardAs("one two")
	g.Words[0].Replaced = &ReplacedWords{Words: []Word{{Text: "secret"}}, Span: 2}
	if cut, ok := (Span{1000, 1350}).CutSegment(g); !ok || cut.Text != "one" || cut.Words[0].Replaced != nil {
		t.Errorf("%+v", cut)
	}
}
