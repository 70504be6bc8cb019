package search

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// newSegment makes a segment whose words take 400 ms each, 100 ms apart.
func newSegment(id string, start int64, text string) tidings.TranscriptSegment {
	seg := tidings.TranscriptSegment{ID: tidings.ID(id), StartMS: start, Text: text}
	for i, w := range strings.Fields(text) {
		at := start + int64(i)*500
		seg.Words = append(seg.Words, tidings.Word{StartMS: at, EndMS: at + 400, Text: w})
		seg.EndMS = at + 400
	}
	return seg
}

func msPtr(n int64) *int64 { return &n }

func newMeeting() tidings.Document {
	return tidings.Document{ClipID: "clip", Title: "Deploy & walkthrough", Description: "What the accounting team <needs>",
		Transcript: []tidings.TranscriptSegment{
			newSegment("s0", 1000, "Today, I will show the Kubernetes deployment:"),
			newSegment("s1", 10_000, "then the rollback procedure starts."),
			newSegment("s2", 70_000, "Questions? <b>Kubernetes</b> & the database don't matter"),
			newSegment("s3", 200_000, "今日は東京タワーの近くで会議をします"),
			newSegment("s4", 400_000, "the the the kubernetes rollback"),
		},
		Comments: []tidings.Comment{
			{ID: "c0", Body: "See the chart of throughput", AtMS: msPtr(93_500)},
			{ID: "c1", ParentID: "c0", Body: "Which throughputs?"},
			{ID: "c2", Body: "A general remark\n\nin two   paragraphs"},
			{ID: "c3", Body: "", DeletedAt: nil},
		}}
}

func TestMoments(t *testing.T) {
	for _, c := range []struct {
		text string
		in   []string
		want []string // source id ms snippet
	}{
		{"procedure", nil, []string{"transcript s1 11500 … then the rollback <mark>procedure</mark> starts. …"}},
		{"walkthrough", nil, []string{"title clip 0 Deploy &amp; <mark>walkthrough</mark>"}},
		{"accounting", nil, []string{"title clip 0 What the <mark>accounting</mark> team &lt;needs&gt;"}},
		{"database", nil, []string{"transcript s2 72000 … Questions? &lt;b&gt;Kubernetes&lt;/b&gt; &amp; the <mark>database</mark> don&#39;t matter …"}},
		{"throughput ", nil, []string{"comment c0 93500 See the chart of <mark>throughput</mark>"}},
		{"throughput", nil, []string{"comment c0 93500 See the chart of <mark>throughput</mark>", "comment c1 93500 Which <mark>throughputs</mark>?"}},
		{"remark", nil, []string{"comment c2 0 A general <mark>remark</mark> in two paragraphs"}},
		{"procedure -rollback", []string{"comments"}, nil},
		{"zebra", nil, nil},
		{"", nil, nil},
		{"-rollback", nil, nil},
		{`"`, nil, nil},
	} {
		got := Moments(newMeeting(), tidings.Query{Text: c.text, In: c.in})
		var lines []string
		for _, m := range got {
			lines = append(lines, fmt.Sprint(m.Source, " ", m.ID, " ", m.StartMS, " ", m.Snippet))
		}

		if strings.Join(lines, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%q:\n%s\nwant\n%s", c.text, strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// TestMomentPlaces checks where a query is found, and what of it is marked.
func TestMomentPlaces(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"every word of it first", "kubernetes rollback", "s4 401500 [kubernetes rollback] s0 3500 [Kubernetes] s1 11000 [rollback]"},
		{"each word, early first", "kubernetes", "s0 3500 [Kubernetes] s2 70500 [Kubernetes] s4 401500 [kubernetes]"},
		{"prefix", "kuber", "s0 3500 [Kubernetes] s2 70500 [Kubernetes] s4 401500 [kubernetes]"},
		{"typo", "kubernatus", "s0 3500 [Kubernetes] s2 70500 [Kubernetes] s4 401500 [kubernetes]"},
		{"typo while typing", "procdeu", "s1 11500 [procedure]"},
		{"phrase over segments", `"deployment then the"`, "s0 4000 [deployment: then the]"},
		{"phrase only", `"the rollback"`, "s1 10500 [the rollback]"},
		{"apostrophe", "don't", "s2 72500 [don't]"},
		{"inside a dense run", "会議", "s3 200000 [会議]"},
		{"punctuation", "today", "s0 1000 [Today]"},
		{"at most three", "the ", "s0 3000 [the] s1 10500 [the] s2 71500 [the]"},
		{"title after speech", "deployment", "s0 4000 [deployment]"},
		{"title with more words", "deploy walkthrough", "clip 0 [Deploy walkthrough]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := formatMoments(Moments(newMeeting(), tidings.Query{Text: c.text})); got != c.want {
				t.Errorf("%q is at %s, want %s", c.text, got, c.want)
			}
		})
	}
}

