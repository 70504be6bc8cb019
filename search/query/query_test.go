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

var now = time.Date(2026, 11, 24, 15, 30, 0, 0, time.UTC) // a Tuesday

func person(name string) (tidings.ID, bool) {
	id, ok := map[string]tidings.ID{"ana": "u1", "me": "u2", "Ana Maria": "u3", "b@example.org": "u4"}[name]
	return id, ok
}

func channel(name string) (tidings.ID, bool) {
	id, ok := map[string]tidings.ID{"ops": "c1", "Big Launch": "c2"}[name]
	return id, ok
}

func parse(q tidings.Query) (tidings.Query, error) {
	err := Parser{Clock: func() time.Time { return now }}.ParseQuery(&q, tidings.Names{Person: person, Channel: channel})
	return q, err
}

// show is what a query asks for besides its words.
func show(q tidings.Query) string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	add("author", string(q.AuthorID))
	add("channel", string(q.ChannelID))
	for name, on := range map[string]bool{"mine": q.Mine, "unseen": q.Unseen, "unanswered": q.Unanswered, "commented": q.Commented} {
		if on {
			add("only", name)
		}
	}

	add("kind", string(q.Kind))
	add("tag", q.Tag)
	add("in", strings.Join(q.In, "+"))
	if q.From != nil {
		add("from", q.From.Format(time.RFC3339))
	}

	if q.To != nil {
		add("to", q.To.Format(time.RFC3339))
	}

	return fmt.Sprintf("%q %s", q.Text, strings.Join(out, " "))
}

