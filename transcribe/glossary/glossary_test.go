package glossary

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// spokenSegment makes a segment whose words take 300 ms each with 50 ms between;
// "…" before a word is a pause of half a second.
func spokenSegment(startMS int64, speaker, text string) tidings.TranscriptSegment {
	seg := tidings.TranscriptSegment{StartMS: startMS, Speaker: speaker, Text: strings.ReplaceAll(text, "…", "")}
	at := startMS
	for _, f := range strings.Fields(text) {
		if rest, paused := strings.CutPrefix(f, "…"); paused {
			f, at = rest, at+450
		}
		p := 0.5
		seg.Words = append(seg.Words, tidings.Word{StartMS: at, EndMS: at + 300, Text: f, P: &p})
		at += 350
	}

	seg.EndMS = at - 50
	return seg
}

func newEntry(term string, sounds ...string) tidings.GlossaryEntry {
	return tidings.GlossaryEntry{Term: term, SoundsLike: sounds}
}

func newReplacer(entries ...tidings.GlossaryEntry) *Replacer {
	return New(tidings.Glossary{Entries: entries})
}

func TestGlossary(t *testing.T) {
	exact := newEntry("US", "us")
	exact.CaseSensitive = true
	g := newReplacer(newEntry("Ana Lovelace", "anna love lace", "Anna"), newEntry("Tidings", "tie dings", "tidings"), newEntry("Zürich", "zurich"), newEntry("k8s", "kates"),
		newEntry("Dr.", "doctor"), exact, newEntry("İzmir", "izmir"), newEntry("Ωmega", "omega corp"), newEntry("a", "b"), newEntry("b", "a"), newEntry("C++", "c plus plus"), newEntry("C#", "C++"))
	for _, c := range []struct{ in, want string }{
		{"so Anna Love Lace, said", "so Ana Lovelace, said"}, // the longest wins, case is free
		{"“anna.” he", "“Ana Lovelace.” he"},
		{"anna, love lace", "Ana Lovelace, love lace"}, // no punctuation inside
		{"annabel anna's hannah", "annabel anna's hannah"},
		{"tie-dings tie dings!", "tie-dings Tidings!"},
		{"Tidings TIDINGS tidings", "Tidings Tidings Tidings"},
		{"Zurich ZURICH zürich", "Zürich Zürich zürich"},
		{"call us and US", "call US and US"},
		{"Us", "Us"},
		{"doctor. Who", "Dr. Who"},
		{"a b A", "b a b"}, // each once, none again
		{"c plus plus, and C++", "C++, and C#"},
		{"omega corp", "Ωmega"},
		{"...", "..."},
	} {
		seg := spokenSegment(1000, "", c.in)
		got, n := g.Apply(seg)
		if got.Text != c.want || (n > 0) != (c.in != c.want) {
			t.Errorf("%q: %q (%d), want %q", c.in, got.Text, n, c.want)
		}

		if again, n := g.Apply(got); n != 0 || again.Text != got.Text {
			t.Errorf("%q twice: %q", c.in, again.Text)
		}

		if back, _ := Restore(got, -1, ""); back.Text != seg.Text || !slices.EqualFunc(back.Words, seg.Words, equalWord) {
			t.Errorf("%q put back: %q", c.in, back.Text)
		}
	}

	if got, n := (*Replacer)(nil).Apply(spokenSegment(0, "", "a")); n != 0 || got.Text != "a" {
		t.Error("no glossary changed something")
	}
}

func equalWord(a, b tidings.Word) bool {
	return a.StartMS == b.StartMS && a.EndMS == b.EndMS && a.Text == b.Text && a.Estimated == b.Estimated
}

// TestGlossaryUnicode: composed and decomposed letters are equal, and so are
// cases of any script; parts of words never match.
func TestGlossaryUnicode(t *testing.T) {
	g := newReplacer(newEntry("Café", "cafe\u0301"), newEntry("Σοφία", "ΣΟΦΙΑ"), newEntry("Привет", "ПРИВЕТ"), newEntry("नमस्ते", "नमस्कार"))
	for in, want := range map[string]string{
		"CAF\u00c9 caf\u00e9s": "Café caf\u00e9s", "σοφια": "Σοφία", "привет! приветик": "Привет! приветик", "नमस्कार।": "नमस्ते।", "नमस्कारा": "नमस्कारा",
	} {
		if got, _ := g.Apply(spokenSegment(0, "", in)); got.Text != want {
			t.Errorf("%q: %q, want %q", in, got.Text, want)
		}
	}
}

