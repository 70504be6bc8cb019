package search

import (
	"slices"
	"strings"
)

// tier is a class of occurrences of a word in a chunk, from best to worst. Each
// tier is an index of few occurrences beside that of all of them, so that common
// words are ordered without reading every occurrence (a tiered index: Manning,
// Raghavan and Schütze, Introduction to Information Retrieval, 7.2.1). Its value
// is a private-use character, which neither texts nor queries contain.
type tier rune

const (
	tierTitle       tier = 0xE001 // in the title
	tierDescription tier = 0xE002 // in the description
	tierOften       tier = 0xE003 // so frequent that the chunk is about it
)

// tierWeights are the tiers, best first, and the points of rank each is worth.
func tierWeights() []struct {
	tier   tier
	points float64
} {
	return []struct {
		tier   tier
		points float64
	}{{tierTitle, 2}, {tierDescription, 1}, {tierOften, 0.5}}
}

// tierWords are the words of a chunk by tier, given its four texts, with the
// prefix of the workspace.
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
// for a chunk of usual length.
const (
	saturation  = 1.2
	usualLength = 1000 // words
	leastOften  = 3
	oftenEnough = 1.5 // of at most 2.2: three times in a thousand words, nine times in half an hour
)

// frequentWords are the words that occur so often in a text that it is about
// them.
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

// Indexed words begin with two private-use characters that number their
// workspace, so that each workspace has posting lists of its own and searches
// never read those of others.
const (
	firstDigit   = 0xE100
	prefixDigits = 0x1000
)

func wordPrefix(workspace int64) string {
	return string([]rune{rune(firstDigit + workspace/prefixDigits%prefixDigits), rune(firstDigit + workspace%prefixDigits)})
}

// addPrefix puts the prefix of a workspace before each word of an analyzed text.
func addPrefix(ws, text string) string {
	if text == "" {
		return ""
	}
	return ws + strings.ReplaceAll(text, " ", " "+ws)
}
