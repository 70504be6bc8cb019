package phrases

import (
	"strings"
	"testing"
)

// TestSentences: "/" stands where a sentence ends.
func TestSentences(t *testing.T) {
	for _, c := range []struct{ language, text string }{
		{"en", "That is it. / We go."},
		{"en", "Mr. Smith met Dr. Anna Miller at St. Mary's. / Then they left."},
		{"en", "We need e.g. paper, i.e. A4, etc. / Then we print."},
		{"en", "It grew by 3.5 percent. / 12 of them came."},
		{"en", "He said no. / Then we left at 5 p.m. / Nobody saw No. 7 there."},
		{"en", "Really?! / Yes! / “Why?” she said. / “No.” / And so on…"},
		{"en", "Wait... what? / Wait... / What?"},
		{"en", "John F. Kennedy said so, and so did I. / Nobody knew."},
		{"en", "Look at example.org. / It works."},
		{"de", "Am 3. Mai kam z. B. Frau Dr. Müller. / Im 19. Jahrhundert nicht."},
		{"en", "It was chapter 5. / The next one is long."},
		{"de", "Das war Kapitel 215. / Das nächste ist lang."},
		{"ja", "はい。 / 本当ですか？ / 「はい。」 と言いました。"},
		{"zh", "好。 / 为什么？ / 走！"},
		{"ar", "نعم. / هل انتهينا؟ / نعم، شكرا."},
		{"hi", "हाँ। / ठीक है।"},
		{"", "no full stop here"},
	} {
		words := strings.Fields(strings.ReplaceAll(c.text, " /", ""))
		var got []string
		for i, b := range MarkBreaks(words, c.language) {
			if got = append(got, words[i]); b.Sentence && i < len(words)-1 {
				got = append(got, "/")
			}
		}
		if now := strings.Join(got, " "); now != c.text {
			t.Errorf("%s, want %s", now, c.text)
		}
	}
}

// TestJoined: "_" stands between words that are not separated.
func TestJoined(t *testing.T) {
	for _, c := range []struct{ language, text string }{
		{"en", "I met Mr._Smith and Anna_Miller there"},
		{"en", "then Ludwig_van_Beethoven went to New_York and I came"},
		{"en", "about 25_percent of 1.2_million_dollars by May_5 or 5_May"},
		{"en", "see page_12 and No._7 of Windows_95 or $_5"},
		{"en", "The Old Man And The Sea Is Long"},
		{"en", "IT IS ALL IN CAPITALS HERE"},
		{"en", "On Monday, Anna saw it"},
		{"de", "wir fragen Frau_Dr._Müller z._B. um 10_Uhr wegen 1,5_Mio._Euro"},
		{"fr", "nous avons vu Charles_de_Gaulle hier"},
	} {
		words := strings.FieldsFunc(c.text, func(r rune) bool { return r == ' ' || r == '_' })
		got := ""
		for i, b := range MarkBreaks(words, c.language) {
			got += words[i]
			switch {
			case i == len(words)-1:
			case b.Joined:
				got += "_"
			default:
				got += " "
			}
		}
		if got != c.text {
			t.Errorf("%s, want %s", got, c.text)
		}
	}
}

// TestClauses: clauses and dangling words are those of the language.
func TestClauses(t *testing.T) {
	b := MarkBreaks(strings.Fields("We went to the house, and they (all of them) because of it – stayed"), "en")
	for i, want := range []string{"", "", "dangling", "dangling", "clause conjunction", "", "clause", "", "dangling", "clause conjunction", "", "dangling", "clause", "clause", ""} {
		got := ""
		for _, p := range []struct {
			is   bool
			name string
		}{{b[i].Dangling, "dangling"}, {b[i].Clause, "clause"}, {b[i].Conjunction, "conjunction"}, {b[i].Sentence, "sentence"}} {
			if p.is {
				got += " " + p.name
			}
		}
		if i < len(b)-1 && strings.TrimSpace(got) != want {
			t.Errorf("word %d: %q, want %q", i, got, want)
		}
	}

	if MarkBreaks([]string{"die", "cast"}, "en-GB")[0].Dangling || !MarkBreaks([]string{"die", "Kinder"}, "de-AT")[0].Dangling || MarkBreaks([]string{"die", "x"}, "pl")[0].Dangling {
		t.Error("“die” is an article in German alone")
	}
}
