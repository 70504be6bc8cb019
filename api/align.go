package api

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings"
)

// align gives the words of a corrected text their times. Words that were there
// before keep theirs (the longest common subsequence, without regard to case
// and punctuation); those between two of them share the time between, by their
// length.
func align(seg tidings.TranscriptSegment, text string) []tidings.Word {
	fields := strings.Fields(text)
	words := make([]tidings.Word, len(fields))
	kept := common(seg.Words, fields)
	at, from := seg.StartMS, 0
	for i, f := range fields {
		words[i].Text = f
		old, ok := kept[i]
		if !ok {
			continue
		}
		w := seg.Words[old]
		share(words[from:i], at, max(at, w.StartMS))
		words[i].StartMS, words[i].EndMS, words[i].P, words[i].Estimated = max(at, w.StartMS), max(at, w.EndMS), w.P, w.Estimated
		at, from = words[i].EndMS, i+1
	}
	share(words[from:], at, max(at, seg.EndMS))
	return words
}

// share divides a stretch of time among words by their length.
func share(words []tidings.Word, from, to int64) {
	var total, sum int64
	for _, w := range words {
		total += int64(utf8.RuneCountInString(w.Text))
	}
	for i := range words {
		words[i].StartMS = from + (to-from)*sum/total
		sum += int64(utf8.RuneCountInString(words[i].Text))
		words[i].EndMS = from + (to-from)*sum/total
		words[i].Estimated = true
	}
}

// common maps new words to the old ones they are.
func common(old []tidings.Word, words []string) map[int]int {
	a, b := make([]string, len(old)), make([]string, len(words))
	for i, w := range old {
		a[i] = plainWord(w.Text)
	}
	for i, w := range words {
		b[i] = plainWord(w)
	}
	if len(a)*len(b) > 4_000_000 { // a segment is an utterance; this is something else
		return nil
	}
	// length[i][j] is the longest common subsequence of a[i:] and b[j:].
	length := make([][]int32, len(a)+1)
	for i := range length {
		length[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	kept := map[int]int{}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			kept[j] = i
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return kept
}

func plainWord(w string) string {
	return strings.ToLower(strings.TrimFunc(w, func(r rune) bool { return unicode.IsPunct(r) }))
}
