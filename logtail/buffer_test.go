package logtail

import (
	"fmt"
	"testing"
)

func TestBuffer(t *testing.T) {
	for name, c := range map[string]struct {
		writes []string
		want   string
	}{
		"nothing":                   {},
		"less than it keeps":        {[]string{"ab", "cd"}, "abcd"},
		"more, in small pieces":     {[]string{"abc", "def", "ghi"}, "bcdefghi"},
		"one piece beyond its size": {[]string{"x", "0123456789abcdef"}, "89abcdef"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &Buffer{Max: 8}
			for _, text := range c.writes {
				if n, err := fmt.Fprint(b, text); n != len(text) || err != nil {
					t.Fatalf("%d, %v", n, err)
				}
			}
			if got := b.String(); got != c.want {
				t.Errorf("keeps %q, want %q", got, c.want)
			}
		})
	}
}
