package profanity

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tidings.example/tidings/tidings"
)

func TestMask(t *testing.T) {
	for _, c := range []struct{ language, text, want string }{
		{"en", "what the fuck, man", "what the f***, man"},
		{"en", "FUCK! Fucking shit.", "F***! F****** s***."},
		{"en-GB", "bollocks", "b*******"},
		{"", "a draft says shit", "a draft says s***"}, // drafts are English
		{"en", "an unfuckingbelievable motherfucker's", "an u****************** m***********'s"},
		{"en", "so-fucking-what", "so-f******-what"},
		{"de", "so eine Scheiße, ihr Arschlöcher", "so eine S******, ihr A**********"},
		{"de", "Das ist SCHEISSE und beschissen", "Das ist S******* und beschissen"},
		{"fr", "quel connard, merde", "quel c******, m****"},
		{"es", "¡coño! no me jodas, mierda", "¡c***! no me jodas, m*****"},
		{"pl", "kurwa mać", "k**** mać"},
		{"es", "cono " + norm.NFD.String("coño") + "!", "cono c***!"},
		{"fr", norm.NFD.String("Enculé"), "E*****"},
		{"en", "ｆｕｃｋ", "ｆ***"},
		{"en", "fu\u00adck", "f***"},
		{"nl", "dat is fucking goed, shit", "dat is f****** goed, s***"}, // no dictionary: what is said everywhere
		{"ja", "くそfuckだ", "くそf***だ"},

		// Ordinary words, names of places and people, other languages.
		{"en", "Scunthorpe, Penistone, Lightwater, Clitheroe, Arsenal, Cockburn", "Scunthorpe, Penistone, Lightwater, Clitheroe, Arsenal, Cockburn"},
		{"en", "Assess the class, pass the bass; a cocktail, a peacock, shitake", "Assess the class, pass the bass; a cocktail, a peacock, shitake"},
		{"en", "Dick van Dyke in Nigeria and Niger", "Dick van Dyke in Nigeria and Niger"},
		{"en", "sex, suicide, rape and Nazis in the news; the knob of a button", "sex, suicide, rape and Nazis in the news; the knob of a button"},
		{"en", "the document, accumulate, basement, analysis, therapist, title, Essex", "the document, accumulate, basement, analysis, therapist, title, Essex"},
		{"de", "ein dicker Ast, dick und fett; wir schießen auf Vögeln, wie die Vögel", "ein dicker Ast, dick und fett; wir schießen auf Vögeln, wie die Vögel"},
		{"es", "la concha del mar, un negro día, el sexo", "la concha del mar, un negro día, el sexo"},
		{"fr", "je suis con\u00adtent, un document", "je suis con\u00adtent, un document"},
		{"de", "damn, that is English", "damn, that is English"},
		{"en", "", ""},
		{"en", "  \t–!? 42 \xff\xfe ", "  \t–!? 42 \xff\xfe "},
	} {
		if got := Mask(c.text, c.language); got != c.want {
			t.Errorf("%s: %q is shown as %q, want %q", c.language, c.text, got, c.want)
		}
	}
}

// TestMaskSegment: every text of a segment is masked, by its own language, and
// what is stored stays as it is.
func TestMaskSegment(t *testing.T) {
	heard := &tidings.ReplacedWords{Words: []tidings.Word{{Text: "shit"}}, Span: 1}
	stored := tidings.Transcript{Segments: []tidings.TranscriptSegment{
		{Text: "oh shit", StartMS: 5, EndMS: 9, Words: []tidings.Word{{StartMS: 5, EndMS: 6, Text: "oh"}, {StartMS: 7, EndMS: 9, Text: "shit,", Replaced: heard}}},
		{Text: "merde", Language: "fr"},
	}}
	got := MaskTranscript(stored, "en").Segments
	if got[0].Text != "oh s***" || got[0].Words[1].Text != "s***," || got[0].Words[1].Replaced.Words[0].Text != "s***" || got[1].Text != "m****" {
		t.Errorf("%+v", got)
	}
	if w := stored.Segments[0]; w.Text != "oh shit" || w.Words[1].Text != "shit," || heard.Words[0].Text != "shit" || stored.Segments[1].Text != "merde" {
		t.Errorf("it changed what is stored: %+v", stored)
	}
}