func TestParseQuery(t *testing.T) {
	for text, want := range map[string]string{
		"":                           `"" `,
		"plain words":                `"plain words" `,
		"plain words ":               `"plain words " `,
		"from:ana rollback":          `"rollback" author=u1`,
		"rollback from:@ana":         `"rollback " author=u1`,
		"FROM:me":                    `"" author=u2`,
		`from:"Ana Maria" "a b" -c`:  `"\"a b\" -c" author=u3`,
		"from:b@example.org":         `"" author=u4`,
		"from:ana from:ana":          `"" author=u1`,
		"kind:voice kind:Voice":      `"" kind=voice`,
		"kind:screen+camera":         `"" kind=screen_camera`,
		"tag:#ops":                   `"" tag=ops`,
		`tag:"ops team" x`:           `"x" tag=ops team`,
		"in:titles in:comment":       `"" in=titles+comments`,
		"in:title,transcript":        `"" in=titles+transcript`,
		"in:#ops rope":               `"rope" channel=c1`,
		`in:"#Big Launch" in:titles`: `"" channel=c2 in=titles`,
		`in:#ops in:#ops`:            `"" channel=c1`,
		"is:mine":                    `"" only=mine`,
		"is:Unseen tide":             `"tide" only=unseen`,
		"is:unanswered":              `"" only=unanswered`,
		"has:comments":               `"" only=commented`,
		"before:2026-11-01":          `"" to=2026-11-01T00:00:00Z`,
		"after:2026-11-01":           `"" from=2026-11-02T00:00:00Z`,
		"on:2026-11-01":              `"" from=2026-11-01T00:00:00Z to=2026-11-02T00:00:00Z`,
		"on:2026-02":                 `"" from=2026-02-01T00:00:00Z to=2026-03-01T00:00:00Z`,
		"after:2025 before:2026-11":  `"" from=2026-01-01T00:00:00Z to=2026-11-01T00:00:00Z`,
		"on:today":                   `"" from=2026-11-24T00:00:00Z to=2026-11-25T00:00:00Z`,
		"on:yesterday":               `"" from=2026-11-23T00:00:00Z to=2026-11-24T00:00:00Z`,
		"on:tuesday":                 `"" from=2026-11-24T00:00:00Z to=2026-11-25T00:00:00Z`,
		"before:Wed":                 `"" to=2026-11-18T00:00:00Z`,
		"after:7d":                   `"" from=2026-11-17T15:30:00Z`,
		"after:2w before:1d":         `"" from=2026-11-10T15:30:00Z to=2026-11-23T15:30:00Z`,
		"after:6m":                   `"" from=2026-05-24T15:30:00Z`,
		"after:2026-11-01T10:00:00Z": `"" from=2026-11-01T10:00:00Z`,
		"before:2026 before:2025":    `"" to=2025-01-01T00:00:00Z`,
		// data
		`"from:ana"`:          `"\"from:ana\"" `,
		"-from:ana":           `"-from:ana" `,
		"from: ana":           `"from: ana" `,
		"from":                `"from" `,
		"http://example.com":  `"http://example.com" `,
		"note:from:ana":       `"note:from:ana" `,
		"at 10:30 sharp":      `"at 10:30 sharp" `,
		"“from:ana”":          `"\"from:ana\"" `,
		`say "never closed`:   `"say \"never closed" `,
		"\xff\xfe \x00 ok":    `"\x00 ok" `,
		"from:\"\" in:\" \" ": `"from:\"\" in:\" \" " `,
	} {
		q, err := parse(tidings.Query{Text: text})
		if got := show(q); err != nil || got != want {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
}

// TestParseQueryGiven shows that a filter from outside wins over one in the text.
func TestParseQueryGiven(t *testing.T) {
	at := now.AddDate(-1, 0, 0)
	q, err := parse(tidings.Query{Text: "x from:ana kind:voice tag:a in:titles after:2020 before:2021", AuthorID: "given", Kind: tidings.ClipFile, Tag: "b",
		In: []string{"comments"}, From: &at, To: &now})
	if got, want := show(q), `"x " author=given kind=file tag=b in=comments from=2025-11-24T15:30:00Z to=2026-11-24T15:30:00Z`; err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"from:zoe":                   `Nobody here is called "zoe".`,
		"in:#zebra":                  `There is no channel "#zebra".`,
		"in:transcript,ops":          "in:ops is no place: titles, transcript and comments are, and channels begin with a #.",
		"in:#ops in:\"#Big Launch\"": "One channel at a time.",
		"has:legs":                   "There is no filter has:legs: has:comments is.",
		"kind:film":                  `There is no kind "film": screen, camera, screen_camera, voice and file are.`,
		"is:late":                    "There is no filter is:late: mine, unseen and unanswered are.",
		"before:soon":                `"soon" is no date: write 2026-11-01, 2026-11, yesterday, monday or 7d.`,
		"after:2026-13-01":           `"2026-13-01" is no date: write 2026-11-01, 2026-11, yesterday, monday or 7d.`,
		"on:-7d":                     `"-7d" is no date: write 2026-11-01, 2026-11, yesterday, monday or 7d.`,
		"from:ana from:me":           "One person at a time.",
		"tag:a tag:b":                "One tag at a time.",
		"kind:file kind:voice":       "One kind at a time.",
	} {
		_, err := parse(tidings.Query{Text: text})
		if tidings.KindOf(err) != tidings.KindInvalid || tidings.Sentence(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if e, ok := err.(*tidings.Error); !ok || e.Fields["q"] != want {
			t.Errorf("%q: the field q says nothing: %#v", text, err)
		}
	}
}

// TestParseQueryPlace: an error points at the filter that means nothing, in
// characters, whatever stands before it.
func TestParseQueryPlace(t *testing.T) {
	for text, want := range map[string]string{
		"from:zoe":                "from:zoe",
		"rope  from:zoe sail":     "from:zoe",
		"会議 🎉 kind:film x":        "kind:film",
		`é "a b" in:"#no such" x`: `in:"#no such"`,
		"“héllo” before:soon":     "before:soon",
		"from:ana from:me":        "from:me",
	} {
		_, err := parse(tidings.Query{Text: text})
		var e *tidings.Error
		if !errors.As(err, &e) {
			t.Fatalf("%q: %v", text, err)
		}

		start, err1 := strconv.Atoi(e.Fields["q.start"])
		end, err2 := strconv.Atoi(e.Fields["q.end"])
		if runes := []rune(text); err1 != nil || err2 != nil || start < 0 || end > len(runes) || string(runes[start:end]) != want {
			t.Errorf("%q: %v", text, e.Fields)
		}
	}
}
