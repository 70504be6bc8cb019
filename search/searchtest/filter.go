package searchtest

import (
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func testFilters(t *testing.T, s Suite) {
	w := newWorld(t, s)
	fillLibrary(w)
	d := w.newDocument("voice", "Kubernetes by ear", "a voice note on storage")
	d.AuthorID, d.ChannelID, d.Kind, d.Tags, d.CreatedAt = "bob", "ch1", tidings.ClipVoice, []string{"Ops Team", "café", "C++"}, day.AddDate(0, 0, 7)
	d.Comments = []tidings.Comment{{ID: "c3", Body: "rollback was mentioned here"}}
	w.putDocument("voice", d)
	at := func(days int) *time.Time { v := day.AddDate(0, 0, days); return &v }
	for _, c := range []struct {
		name string
		text string
		set  func(*tidings.Query)
		want []string
	}{
		{"author", "kubernetes", func(q *tidings.Query) { q.AuthorID = "bob" }, []string{"voice"}},
		{"other author", "kubernetes", func(q *tidings.Query) { q.AuthorID = "zoe" }, nil},
		{"channel", "kubernetes", func(q *tidings.Query) { q.ChannelID = "ch1" }, []string{"voice"}},
		{"kind", "kubernetes", func(q *tidings.Query) { q.Kind = tidings.ClipVoice }, []string{"voice"}},
		{"tag", "kubernetes", func(q *tidings.Query) { q.Tag = "ops team" }, []string{"voice"}},
		{"tag without accent", "", func(q *tidings.Query) { q.Tag = "CAFE" }, []string{"voice"}},
		{"tag in other spelling", "", func(q *tidings.Query) { q.Tag = "#OPS-TEAM" }, []string{"voice"}},
		{"tag with its symbol", "", func(q *tidings.Query) { q.Tag = "c++" }, []string{"voice"}},
		{"tag without its symbol", "", func(q *tidings.Query) { q.Tag = "c" }, nil},
		{"half a tag", "kubernetes", func(q *tidings.Query) { q.Tag = "ops" }, nil},
		{"from", "kubernetes", func(q *tidings.Query) { q.From = at(1) }, []string{"voice"}},
		{"from includes", "kubernetes", func(q *tidings.Query) { q.From = at(7) }, []string{"voice"}},
		{"to excludes", "kubernetes", func(q *tidings.Query) { q.To = at(7) }, []string{"deploy", "markup"}},
		{"from and to", "kubernetes", func(q *tidings.Query) { q.From, q.To = at(1), at(2) }, nil},
		{"titles", "kubernetes", func(q *tidings.Query) { q.In = []string{"titles"} }, []string{"voice"}},
		{"description is a title", "accounting", func(q *tidings.Query) { q.In = []string{"titles"} }, []string{"talk"}},
		{"transcript", "kubernetes", func(q *tidings.Query) { q.In = []string{"transcript"} }, []string{"deploy", "markup"}},
		{"comments", "rollback", func(q *tidings.Query) { q.In = []string{"comments"} }, []string{"voice"}},
		{"two of them", "rollback", func(q *tidings.Query) { q.In = []string{"comments", "transcript"} }, []string{"voice", "deploy"}},
		{"words in both", "storage rollback", func(q *tidings.Query) { q.In = []string{"comments", "transcript"} }, []string{"voice"}},
		{"phrase in", `"voice note"`, func(q *tidings.Query) { q.In = []string{"titles"} }, nil},
		{"typo in", "kubernatus", func(q *tidings.Query) { q.In = []string{"titles"} }, []string{"voice"}},
		{"with comments", "", func(q *tidings.Query) { q.Commented = true }, []string{"voice", "talk"}},
		{"word and comments", "kubernetes", func(q *tidings.Query) { q.Commented = true }, []string{"voice"}},
		{"word in a comment", "throughput", func(q *tidings.Query) { q.Commented = true }, []string{"talk"}},
		{"only these", "kubernetes", func(q *tidings.Query) { q.Only = &[]tidings.ID{w.ids["deploy"], w.ids["roll"]} }, []string{"deploy"}},
		{"only these, no words", "", func(q *tidings.Query) { q.Only = &[]tidings.ID{w.ids["deploy"], w.ids["roll"]} }, []string{"deploy", "roll"}},
		{"only in comments", "rollback", func(q *tidings.Query) { q.Only, q.In = &[]tidings.ID{w.ids["voice"]}, []string{"comments"} }, []string{"voice"}},
		{"only none", "kubernetes", func(q *tidings.Query) { q.Only = &[]tidings.ID{} }, nil},
		{"none of these", "kubernetes", func(q *tidings.Query) { q.Except = []tidings.ID{w.ids["deploy"], w.ids["roll"]} }, []string{"markup", "voice"}},
		{"none of these, in comments", "throughput", func(q *tidings.Query) { q.Except = []tidings.ID{w.ids["talk"]} }, nil},
		{"no words", "", func(q *tidings.Query) { q.AuthorID = "bob" }, []string{"voice"}},
		{"blanks", " \t ", func(q *tidings.Query) { q.Kind = tidings.ClipVoice }, []string{"voice"}},
		{"all together", "rollb", func(q *tidings.Query) {
			q.AuthorID, q.ChannelID, q.Kind, q.Tag, q.From, q.To, q.In = "bob", "ch1", tidings.ClipVoice, "ops team", at(6), at(8), []string{"comments"}
		}, []string{"voice"}},
		{"hostile values", "kubernetes", func(q *tidings.Query) { q.AuthorID = `' OR 1=1 --`; q.Tag = `" OR "` }, nil},
		{"hostile ids", "kubernetes", func(q *tidings.Query) { q.Only = &[]tidings.ID{`" OR ws != "`, `x"] OR clip_id != "`} }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := *w
			v.t = t
			q := newQuery(c.text)
			c.set(&q)
			v.wantFound(q, c.want...)
		})
	}
}
