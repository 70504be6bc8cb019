package profanity

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"tidings.example/tidings/third_party/profane"
)

// Languages are the languages with a dictionary, as ISO 639-1 codes.
var Languages = []string{"de", "en", "es", "fr", "pl"}

// leftOut are patterns of the dictionaries that are not used: ordinary words, or
// such that begin like them ("Niger", "schießen", "Vögeln"), names, and words
// for parts of the body, sexuality, crimes and politics, about which a team may
// have to talk.
var leftOut = map[string]string{
	"de": "lumm+el lümm+el möpse nipp+el orgasmus *schiese* *schieße* s+c+hies+e s+c+hies+er s+c+hieße+ vogeln* vögeln* wichse*",
	"en": `*ni+g+er* *testical* *testicle* anal anus anuses anusez b_d_s_m bbc boff+in* butt+ dick dike dikes dupa dyke dykes ejackulate erotic* escort* feasting
		fecal fetish* foreskin* fy get_laid got_laid hard_on hoer hooker* hore idiot* j_o_i jap joi kink+y kink+ines+ knob knobbing ladyboy* milf
		nazi nazis* naziz negr neo_nazi+ nip+le nip+les orgas+m orgas+mo paedof+il* paedophi+l* pedof+il* pedophi+l* penis* rape raping rectum sadism*
		s.o.b semen sex sexy strap_on suicid* svastik* swastik* swinger threesome vagina* viagra* vibrator voyeur* voyuer* vul+va* xrated zo+phil+i*`,
	"es": "asesinat* asno chupada* chupado* chupeton chupetón concha drogas esperm* imbecil* imbécil* pedor+ez pervertid* pezon* pezón* prostitut* sexo",
	"fr": "caca étron tapett+e",
	"pl": "debil* pedał sraczka vagina",
}

// added are words that the patterns left out were for.
var added = map[string]string{
	"de": "wichser wichsern",
	"en": "nigger* nigga* dickish",
}

// everywhere are parts of patterns of the English dictionary that are used in
// all languages: these words are said in them, and are ordinary in none.
var everywhere = []string{"fuck", "sh+it"}

// dictionary is the patterns of a language.
type dictionary struct {
	within   []string                // parts of words
	byLetter map[rune]*regexp.Regexp // whole words, by their first letter
}

// matchesWord reports whether a folded word is in the dictionary.
func (d *dictionary) matchesWord(word string) bool {
	for _, part := range d.within {
		if strings.Contains(word, part) {
			return true
		}
	}
	for _, first := range word {
		words := d.byLetter[first]
		return words != nil && words.MatchString(word)
	}
	return false
}

// dictionaries are made when they are first needed.
var dictionaries = sync.OnceValue(func() map[string]*dictionary {
	out := map[string]*dictionary{"": newDictionary(everywhereInEnglish())}
	for _, language := range Languages {
		patterns := readPatterns(language)
		if language != "en" {
			patterns = append(patterns, everywhereInEnglish()...)
		}
		out[language] = newDictionary(patterns)
	}
	return out
})

// readPatterns are the patterns of a language that are used.
func readPatterns(language string) []string {
	text, err := profane.Files.ReadFile(language + ".txt")
	if err != nil {
		panic(err) // it is embedded
	}

	unused := strings.Fields(leftOut[language])
	patterns := slices.DeleteFunc(strings.Fields(string(text)), func(p string) bool { return slices.Contains(unused, p) })
	return append(patterns, strings.Fields(added[language])...)
}

func everywhereInEnglish() []string {
	return slices.DeleteFunc(readPatterns("en"), func(p string) bool {
		return !slices.ContainsFunc(everywhere, func(part string) bool { return strings.Contains(p, part) })
	})
}

func newDictionary(patterns []string) *dictionary {
	d, byLetter := &dictionary{byLetter: map[rune]*regexp.Regexp{}}, map[rune][]string{}
	for _, p := range patterns {
		p = norm.NFC.String(p)
		if within, ok := strings.CutPrefix(p, "*"); ok && !strings.ContainsAny(strings.TrimSuffix(within, "*"), "+_*") && strings.HasSuffix(within, "*") {
			d.within = append(d.within, strings.TrimSuffix(within, "*"))
			continue
		}
		p = strings.TrimPrefix(p, "*") // of the others a word begins with it
		first := []rune(p)[0]
		byLetter[first] = append(byLetter[first], patternExpression(p))
	}

	for first, list := range byLetter {
		d.byLetter[first] = regexp.MustCompile(`^(?:` + strings.Join(list, "|") + `)$`)
	}

	return d
}

// patternExpression is a pattern as a regular expression. A word has neither spaces nor
// hyphens, so "_" stands for nothing.
func patternExpression(pattern string) string {
	word, open := strings.CutSuffix(pattern, "*")
	word = regexp.QuoteMeta(strings.NewReplacer("_", "", "+", "\x00").Replace(word))
	word = strings.ReplaceAll(word, "\x00", "+")
	if open {
		word += ".*"
	}
	return word
}

// dictionaryOf is the dictionary for a BCP 47 tag. Where the language is not
// known it is that of the built-in engine's drafts, which are English.
func dictionaryOf(language string) *dictionary {
	base, _, _ := strings.Cut(strings.ToLower(cmp.Or(language, "en")), "-")
	if d, there := dictionaries()[base]; there {
		return d
	}
	return dictionaries()[""]
}