// TestMaskProperties: a mask changes neither the number of words nor that of
// their letters, no time, nothing beside and never a part of a word; masked once
// more it is the same; the words of a segment are those of its text.
func TestMaskProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"fuck", "FUCKING", "shit", "Scheiße", norm.NFD.String("Enculé"), "coño", "Scunthorpe", "class", "ask", "é", "\u0301", "\u00ad", "1", "-", "'", ".", "…", "你好", "🎬", "<mark>", "&amp;", "\xff"}
	languages := append([]string{"", "nl", "en-US"}, Languages...)
	masked := 0
	for range 20_000 {
		var words []tidings.Word
		for i := range 1 + r.IntN(4) {
			text := ""
			for range 1 + r.IntN(3) {
				text += pieces[r.IntN(len(pieces))]
			}
			words = append(words, tidings.Word{StartMS: int64(i), EndMS: int64(i) + 1, Text: text})
		}

		g := tidings.TranscriptSegment{Words: words, EndMS: 9}
		for i, w := range words {
			g.Text += strings.Repeat(" ", min(i, 1)) + w.Text
		}

		language := languages[r.IntN(len(languages))]
		got := MaskSegment(g, language)
		if got.Text != g.Text {
			masked++
		}
		checkMasked(t, g.Text, got.Text)
		if Mask(got.Text, language) != got.Text {
			t.Fatalf("%q is masked to %q, and then to %q", g.Text, got.Text, Mask(got.Text, language))
		}

		var joined []string
		for i, w := range got.Words {
			joined = append(joined, w.Text)
			if w.StartMS != words[i].StartMS || w.EndMS != words[i].EndMS {
				t.Fatalf("times of %q: %+v", g.Text, w)
			}
		}
		if len(got.Words) != len(words) || strings.Join(joined, " ") != got.Text {
			t.Fatalf("the words of %q are %q, its text is %q", g.Text, joined, got.Text)
		}
	}

	if masked < 5000 {
		t.Errorf("only %d of 20000 were masked", masked)
	}
}

// checkMasked compares a text with its masked form, word by word.
func checkMasked(t *testing.T, text, masked string) {
	t.Helper()
	plain, shown := visibleRunes(text), visibleRunes(masked)
	if len(plain) != len(shown) {
		t.Fatalf("%q is shown as %q", text, masked)
	}

	for i := range plain {
		if plain[i] == shown[i] {
			continue
		}
		first := i == 0 || !isWordStart(plain[i-1])
		if shown[i] != '*' || first || plain[i-1] == shown[i-1] && i > 1 && isWordStart(plain[i-2]) {
			t.Fatalf("%q is shown as %q: a part of a word at %d", text, masked, i)
		}
	}
}

// visibleRunes are the characters of a text without accents and invisible ones.
func visibleRunes(text string) (out []rune) {
	for _, r := range text {
		if !unicode.IsMark(r) && !unicode.Is(unicode.Cf, r) {
			out = append(out, r)
		}
	}
	return out
}

// TestDictionaries: what is left out is in the dictionaries, and each gives words.
func TestDictionaries(t *testing.T) {
	for _, language := range Languages {
		all := strings.Join(readPatterns(language), " ")
		for _, p := range strings.Fields(leftOut[language]) {
			if strings.Contains(" "+all+" ", " "+p+" ") {
				t.Errorf("%s: %s is still used", language, p)
			}
		}
		if n := len(strings.Fields(all)); n < 15 {
			t.Errorf("%s has %d patterns", language, n)
		}
	}
}
