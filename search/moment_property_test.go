package search

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestMomentsAgainstBruteForce compares the moments of random transcripts with
// those of a brute-force search that tries every place and uses neither analyzer nor
// index: words are separated by spaces.
func TestMomentsAgainstBruteForce(t *testing.T) {
	seed := rand.Int63()
	r := rand.New(rand.NewSource(seed))
	words := strings.Fields("sa sail sat ebb ebbs keel rope the and of in buoy") // too short to be mistyped
	for round := range 3000 {
		var d tidings.Document
		at := int64(0)
		for range 1 + r.Intn(8) {
			text := make([]string, 1+r.Intn(12))
			for i := range text {
				text[i] = words[r.Intn(len(words))]
			}

			if r.Intn(4) == 0 {
				at += 60_000 // a pause
			}

			d.Transcript = append(d.Transcript, newSegment(fmt.Sprint("s", len(d.Transcript)), at, strings.Join(text, " ")))
			at += int64(len(text)) * 500
		}

		var query []string
		for range 1 + r.Intn(3) {
			query = append(query, words[r.Intn(8)])
		}

		text := strings.Join(query, " ")
		if r.Intn(2) == 0 {
			text += " " // the last word is whole
		}

		want := naiveMoments(d, query, !strings.HasSuffix(text, " "))
		var got []int64
		for _, m := range Moments(d, tidings.Query{Text: text, In: []string{"transcript"}}) {
			got = append(got, m.StartMS)
		}

		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("seed %d round %d: %q in %v is at %v, want %v", seed, round, text, wordsOf(d), got, want)
		}
	}
}

// spokenWord is a word of a transcript with its time and place.
type spokenWord struct {
	text    string
	ms      int64
	byteAt  int
	stretch int // between pauses
}

// naiveMoments takes, three times, the best start of all: with most of the
// words not shown yet, with most of the words, with them closest together, the
// earliest; and then none that is within reach of it.
func naiveMoments(d tidings.Document, query []string, prefix bool) (out []int64) {
	all := wordsOf(d)
	near := func(a, b int) bool {
		a, b = min(a, b), max(a, b)
		return all[b].byteAt-all[a].byteAt <= reach && all[a].stretch == all[b].stretch
	}

	has := func(i, term int) bool {
		return all[i].text == query[term] || prefix && term == len(query)-1 && strings.HasPrefix(all[i].text, query[term])
	}

	shown, taken := map[string]bool{}, []int{}
	for range 3 {
		best, score := -1, []int{}
		for i := range all {
			starts := false
			for k := range query {
				starts = starts || has(i, k)
			}

			for _, j := range taken {
				starts = starts && !near(i, j)
			}

			if !starts {
				continue
			}

			fresh, held, width := map[string]bool{}, map[string]bool{}, 0
			for k := range query {
				for j := i; j < len(all) && near(i, j); j++ {
					if has(j, k) {
						held[bruteForceKey(query, k, prefix)] = true
						if !shown[bruteForceKey(query, k, prefix)] {
							fresh[bruteForceKey(query, k, prefix)] = true
						}
						width = max(width, j-i)
						break
					}
				}
			}

			now := []int{len(fresh), len(held), -width}
			if best < 0 || isBetter(now, score) {
				best, score = i, now
			}
		}

		if best < 0 {
			break
		}

		for k := range query {
			for j := best; j < len(all) && near(best, j); j++ {
				if has(j, k) {
					shown[bruteForceKey(query, k, prefix)] = true
				}
			}
		}

		taken, out = append(taken, best), append(out, all[best].ms)
	}

	return out
}

// bruteForceKey distinguishes an incomplete last word from the same word before it.
func bruteForceKey(query []string, k int, prefix bool) string {
	if prefix && k == len(query)-1 {
		return query[k] + "*"
	}
	return query[k]
}

func isBetter(a, b []int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return false
}

func wordsOf(d tidings.Document) (out []spokenWord) {
	at, stretch := 0, 0
	for n, seg := range d.Transcript {
		if n > 0 && seg.StartMS-d.Transcript[n-1].EndMS > pauseMS {
			stretch++
		}
		for _, w := range seg.Words {
			out = append(out, spokenWord{w.Text, w.StartMS, at, stretch})
			at += len(w.Text) + 1
		}
	}

	return out
}