func formatMoments(all []tidings.Moment) string {
	var out []string
	for _, m := range all {
		var marks []string
		for _, s := range strings.Split(m.Snippet, "<mark>")[1:] {
			s, _, _ = strings.Cut(s, "</mark>")
			marks = append(marks, strings.ReplaceAll(s, "&#39;", "'"))
		}
		out = append(out, fmt.Sprintf("%s %d [%s]", m.ID, m.StartMS, strings.Join(marks, " ")))
	}
	return strings.Join(out, " ")
}

// TestMomentTimes finds the time of a word where words and text disagree.
func TestMomentTimes(t *testing.T) {
	word := func(start int64, text string) tidings.Word {
		return tidings.Word{StartMS: start, EndMS: start + 400, Text: text}
	}
	for _, c := range []struct {
		name string
		seg  tidings.TranscriptSegment
		want int64
	}{
		{"no words", tidings.TranscriptSegment{StartMS: 1000, EndMS: 3000, Text: "one two needle four"}, 1842},
		{"no times at all", tidings.TranscriptSegment{Text: "one two needle four"}, 0},
		{"end before start", tidings.TranscriptSegment{StartMS: 5000, EndMS: 10, Text: "one needle"}, 5000},
		{"the same word before", tidings.TranscriptSegment{StartMS: 0, EndMS: 9000, Text: "need a needle now",
			Words: []tidings.Word{word(100, "need"), word(600, "a"), word(2000, "needle"), word(3000, "now")}}, 2000},
		{"edited in", tidings.TranscriptSegment{StartMS: 0, EndMS: 9000, Text: "one needle three",
			Words: []tidings.Word{word(100, "one"), word(5000, "three")}}, 1062},
		{"edited out", tidings.TranscriptSegment{StartMS: 0, EndMS: 9000, Text: "one needle three",
			Words: []tidings.Word{word(100, "one"), word(1000, "two"), word(2000, "needle"), word(5000, "three")}}, 2000},
		{"spaces in words", tidings.TranscriptSegment{StartMS: 0, EndMS: 9000, Text: "one  needle",
			Words: []tidings.Word{word(100, " one"), word(1000, " needle")}}, 1000},
		{"empty words", tidings.TranscriptSegment{StartMS: 0, EndMS: 9000, Text: "one needle",
			Words: []tidings.Word{word(100, "one"), word(200, ""), word(1000, "needle")}}, 1000},
		{"several tokens in a word", tidings.TranscriptSegment{StartMS: 0, EndMS: 9000, Text: "so pins-and-needle, then",
			Words: []tidings.Word{word(100, "so"), word(1000, "pins-and-needle,"), word(3000, "then")}}, 1000},
	} {
		d := tidings.Document{Transcript: []tidings.TranscriptSegment{c.seg}}
		got := Moments(d, tidings.Query{Text: "needle"})
		if len(got) != 1 || got[0].StartMS != c.want {
			t.Errorf("%s: %+v, want %d", c.name, got, c.want)
		}
	}
}

// TestSnippetBounds shows that snippets stay short and are not cut within a
// character, whatever the text.
func TestSnippetBounds(t *testing.T) {
	for name, text := range map[string]string{
		"long words":  strings.Repeat("x", 50_000) + " needle " + strings.Repeat("y", 50_000),
		"no letters":  strings.Repeat("!", 50_000) + "needle" + strings.Repeat("?", 50_000),
		"spaces":      strings.Repeat(" \n", 50_000) + "needle" + strings.Repeat("\t", 50_000),
		"accents":     "a" + strings.Repeat("\u0301", 20_000) + " needle a" + strings.Repeat("\u0301", 20_000),
		"dense":       strings.Repeat("東京", 5000) + "needle" + strings.Repeat("会議", 5000),
		"everywhere":  strings.Repeat("needle ", 5000),
		"broken utf8": strings.Repeat("\xff\xe4\xb8 ", 50) + "needle" + strings.Repeat("\xc0 word", 50),
		"emoji":       strings.Repeat("👩‍👩‍👧‍👦🏳️‍🌈🇫🇷", 200) + "needle" + strings.Repeat("👍🏽", 200),
	} {
		got := Moments(tidings.Document{ClipID: "c", Title: text}, tidings.Query{Text: "needle"})
		if len(got) == 0 || len(got[0].Snippet) > 4000 || !strings.Contains(got[0].Snippet, "<mark>needle</mark>") || !utf8.ValidString(got[0].Snippet) {
			t.Errorf("%s: %d moments, %.600s", name, len(got), fmt.Sprint(got))
		}
	}
}

