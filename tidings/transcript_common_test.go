package tidings_test

import (
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestCommonWords: the words that two lists share, in order.
func TestCommonWords(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want [][2]int
	}{
		"same":      {"a b", "a b", [][2]int{{0, 0}, {1, 1}}},
		"nothing":   {"a b", "c", nil},
		"empty":     {"", "a", nil},
		"left out":  {"a b c", "a c", [][2]int{{0, 0}, {2, 1}}},
		"put in":    {"a c", "a x c", [][2]int{{0, 0}, {1, 2}}},
		"exchanged": {"a b c d", "a c b d", [][2]int{{0, 0}, {2, 1}, {3, 3}}},
	} {
		got := tidings.CommonWords(strings.Fields(c.a), strings.Fields(c.b))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
