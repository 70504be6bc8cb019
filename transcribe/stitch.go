package transcribe

import (
	"strings"
	"unicode"

	"tidings.example/tidings/tidings"
)

// sameWordMS is how far apart, in ms, the times of one word in two pieces may
// be.
const sameWordMS = 1_000

// stitchSegments joins the segments of two pieces that share the sound from
// `from` to `to` (ms), and removes what both contain. Where both have the same
// words in the shared sound, the seam is in the middle of the longest such run;
// otherwise it is in the middle of the shared sound.
func stitchSegments(a, b []tidings.TranscriptSegment, from, to int64) (before, after []tidings.TranscriptSegment) {
	left, right := wordsOf(a), wordsOf(b)
	i, j, n := longestRun(left, right, from-sameWordMS, to+sameWordMS)
	if n > 0 {
		return firstWords(a, i+n/2), withoutFirstWords(b, j+n/2)
	}

	middle := (from + to) / 2
	keep, skip := 0, 0
	for keep < len(left) && (left[keep].StartMS+left[keep].EndMS)/2 < middle {
		keep++
	}

	for skip < len(right) && (right[skip].StartMS+right[skip].EndMS)/2 < middle {
		skip++
	}

	return firstWords(a, keep), withoutFirstWords(b, skip)
}

func wordsOf(segs []tidings.TranscriptSegment) []tidings.Word {
	var all []tidings.Word
	for _, s := range segs {
		all = append(all, s.Words...)
	}
	return all
}

// longestRun finds the longest run of equal words in the time from `from` to
// `to`: it begins at a[i] and b[j]. Of runs of equal length the last one counts.
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
			for x+k < len(a) && y+k < len(b) && b[y+k].StartMS <= to && isSameWord(a[x+k], b[y+k]) {
				k++
			}

			if k >= n && k > 0 {
				i, j, n = x, y, k
			}
		}
	}
	return i, j, n
}

func isSameWord(a, b tidings.Word) bool {
	d := a.StartMS - b.StartMS
	return -sameWordMS <= d && d <= sameWordMS && plainWord(a.Text) == plainWord(b.Text)
}

// plainWord is a word without case and punctuation; a word of punctuation alone
// is returned unchanged.
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

// firstWords is the segments with their first n words.
func firstWords(segs []tidings.TranscriptSegment, n int) []tidings.TranscriptSegment {
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

// withoutFirstWords is the segments without their first n words.
func withoutFirstWords(segs []tidings.TranscriptSegment, n int) []tidings.TranscriptSegment {
	for len(segs) > 0 && n >= len(segs[0].Words) {
		n -= len(segs[0].Words)
		segs = segs[1:]
	}
	if n == 0 || len(segs) == 0 {
		return segs
	}
	return append([]tidings.TranscriptSegment{withWords(segs[0], segs[0].Words[n:])}, segs[1:]...)
}

// withWords is a segment reduced to some of its words.
func withWords(s tidings.TranscriptSegment, words []tidings.Word) tidings.TranscriptSegment {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	s.Words, s.Text = words, strings.Join(texts, " ")
	s.StartMS, s.EndMS = words[0].StartMS, words[len(words)-1].EndMS
	return s
}
