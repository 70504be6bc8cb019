package search

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestAnalyze(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"Hello, World!":         "hello world",
		"don't":                 "don t",
		"naïve Café":            "naive cafe",
		"Straße STRASSE ẞ":      "strasse strasse ss",
		"Ærø Łódź œuvre Đà":     "aero lodz oeuvre da",
		"İstanbul ışık IŞIK":    "istanbul isik isik",
		"ΟΔΥΣΣΕΎΣ":              "οδυσσευσ",
		"ﬁne ½ ２０２６":            "fine 12 2026",
		"東京タワー":                 "東 京 タ ワ ー",
		"ｶﾞﾗｽ が か\u3099":        "ガ ラ ス が が",
		"한국 \u1112\u1161\u11ab": "한 국 한",
		"v2.0-beta_3":           "v2 0 beta 3",
		"हिन्दी":                "हिन्दी",
		"مَرْحَبًا":             "مرحبا",
		"ไทย":                   "ไ ท ย",
		"🎉👍🏽🇫🇷 ok":              "🎉 👍 🇫🇷 ok",
		"\u0301a":               "a",
		"\x00\xff a\xc0b":       "a b",
		"mixed漢字word":           "mixed 漢 字 word",
	} {
		if got := joinTokens(analyzeText(text)); got != want {
			t.Errorf("analyze(%q) = %q, want %q", text, got, want)
		}
	}
}

// FuzzAnalyze holds what everything else builds on: tokens lie in order, on
// rune borders, are never empty, hold no space and no ASCII punctuation (which
// the index would split or take for syntax), and do not depend on how accents
// are written.
func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{"Hello", "é e\u0301", "ｶﾞ", "한국", "👩‍👩‍👧", "ﷺ", "½", "ไทยำ", "\xff", "a\u0301\u0301", strings.Repeat("x", 200), "㍿ ㈱ ™"} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, s string) {
		at := 0
		for _, tok := range analyzeText(s) {
			if tok.start < at || tok.end <= tok.start || tok.end > len(s) || !utf8.RuneStart(s[tok.start]) {
				t.Fatalf("token %+v behind %d", tok, at)
			}

			at = tok.end

			if tok.term == "" || !utf8.ValidString(tok.term) || strings.ContainsFunc(tok.term, func(r rune) bool {
				return r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z')
			}) {
				t.Fatalf("term %q", tok.term)
			}
		}

		if a, b := joinTokens(analyzeText(norm.NFC.String(s))), joinTokens(analyzeText(norm.NFD.String(s))); utf8.ValidString(s) && len(s) < maxWord && a != b {
			t.Fatalf("%q: composed %q, decomposed %q", s, a, b)
		}
	})
}

func TestTypo(t *testing.T) {
	for _, c := range []struct {
		want, word string
		prefix     bool
		n          int
		ok         bool
	}{
		{"kubernetes", "kubernetes", false, 0, true},
		{"kubernatus", "kubernetes", false, 2, true},
		{"kuberentes", "kubernetes", false, 1, true},
		{"kubern", "kubernetes", true, 0, true},
		{"kubrene", "kubernetes", true, 1, true},
		{"rolback", "rollback", false, 1, true},
		{"rlback", "rollback", false, 2, false},
		{"xollback", "rollback", false, 1, false},
		{"tag", "tab", false, 0, false},
		{"2026a", "2025a", false, 0, false},
		{"größe", "grosse", false, 2, false},
	} {
		n, ok := countTypos(c.want, c.prefix, c.word)
		if ok != c.ok || ok && n != c.n {
			t.Errorf("%s for %s: %d %v, want %d %v", c.want, c.word, n, ok, c.n, c.ok)
		}
	}
}

func TestParseTerms(t *testing.T) {
	for text, want := range map[string]string{
		"a b":                    "[a] [b]",
		"deploy now":             "[deploy] [now]*",
		"deploy now ":            "[deploy] [now]",
		"now now now":            "[now] [now]*",
		`"roll back" x-ray`:      "[roll back] [x ray]*",
		`-"roll back" -x`:        "-[roll back] -[x]",
		`- -- a - b`:             "[a] [b]",
		"会議 東京":                  "[会 議] [東 京]",
		"don't":                  "[don t]",
		`"open phra`:             "[open phra]*",
		"“curly” «french» „low”": "[curly] [french] [low]",
		"a,bb;cc(dd)":            "[a] [bb] [cc] [dd]",
		`foo:"bar baz" q`:        "[foo] [bar baz] [q]",
	} {
		var out []string
		for _, t := range parseTerms(text) {
			s := "[" + strings.Join(t.words, " ") + "]"
			if t.not {
				s = "-" + s
			}

			if t.prefix {
				s += "*"
			}

			out = append(out, s)
		}

		if got := strings.Join(out, " "); got != want {
			t.Errorf("parseTerms(%q) = %s, want %s", text, got, want)
		}
	}
}

func countTypos(want string, prefix bool, word string) (int, bool) {
	m, ok := (&term{words: []string{want}, prefix: prefix}).typoPattern()
	if !ok {
		return 0, false
	}
	return m.typosIn(word)
}
