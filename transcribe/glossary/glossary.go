// Package glossary puts the terms of a workspace's glossary into transcripts
// and restores what the speech engine wrote.
package glossary

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tidings.example/tidings/tidings"
)

// Replacer replaces what engines write by the terms of a workspace. It may be
// used for many transcripts at once.
type Replacer struct {
	exact map[string][]replacement // by the first word, as it is written
	fold  map[string][]replacement // by the first word, without case
}

// replacement is one spelling of an entry to replace. Longer ones come first.
type replacement struct {
	sounds []string // words, normalised; folded in Replacer.fold
	term   []string // words as they are to be written
}

// New prepares the entries.
func New(g tidings.Glossary) *Replacer {
	out := &Replacer{exact: map[string][]replacement{}, fold: map[string][]replacement{}}
	for _, e := range g.Entries {
		for _, s := range e.SoundsLike {
			table, plain := out.fold, foldCase
			if e.CaseSensitive {
				table, plain = out.exact, norm.NFC.String
			}

			r := replacement{term: strings.Fields(e.Term)}
			for _, f := range strings.Fields(s) {
				r.sounds = append(r.sounds, plain(wordCore(f)))
			}

			if len(r.term) == 0 || len(r.sounds) == 0 || hasEmpty(r.sounds) {
				continue
			}

			table[r.sounds[0]] = longestFirst(table[r.sounds[0]], r)
		}
	}

	return out
}

func hasEmpty(words []string) bool {
	for _, w := range words {
		if w == "" {
			return true
		}
	}
	return false
}

func longestFirst(list []replacement, r replacement) []replacement {
	i := 0
	for i < len(list) && len(list[i].sounds) >= len(r.sounds) {
		i++
	}
	return append(list[:i:i], append([]replacement{r}, list[i:]...)...)
}

// Apply is a segment with the terms in place of what sounds like them, and the
// number of replacements. It goes through the words once, from the left, takes
// the longest match, and never matches its own output: so entries cannot trigger
// each other, and none is applied twice. A match consists of whole words;
// punctuation around it is kept, and none may be inside. Words of equal number
// keep their times; otherwise they share the time range. The replaced words are
// kept in Word.Heard. A segment without word times is unchanged; a nil Replacer
// has no entries.
func (g *Replacer) Apply(seg tidings.TranscriptSegment) (tidings.TranscriptSegment, int) {
	if g == nil {
		return seg, 0
	}

	n := 0
	var words []tidings.Word
	for i := 0; i < len(seg.Words); {
		if h := seg.Words[i].Replaced; h != nil { // it was here before
			end := min(len(seg.Words), i+max(1, h.Span))
			words = append(words, seg.Words[i:end]...)
			i = end
			continue
		}

		r, ok := g.longestMatch(seg.Words[i:])
		if !ok {
			words = append(words, seg.Words[i])
			i++
			continue
		}

		old := seg.Words[i : i+len(r.sounds)]
		words = append(words, replaceWords(old, r.term)...)
		n, i = n+1, i+len(old)
	}

	if n == 0 {
		return seg, 0
	}

	seg.Words, seg.Text = words, wordsText(words)
	return seg, n
}

// longestMatch is the longest entry that the words begin with, if it changes
// anything.
func (g *Replacer) longestMatch(words []tidings.Word) (best replacement, ok bool) {
	for _, t := range []struct {
		table map[string][]replacement
		plain func(string) string
	}{{g.exact, norm.NFC.String}, {g.fold, foldCase}} {
		for _, r := range t.table[t.plain(wordCore(words[0].Text))] {
			if len(r.sounds) > len(best.sounds) && r.matchesWords(words, t.plain) {
				best, ok = r, true
			}
		}
	}
	return best, ok
}

func (r replacement) matchesWords(words []tidings.Word, plain func(string) string) bool {
	if len(words) < len(r.sounds) {
		return false
	}

	same := len(r.sounds) == len(r.term)
	for i, want := range r.sounds {
		w := words[i]
		before, middle, after := splitPunctuation(w.Text)
		if w.Replaced != nil || plain(middle) != want || i > 0 && before != "" || i < len(r.sounds)-1 && after != "" {
			return false
		}
		same = same && middle == r.term[i]
	}

	return !same
}

// replaceWords are the words of a term with the times of the words that they
// replace.
func replaceWords(old []tidings.Word, term []string) []tidings.Word {
	out := make([]tidings.Word, len(term))
	first, last := old[0], old[len(old)-1]

	for i, t := range term {
		out[i].Text = t
	}

	before, _, _ := splitPunctuation(first.Text)
	_, _, after := splitPunctuation(last.Text)
	out[0].Text = before + out[0].Text
	if !strings.HasSuffix(out[len(out)-1].Text, after) { // an abbreviation has its own stop
		out[len(out)-1].Text += after
	}

	if len(out) == len(old) {
		for i := range out {
			out[i].StartMS, out[i].EndMS, out[i].Estimated = old[i].StartMS, old[i].EndMS, old[i].Estimated
		}
	} else {
		shareWords(out, first.StartMS, last.EndMS)
		if len(out) == 1 {
			out[0].Estimated = first.Estimated && last.Estimated // the time range as a whole was timed
		}
	}

	out[0].Replaced = &tidings.ReplacedWords{Words: append([]tidings.Word{}, old...), Span: len(term)}
	return out
}

// Restore restores what the engine wrote: at one word, or, with at < 0, wherever
// term, if not empty, was inserted. It returns the number of restored places.
func Restore(seg tidings.TranscriptSegment, at int, term string) (tidings.TranscriptSegment, int) {
	n := 0
	var words []tidings.Word
	for i := 0; i < len(seg.Words); {
		w := seg.Words[i]
		if w.Replaced == nil || at >= 0 && i != at || i+w.Replaced.Span > len(seg.Words) ||
			term != "" && wordCore(wordsText(seg.Words[i:i+w.Replaced.Span])) != wordCore(term) {
			words = append(words, w)
			i++
			continue
		}

		words = append(words, w.Replaced.Words...)
		n, i = n+1, i+w.Replaced.Span
	}

	if n == 0 {
		return seg, 0
	}

	seg.Words, seg.Text = words, wordsText(words)
	return seg, n
}

func wordsText(words []tidings.Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}

// shareWords divides a time range among words in proportion to their letters.
func shareWords(words []tidings.Word, from, to int64) {
	var total, sum int64
	for _, w := range words {
		total += int64(utf8.RuneCountInString(w.Text))
	}

	at := func() int64 { return from + (to-from)*sum/max(1, total) }
	for i := range words {
		w := tidings.Word{Text: words[i].Text, StartMS: at(), Estimated: true}
		sum += int64(utf8.RuneCountInString(w.Text))
		w.EndMS = at()
		words[i] = w
	}
}

// splitPunctuation splits a written word into leading punctuation, the word, and
// trailing punctuation.
func splitPunctuation(text string) (before, middle, after string) {
	edge := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !isTerm(r)
	}
	from := strings.IndexFunc(text, func(r rune) bool { return !edge(r) })
	if from < 0 {
		return text, "", ""
	}
	middle = strings.TrimRightFunc(text[from:], edge)
	return text[:from], middle, text[from+len(middle):]
}

// isTerm reports whether a rune belongs to names, as in C++, C# and $HOME.
func isTerm(r rune) bool { return strings.ContainsRune("+#$&@%", r) }

func wordCore(text string) string {
	_, middle, _ := splitPunctuation(text)
	return middle
}

// foldCase is text in a form in which case does not matter, in any script
// (Unicode simple case folding, after normalisation form C).
func foldCase(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, norm.NFC.String(text))
}
