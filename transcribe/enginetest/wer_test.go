package enginetest

import (
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"Feed'st thy light's flame — with self-substantial fuel!": "feed'st thy light is flame with self substantial fuel",
		"I'm sure, uh, you don't; 2 of them won’t.":               "i am sure you do not two of them will not",
		"": "",
	} {
		if got := strings.Join(Words(in), " "); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		reference, heard string
		want             Errors
	}{
		{"a b c", "a b c", Errors{Words: 3}},
		{"a b c", "a x c", Errors{Substituted: 1, Words: 3}},
		{"a b c", "a c", Errors{Deleted: 1, Words: 3}},
		{"a b c", "a b b c d", Errors{Inserted: 2, Words: 3}},
		{"", "a b", Errors{Inserted: 2}},
		{"a b", "", Errors{Deleted: 2, Words: 2}},
	} {
		if got := Compare(strings.Fields(c.reference), strings.Fields(c.heard)); got != c.want {
			t.Errorf("%q heard as %q: %+v, not %+v", c.reference, c.heard, got, c.want)
		}
	}

	if !slices.Equal(Words("It's 3"), []string{"it", "is", "three"}) {
		t.Error(Words("It's 3"))
	}
}
