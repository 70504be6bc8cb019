package tidings

import (
	"fmt"
	"strings"
	"testing"
)

// TestSpanCut: words outside of a span are dropped, and the times of the rest
// are relative to its start.
func TestSpanCut(t *testing.T) {
	word := func(text string, from, to int64) Word { return Word{Text: text, StartMS: from, EndMS: to} }
	segments := []TranscriptSegment{
		{StartMS: 0, EndMS: 900, Text: "Before.", Words: []Word{word("Before.", 0, 900)}},
		{StartMS: 900, EndMS: 2000, Text: "Across the start,", Words: []Word{word("Across", 900, 1100), word("the", 1100, 1300), word("start,", 1300, 2000)}},
		{StartMS: 2000, EndMS: 3000, Text: "Whole, with its  spaces.", Words: []Word{word("Whole,", 2000, 2500)}},
		{StartMS: 3000, EndMS: 3500, Text: "No words but whole."},
		{StartMS: 3500, EndMS: 4500, Text: "No words, across the end."},
		{StartMS: 3600, EndMS: 4400, Text: "across the end", Words: []Word{word("across", 3600, 3900), word("the", 3900, 4000), word("end", 4000, 4400)}},
		{StartMS: 4000, EndMS: 5000, Text: "After.", Words: []Word{word("After.", 4000, 5000)}},
	}

	var got []string
	for _, g := range (Span{StartMS: 1000, EndMS: 4000}).CutSegments(segments) {
		line := fmt.Sprintf("%d-%d %s", g.StartMS, g.EndMS, g.Text)
		for _, w := range g.Words {
			line += fmt.Sprintf(" %s@%d", w.Text, w.StartMS)
		}
		got = append(got, line)
	}

	want := []string{
		"100-1000 the start, the@100 start,@300",
		"1000-2000 Whole, with its  spaces. Whole,@1000",
		"2000-2500 No words but whole.",
		"2600-3000 across the across@2600 the@2900",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	if segments[1].Words[1].StartMS != 1100 {
		t.Error("the whole transcript was changed")
	}
}

func TestPartOfALink(t *testing.T) {
	from, to := int64(2000), int64(5000)
	for name, c := range map[string]struct {
		link Link
		want *Span
	}{
		"the whole":             {Link{ClipID: "c"}, nil},
		"the whole from 2 s on": {Link{ClipID: "c", StartMS: &from}, nil},
		"a part":                {Link{ClipID: "c", StartMS: &from, EndMS: &to}, &Span{StartMS: 2000, EndMS: 5000}},
		"the beginning":         {Link{ClipID: "c", EndMS: &to}, &Span{EndMS: 5000}},
	} {
		s := Subject{Link: &c.link}
		got := s.SnippetOf("c")
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %v", name, got)
		}

		if s.SnippetOf("other") != nil {
			t.Errorf("%s: another clip has a part", name)
		}

		if (s.WithoutSnippet().Link == nil) != (c.want != nil) {
			t.Errorf("%s opens whole clips: %v", name, s.WithoutSnippet().Link)
		}
	}
}
