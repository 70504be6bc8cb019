package transcribe

import (
	"strings"
	"unicode"

	"tidings.example/tidings/tidings"
)

// sameWord is how far apart, in ms, two engines' times of one word may be.
const sameWord = 1_000

// stitch joins what two pieces say that share the sound from `from` to `to`
// (ms): of what was heard twice, one goes. Where both have the same words in
// the shared sound, the seam is in the middle of the longest such run; where
// they have none, it is in the middle of the sound.
func stitch(a, b []tidings.TranscriptSegment, from, to int64) (before, after []tidings.TranscriptSegment) {
	left, right := wordsOf(a), wordsOf(b)
	i, j, n := longestRun(left, right, from-sameWord, to+sameWord)
	if n > 0 {
		return headOf(a, i+n/2), tailOf(b, j+n/2)
	}

	middle := (from + to) / 2
	keep, skip := 0, 0
	for keep < len(left) && (left[keep].StartMS+left[keep].EndMS)/2 < middle {
		keep++
	}

	for skip < len(right) && (right[skip].StartMS+right[skip].EndMS)/2 < middle {
		skip++
	}

	return headOf(a, keep), tailOf(b, skip)
}

func wordsOf(segs []tidings.TranscriptSegment) []tidings.Word {
	var all []tidings.Word
	for _, s := range segs {
		all = append(all, s.Words...)
	}
	return all
}

// longestRun finds the longest run of equal words in the time from `from` to
// `to`: it begins at a[i] and b[j]. Of runs of one length the last one counts.
func longestRun(a, b []tidings.Word, from, to int64) (i, j, n int) {
	for x := range a {
		if a[x].EndMS < from {
			continue
		}

		for y := range b {
			if b[y].StartMS > to {
				break
			}

			k := 0
			for x+k < len(a) && y+k < len(b) && b[y+k].StartMS <= to && sameSpoken(a[x+k], b[y+k]) {
				k++
			}

			if k >= n && k > 0 {
				i, j, n = x, y, k
			}
		}
	}
	return i, j, n
}

func sameSpoken(a, b tidings.Word) bool {
	d := a.StartMS - b.StartMS
	return -sameWord <= d && d <= sameWord && plainWord(a.Text) == plainWord(b.Text)
}

// plainWord is a word without case and punctuation; of one that has nothing
// else, itself.
func plainWord(text string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
	if plain == "" {
		return text
	}
	return plain
}

// headOf is the first n words of segments.
func headOf(segs []tidings.TranscriptSegment, n int) []tidings.TranscriptSegment {
	var out []tidings.TranscriptSegment
	for _, s := range segs {
		if n <= 0 {
			break
		}

		if n < len(s.Words) {
			s = withWords(s, s.Words[:n])
		}

		n -= len(s.Words)
		out = append(out, s)
	}

	return out
}

// tailOf is what is left of segments without their first n words.
func tailOf(segs []tidings.TranscriptSegment, n int) []tidings.TranscriptSegment {
	for len(segs) > 0 && n >= len(segs[0].Words) {
		n -= len(segs[0].Words)
		segs = segs[1:]
	}
	if n == 0 || len(segs) == 0 {
		return segs
	}
	return append([]tidings.TranscriptSegment{withWords(segs[0], segs[0].Words[n:])}, segs[1:]...)
}

// withWords is a segment of which only some words are left.
func withWords(s tidings.TranscriptSegment, words []tidings.Word) tidings.TranscriptSegment {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	s.Words, s.Text = words, strings.Join(texts, " ")
	s.StartMS, s.EndMS = words[0].StartMS, words[len(words)-1].EndMS
	return s
}
