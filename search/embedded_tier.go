package search

import (
	"slices"
	"strings"
)

// tier says where a word stands in a part that it stands for: an index of the
// best places only, beside the one of all. What is said nearly everywhere is
// ordered by it without a look at every place (a tiered index: Manning,
// Raghavan and Schütze, Introduction to Information Retrieval, 7.2.1). It is a
// character for private use, which is no letter: no text and no query has it.
type tier rune

const (
	tierTitle       tier = 0xE001 // in the title
	tierDescription tier = 0xE002 // in the description
	tierOften       tier = 0xE003 // said or written so often that the part is about it
)

// tierWeights are the tiers, best first, and what each is worth in points of rank.
func tierWeights() []struct {
	tier   tier
	points float64
} {
	return []struct {
		tier   tier
		points float64
	}{{tierTitle, 2}, {tierDescription, 1}, {tierOften, 0.5}}
}

// tierWords are the words of a part in each, given its four texts, with the prefix of its
// workspace.
func tierWords(ws string, texts [4]string) string {
	var out []string
	add := func(m tier, words []string) {
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			out = append(out, ws+string(m)+w)
		}
	}
	add(tierTitle, strings.Fields(texts[0]))
	add(tierDescription, strings.Fields(texts[1]))
	add(tierOften, frequentWords(strings.Fields(texts[2]+" "+texts[3])))
	return strings.Join(out, " ")
}

// The saturation of BM25 (Robertson and Zaragoza 2009, k1 and b as in FTS5)
// for a part of usual length.
const (
	saturation  = 1.2
	usualLength = 1000 // words
	leastOften  = 3
	oftenEnough = 1.5 // of 2.2 at most: three times in a thousand words, nine times in half an hour
)

// frequentWords are the words that a text says so often that it is about them.
func frequentWords(words []string) (out []string) {
	n := map[string]int{}
	for _, w := range words {
		n[w]++
	}

	length := saturation * (0.25 + 0.75*float64(len(words))/usualLength)
	for w, times := range n {
		if tf := float64(times); times >= leastOften && tf*(saturation+1)/(tf+length) >= oftenEnough {
			out = append(out, w)
		}
	}

	return out
}

// Words in the index begin with two characters for private use that number
// their workspace: each has lists of its own, and no search passes over what
// others have said.
const (
	firstDigit   = 0xE100
	prefixDigits = 0x1000
)

func wordPrefix(workspace int64) string {
	return string([]rune{rune(firstDigit + workspace/prefixDigits%prefixDigits), rune(firstDigit + workspace%prefixDigits)})
}

// addPrefix are analyzed words with the prefix of their workspace.
func addPrefix(ws, text string) string {
	if text == "" {
		return ""
	}
	return ws + strings.ReplaceAll(text, " ", " "+ws)
}
