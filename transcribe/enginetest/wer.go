package enginetest

import (
	"strings"
	"unicode"
)

// Errors counts what separates a hypothesis from its reference.
type Errors struct{ Substituted, Deleted, Inserted, Words int }

// Rate is the word error rate: errors per word of the reference.
func (e Errors) Rate() float64 {
	return float64(e.Substituted+e.Deleted+e.Inserted) / float64(max(1, e.Words))
}

// Add sums up.
func (e *Errors) Add(o Errors) {
	e.Substituted += o.Substituted
	e.Deleted += o.Deleted
	e.Inserted += o.Inserted
	e.Words += o.Words
}

// spelled maps different spellings of one word to one form.
var spelled = map[string]string{
	"y'know": "you know", "gonna": "going to", "wanna": "want to", "gotta": "got to", "'cause": "because", "cause": "because", "ok": "okay",
	"0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine", "10": "ten",
	"won't": "will not", "can't": "can not", "cannot": "can not", "let's": "let us", "mr": "mister", "mrs": "missus", "dr": "doctor",
	"uh": "", "um": "", "hmm": "", "mm": "", "mhm": "",
}

// endings of contractions, and what they stand for.
var endings = [][2]string{{"n't", " not"}, {"'re", " are"}, {"'ve", " have"}, {"'ll", " will"}, {"'d", " would"}, {"'m", " am"}, {"'s", " is"}}

// Words normalises text in the manner of the Whisper paper (Radford et al.
// 2022, appendix C), a small part of it: lower case, no punctuation, no
// fillers, contractions written out, numerals up to ten as words.
func Words(text string) []string {
	text = strings.NewReplacer("’", "'", "‘", "'", "-", " ", "–", " ", "—", " ").Replace(strings.ToLower(text))
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' }) {
		out = append(out, strings.Fields(expandContraction(w))...)
	}
	return out
}

func expandContraction(w string) string {
	if to, ok := spelled[w]; ok {
		return to
	}

	w = strings.Trim(w, "'")
	for _, e := range endings {
		if stem, ok := strings.CutSuffix(w, e[0]); ok {
			return stem + e[1]
		}
	}

	if to, ok := spelled[w]; ok {
		return to
	}

	return w
}

// Compare aligns two word lists with the fewest errors (Levenshtein).
func Compare(reference, hypothesis []string) Errors {
	row := make([]Errors, len(hypothesis)+1)
	for j := range row {
		row[j].Inserted = j
	}

	for _, word := range reference {
		diagonal := row[0]
		row[0].Deleted++
		for j, recognised := range hypothesis {
			best := diagonal
			if word != recognised {
				best.Substituted++
			}

			if d := row[j+1]; d.totalErrors()+1 < best.totalErrors() {
				best = d
				best.Deleted++
			}

			if i := row[j]; i.totalErrors()+1 < best.totalErrors() {
				best = i
				best.Inserted++
			}

			diagonal, row[j+1] = row[j+1], best
		}
	}

	e := row[len(hypothesis)]
	e.Words = len(reference)
	return e
}

func (e Errors) totalErrors() int { return e.Substituted + e.Deleted + e.Inserted }
