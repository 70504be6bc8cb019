package searchtest

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// Differences are the checks in which an engine may find more than the suite
// asks for. It may never find less, and never what a caller may not find.
type Differences struct {
	Declared map[string]Difference // by the name of the check
	// Sometimes: a declared difference need not show. Otherwise one that does
	// not is reported, so that the list stays true.
	Sometimes bool

	mu   sync.Mutex
	seen map[string]bool // checks that ran: whether their difference showed
}

// Difference is what an engine may find in addition, and why.
type Difference struct {
	Extra []string // clips
	Why   string
}

// Meilisearch are its differences from the embedded engine. All of them are
// about the word one is still typing: it is the only one Meilisearch guesses at
// from the first answer on; and about its own count of typos.
func Meilisearch() *Differences {
	const (
		typed = "the word that may go on is also found with a typo, although there are exact hits or its beginning has too few letters"
		apart = "a word is also found written as two, which counts as a typo"
		one   = "two words that may be mistyped are also found written as one, which counts as a typo"
		open  = "the last word of a phrase that is still open may stand elsewhere"
		first = "a wrong first letter counts as two typos instead of too many"
		digit = "only numbers are safe from typos, words with a digit are not"
	)
	return &Differences{Declared: map[string]Difference{
		"Words/a_word":                      {[]string{"roll"}, apart},
		"Words/upper_case":                  {[]string{"roll"}, apart},
		"Filters/two_of_them":               {[]string{"roll"}, apart},
		"Words/phrase_still_open":           {[]string{"roll"}, open + "; " + typed},
		"Words/no_typo_in_the_first_letter": {[]string{"deploy", "markup"}, first},
		"Hostile/nul":                       {[]string{"deploy"}, open},
		"Hostile/quote_inside":              {[]string{"deploy", "markup"}, one},
		"Shrink":                            {[]string{"long"}, digit},
	}}
}

// withoutDeclared removes the clips that may be found in addition from those
// found.
func (d *Differences) withoutDeclared(t testing.TB, got, want []string) []string {
	if d == nil {
		return got
	}

	_, check, _ := strings.Cut(t.Name(), "/")
	more, ok := d.Declared[check]
	if !ok {
		return got
	}

	shown := len(got)
	got = slices.DeleteFunc(got, func(name string) bool { return slices.Contains(more.Extra, name) && !slices.Contains(want, name) })
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.seen == nil {
		d.seen = map[string]bool{}
	}

	d.seen[check] = d.seen[check] || len(got) < shown
	return got
}

// reportUnseen fails on a declared difference that did not occur.
func (d *Differences) reportUnseen(t *testing.T) {
	if d == nil || d.Sometimes || t.Failed() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for check, showed := range d.seen {
		if !showed {
			t.Errorf("%s is declared to find more (%s) and does not", check, d.Declared[check].Why)
		}
	}
}
