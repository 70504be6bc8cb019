package query

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func parseQuery(q tidings.Query) (tidings.Query, error) {
	err := Parser{Clock: func() time.Time { return now }}.ParseQuery(&q, tidings.NameResolver{Person: personNamed, Channel: channelNamed})
	return q, err
}

// TestParseQueryInvalidUTF8: bytes that are no text are dropped.
func TestParseQueryInvalidUTF8(t *testing.T) {
	q, err := parseQuery(tidings.Query{Text: "\xff\xfe \x00 ok"})
	if got := requested(q); err != nil || q.Text != "\x00 ok" || len(got) > 0 {
		t.Errorf("%q %v, %v", q.Text, got, err)
	}
}

// TestParseQueryGiven shows that a filter from outside wins over one in the text.
func TestParseQueryGiven(t *testing.T) {
	at := now.AddDate(-1, 0, 0)
	q, err := parseQuery(tidings.Query{Text: "x from:ana kind:voice tag:a in:titles after:2020 before:2021", AuthorID: "given", Kind: tidings.ClipFile, Tag: "b",
		In: []string{"comments"}, From: &at, To: &now})
	got := fmt.Sprintf("%q %s", q.Text, strings.Join(requested(q), " "))
	if want := `"x " author=given kind=file tag=b in=comments from=2025-11-24T15:30:00Z to=2026-11-24T15:30:00Z`; err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

// TestParseQueryPosition: an error points at the filter it is about, counted in
// characters, whatever precedes it.
func TestParseQueryPosition(t *testing.T) {
	for text, want := range map[string]string{
		"from:zoe":                "from:zoe",
		"rope  from:zoe sail":     "from:zoe",
		"会議 🎉 kind:film x":        "kind:film",
		`é "a b" in:"#no such" x`: `in:"#no such"`,
		"“héllo” before:soon":     "before:soon",
		"from:ana from:me":        "from:me",
	} {
		_, err := parseQuery(tidings.Query{Text: text})
		if got := errorPosition(t, text, err); got != want {
			t.Errorf("%q: the error points at %q, want %q", text, got, want)
		}
	}
}

// errorPosition is the part of the text that the fields of an error point at.
func errorPosition(t *testing.T, text string, err error) string {
	t.Helper()

	var e *tidings.Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: %v", text, err)
	}

	start, err1 := strconv.Atoi(e.Fields["q.start"])
	end, err2 := strconv.Atoi(e.Fields["q.end"])
	runes := []rune(text)
	if err1 != nil || err2 != nil || start < 0 || start > end || end > len(runes) {
		t.Fatalf("%q: %v", text, e.Fields)
	}

	return string(runes[start:end])
}
