package enginetest

import (
	"maps"
	"testing"
)

func TestPunctuation(t *testing.T) {
	for _, c := range []struct {
		reference, hypothesis string
		want                  Punctuation
	}{
		{"Well, go.", "well, go.", Punctuation{',': {1, 1, 1}, '.': {1, 1, 1}}},
		{"Who? Me.", "Who. Me?", Punctuation{'?': {1, 1, 0}, '.': {1, 1, 0}}},
		{"one, two three", "one two, three.", Punctuation{',': {1, 1, 0}, '.': {0, 1, 0}}},
		{"one, two.", "three, two.", Punctuation{',': {1, 1, 0}, '.': {1, 1, 1}}},
		{`"Why?" he said - don't.`, `Why? He said, don't.`, Punctuation{'?': {1, 1, 1}, ',': {0, 1, 0}, '.': {1, 1, 1}}},
		{"3.5 é, über…", "3.5 é, über", Punctuation{',': {1, 1, 1}}},
		{"", "- ?", Punctuation{}},
	} {
		got := Punctuation{}
		got.AddText(c.reference, c.hypothesis)
		if !maps.Equal(got, c.want) {
			t.Errorf("%q as %q: %v, not %v", c.reference, c.hypothesis, got, c.want)
		}
	}
	if m := (MarkCount{Wanted: 4, Written: 2, Right: 1}); m.Precision() != 0.5 || m.Recall() != 0.25 {
		t.Errorf("%v %v", m.Precision(), m.Recall())
	}
}