func TestGlossaryKeepsTimes(t *testing.T) {
	g := newReplacer(newEntry("Ana Lovelace", "anna love lace"), newEntry("Bo Li", "bow lee"), newEntry("Tidings", "tie dings"))
	for in, want := range map[string]string{
		"hi bow lee":        "hi@0-300 Bo@350-650 Li@700-1000",
		"hi tie dings":      "hi@0-300 Tidings@350-1000",
		"hi anna love lace": "hi@0-300 ~Ana@350-622 ~Lovelace@622-1350",
	} {
		seg, _ := g.Apply(spokenSegment(0, "", in))
		var got []string
		for _, w := range seg.Words {
			mark := ""
			if w.Estimated {
				mark = "~"
			}
			got = append(got, fmt.Sprintf("%s%s@%d-%d", mark, w.Text, w.StartMS, w.EndMS))
		}

		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", in, got, want)
		}
	}
}

func TestGlossaryRestoresOne(t *testing.T) {
	g := newReplacer(newEntry("Ana", "anna"), newEntry("Bo", "bow"))
	seg, n := g.Apply(spokenSegment(0, "", "anna bow anna"))
	if n != 3 {
		t.Fatalf("%d replaced", n)
	}

	if got, n := Restore(seg, 2, ""); n != 1 || got.Text != "Ana Bo anna" {
		t.Errorf("one: %q", got.Text)
	}

	if got, n := Restore(seg, -1, "Ana"); n != 2 || got.Text != "anna Bo anna" {
		t.Errorf("a term: %q", got.Text)
	}

	edited := seg.WithText("Ana Bob Ana") // a word that a user changed does not belong to the glossary any more
	if got, n := Restore(edited, 1, ""); n != 0 || got.Text != "Ana Bob Ana" {
		t.Errorf("an edited word: %q", got.Text)
	}
}

// TestGlossaryProperties: any glossary, even a cyclic one, terminates; other
// words are unchanged, and everything can be restored.
func TestGlossaryProperties(t *testing.T) {
	letters := []string{"a", "b", "ab", "é", "E\u0301", "ß", "SS", "ſ", "s", "K", "k", "\u212a", "दे", "字", "c.", "“d”", "e-f", "'", "—"}
	r := rand.New(rand.NewPCG(3, 7))
	pick := func(most int) string {
		var out []string
		for range 1 + r.IntN(most) {
			out = append(out, letters[r.IntN(len(letters))])
		}
		return strings.Join(out, " ")
	}
	for range 5000 {
		var entries []tidings.GlossaryEntry
		sounds := map[string]bool{}
		for range 1 + r.IntN(6) {
			e := newEntry(pick(3), pick(3), pick(2))
			e.CaseSensitive = r.IntN(2) == 0
			for _, s := range e.SoundsLike {
				for _, f := range strings.Fields(s) {
					sounds[foldCase(wordCore(f))] = true
				}
			}

			entries = append(entries, e)
		}

		g, seg := newReplacer(entries...), spokenSegment(0, "", pick(12))
		got, _ := g.Apply(seg)
		var untouched, kept []string
		for _, w := range seg.Words {
			if !sounds[foldCase(wordCore(w.Text))] {
				untouched = append(untouched, w.Text)
			}
		}

		for i := 0; i < len(got.Words); i++ {
			if h := got.Words[i].Replaced; h != nil {
				i += h.Span - 1
			} else if w := got.Words[i]; !sounds[foldCase(wordCore(w.Text))] {
				kept = append(kept, w.Text)
			}
		}

		if !slices.Equal(untouched, kept) {
			t.Fatalf("%v: %q → %q", entries, seg.Text, got.Text)
		}
		if again, n := g.Apply(got); n != 0 || again.Text != got.Text {
			t.Fatalf("%v: %q → %q → %q", entries, seg.Text, got.Text, again.Text)
		}

		at := int64(0)
		for _, w := range got.Words {
			if w.StartMS < at || w.EndMS < w.StartMS || w.EndMS > seg.EndMS {
				t.Fatalf("%v: times of %q", entries, got.Text)
			}
			at = w.StartMS
		}

		if back, _ := Restore(got, -1, ""); !slices.EqualFunc(back.Words, seg.Words, equalWord) {
			t.Fatalf("%v: %q is put back as %q", entries, seg.Text, back.Text)
		}
	}
}