// FuzzMoments feeds any text as title and query: what comes out is valid UTF-8
// whose only tags are balanced marks.
func FuzzMoments(f *testing.F) {
	for _, s := range []string{"kubernetes", "<b>&", "会議 e\u0301", `"a b" -c`, "👩‍👩‍👧", "\xff\x00", "a<mark>b</mark>", "ﷺ ½ ǅ İ", strings.Repeat("ab ", 100)} {
		f.Add(s, s)
	}

	f.Fuzz(func(t *testing.T, text, query string) {
		d := tidings.Document{ClipID: "c", Title: text, Transcript: []tidings.TranscriptSegment{newSegment("s", 0, text)}, Comments: []tidings.Comment{{ID: "x", Body: text}}}
		for _, q := range []string{query, text} {
			got := Moments(d, tidings.Query{Text: q})
			if len(got) > maxMoments {
				t.Fatalf("%d moments", len(got))
			}
			for _, m := range got {
				checkSnippet(t, m.Snippet)
			}
		}
	})
}

func checkSnippet(t *testing.T, s string) {
	t.Helper()
	plain := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(s)
	if !utf8.ValidString(s) || strings.ContainsAny(plain, "<>\"'\x00") || !strings.Contains(s, "<mark>") {
		t.Fatalf("snippet %q", s)
	}

	depth := 0
	for _, tag := range strings.SplitAfter(s, ">") {
		switch {
		case strings.HasSuffix(tag, "</mark>"):
			depth--
		case strings.HasSuffix(tag, "<mark>"):
			depth++
		}

		if depth < 0 || depth > 1 {
			t.Fatalf("marks nest in %q", s)
		}
	}

	if depth != 0 {
		t.Fatalf("a mark stays open in %q", s)
	}
}

// TestMomentOpenWord: of words that go on from what was typed, the first counts,
// not the shortest.
func TestMomentOpenWord(t *testing.T) {
	d := tidings.Document{ClipID: "clip", Transcript: []tidings.TranscriptSegment{newSegment("s0", 0, "the configuration of the config and its confines")}}
	for _, text := range []string{"conf", "con", "config"} {
		if got := Moments(d, tidings.Query{Text: text}); len(got) != 1 || got[0].StartMS != 500 {
			t.Errorf("%q is at %+v", text, got)
		}
	}
}

// TestMomentBy: a moment names its speaker or author, if known.
func TestMomentBy(t *testing.T) {
	d := newMeeting()
	d.Transcript[1].Speaker = "Bo"
	d.Comments[0].Author.Name = "Cy"
	for text, want := range map[string]string{"procedure": "Bo", "database": "", "chart": "Cy", "walkthrough": ""} {
		if got := Moments(d, tidings.Query{Text: text}); len(got) != 1 || got[0].By != want {
			t.Errorf("%q is by %+v, want %q", text, got, want)
		}
	}
}

// TestMomentTight: a moment starts where the words of a query are closest, not
// where one of them happened to be said shortly before.
func TestMomentTight(t *testing.T) {
	d := tidings.Document{ClipID: "clip", Transcript: []tidings.TranscriptSegment{
		newSegment("s0", 0, "Last night they attacked the island of Luzon"), newSegment("s1", 5000, "and this morning Wake Island, an island")}}
	for text, want := range map[string]string{
		"wake island ": "s1 6500 … night they attacked the island of Luzon and this morning <mark>Wake</mark> <mark>Island</mark>, an <mark>island</mark>",
		"isla":         "s0 2500 Last night they attacked the <mark>island</mark> of Luzon and this morning Wake <mark>Island</mark>, an <mark>island</mark>",
		"island ":      "s0 2500 Last night they attacked the <mark>island</mark> of Luzon and this morning Wake <mark>Island</mark>, an <mark>island</mark>",
	} {
		got := Moments(d, tidings.Query{Text: text})
		if len(got) != 1 {
			t.Fatalf("%q: %v", text, got)
		}
		if at := fmt.Sprint(got[0].ID, " ", got[0].StartMS, " ", got[0].Snippet); at != want {
			t.Errorf("%q is at\n%s, want\n%s", text, at, want)
		}
	}
}
