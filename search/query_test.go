package search

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	"tidings.example/tidings/search/query"
	"tidings.example/tidings/tidings"
)

var now = time.Date(2026, 11, 24, 15, 30, 0, 0, time.UTC) // a Tuesday

func personNamed(name string) (tidings.ID, bool, error) {
	id, ok := map[string]tidings.ID{"ana": "u1", "me": "u2", "Ana Maria": "u3", "b@example.org": "u4"}[name]
	return id, ok, nil
}

func channelNamed(name string) (tidings.ID, bool, error) {
	id, ok := map[string]tidings.ID{"ops": "c1", "Big Launch": "c2"}[name]
	return id, ok, nil
}

func parseQuery(q tidings.Query) (tidings.Query, error) {
	err := query.Parser{Clock: func() time.Time { return now }}.ParseQuery(&q, tidings.NameResolver{Person: personNamed, Channel: channelNamed})
	return q, err
}

// FuzzParseQuery: any text is parsed or refused with a sentence, and the remaining
// text parses to itself.
func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"from:ana x", `tag:"a b" "c`, "before:7d -x", "in:#ops is:mine has:comments", `in:"#Big Launch" is:x`, "::", `":" in:`, "on:2026-11-24", "\xff:\"", "is:", "from:\u3000ana"} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseQuery(tidings.Query{Text: text})
		if err != nil {
			var e *tidings.Error
			if tidings.KindOf(err) != tidings.KindInvalid || tidings.Sentence(err) == "" || !errors.As(err, &e) {
				t.Fatal(err)
			}

			start, err1 := strconv.Atoi(e.Fields["q.start"])
			end, err2 := strconv.Atoi(e.Fields["q.end"])
			if err1 != nil || err2 != nil || start < 0 || start >= end || end > utf8.RuneCountInString(text) {
				t.Fatalf("%q: %v", text, e.Fields)
			}
			return
		}

		again, err := parseQuery(q)
		if err != nil || fmt.Sprint(parseTerms(again.Text)) != fmt.Sprint(parseTerms(q.Text)) {
			t.Fatalf("%q leaves %q, which leaves %q, %v", text, q.Text, again.Text, err)
		}
	})
}
