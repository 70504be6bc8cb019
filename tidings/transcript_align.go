package tidings

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// WithText is the segment with a corrected text. Words that are in both texts
// (their longest common subsequence, without regard to case and punctuation)
// keep their times. New words take over the times of as many replaced ones;
// otherwise they share the time between, by their letters, and are marked as
// estimated.
func (g TranscriptSegment) WithText(text string) TranscriptSegment {
	fields := strings.Fields(text)
	words := make([]Word, len(fields))
	for i, f := range fields {
		words[i].Text = f
	}

	at, from, old := g.StartMS, 0, 0
	settle := func(to, upTo int, end int64) {
		placeWords(words[from:to], g.Words[old:upTo], at, max(at, end))
	}
	for _, m := range commonWords(g.Words, fields) {
		w := g.Words[m.old]
		settle(m.now, m.old, w.StartMS)
		w.Text, w.StartMS, w.EndMS = fields[m.now], max(at, w.StartMS), max(at, w.EndMS)
		words[m.now] = w
		at, from, old = w.EndMS, m.now+1, m.old+1
	}

	settle(len(words), len(g.Words), g.EndMS)
	g.Text, g.Words = strings.Join(fields, " "), dropStaleReplacements(words, g.Words)
	return g
}

// placeWords sets the times of words that replaced old ones between from and to.
func placeWords(words, old []Word, from, to int64) {
	if len(old) > 0 && len(words) == len(old) {
		for i := range words {
			o := old[i]
			words[i].StartMS, words[i].EndMS = clampMS(o.StartMS, from, to), clampMS(o.EndMS, from, to)
			words[i].Estimated = o.Estimated
		}
		return
	}

	if len(old) > 0 {
		from, to = clampMS(old[0].StartMS, from, to), clampMS(old[len(old)-1].EndMS, from, to)
	}

	shareTime(words, from, to)
}

func clampMS(ms, from, to int64) int64 { return min(max(ms, from), to) }

// shareTime divides a range among words by their letters.
func shareTime(words []Word, from, to int64) {
	var total, sum int64
	for _, w := range words {
		total += int64(utf8.RuneCountInString(w.Text))
	}

	total = max(1, total)
	for i := range words {
		words[i].StartMS = from + (to-from)*sum/total
		sum += int64(utf8.RuneCountInString(words[i].Text))
		words[i].EndMS = from + (to-from)*sum/total
		words[i].Estimated = true
	}
}

// dropStaleReplacements drops the record of a glossary replacement from words
// that have changed since.
func dropStaleReplacements(words, before []Word) []Word {
	for i := range words {
		h := words[i].Replaced
		if h == nil {
			continue
		}

		at := -1
		for j := range before {
			if before[j].Replaced == h {
				at = j
			}
		}

		whole := at >= 0 && i+h.Span <= len(words) && at+h.Span <= len(before)
		for k := 0; whole && k < h.Span; k++ {
			whole = words[i+k].Text == before[at+k].Text
		}

		if !whole {
			words[i].Replaced = nil
		}
	}
	return words
}

// match is the position of a word that is in both texts.
type match struct{ old, now int }

// commonWords is the longest common subsequence of old words and the fields of a
// text.
func commonWords(old []Word, fields []string) (out []match) {
	a, b := make([]string, len(old)), make([]string, len(fields))
	for i, w := range old {
		a[i] = bareWord(w.Text)
	}

	for i, f := range fields {
		b[i] = bareWord(f)
	}

	for _, p := range CommonWords(a, b) {
		out = append(out, match{p[0], p[1]})
	}

	return out
}

// bareWord is a word in lower case without the punctuation around it.
func bareWord(word string) string {
	return strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return unicode.IsPunct(r) }))
}

// maxCorrectionWords is how many words a correction may have on either side.
const maxCorrectionWords = 4

// Corrections are the phrases that differ between two texts of a segment, where
// a few words were replaced by a few others. A change of punctuation alone is
// none; one of case is.
func Corrections(before, after TranscriptSegment) (out []Correction) {
	fields := strings.Fields(after.Text)
	old, now := 0, 0
	note := func(oldEnd, nowEnd int) {
		heard, written := joinWords(before.Words[old:oldEnd]), strings.Join(fields[now:nowEnd], " ")
		written = strings.TrimFunc(written, unicode.IsPunct)
		if heard == "" || written == "" || oldEnd-old > maxCorrectionWords || nowEnd-now > maxCorrectionWords || utf8.RuneCountInString(heard+written) > 150 {
			return
		}
		out = append(out, Correction{Original: strings.ToLower(heard), Replacement: written, Times: 1})
	}
	for _, m := range commonWords(before.Words, fields) {
		note(m.old, m.now)
		if was, is := strings.TrimFunc(before.Words[m.old].Text, unicode.IsPunct), strings.TrimFunc(fields[m.now], unicode.IsPunct); was != is {
			out = append(out, Correction{Original: strings.ToLower(was), Replacement: is, Times: 1})
		}
		old, now = m.old+1, m.now+1
	}

	note(len(before.Words), len(fields))
	return out
}

func joinWords(words []Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.TrimFunc(strings.Join(texts, " "), unicode.IsPunct)
}
