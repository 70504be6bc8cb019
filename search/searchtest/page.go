package searchtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func testOrder(t *testing.T, s Suite) {
	w := newWorld(t, s)
	filler := strings.Repeat("plain filler words ", 20)
	w.putClip("said", "something", filler+"kubernetes")
	d := w.newDocument("described", "something", filler+"else")
	d.Description = "kubernetes"
	w.putDocument("described", d)
	w.putClip("titled", "kubernetes", filler+"else")
	for i := range 20 {
		w.putClip(fmt.Sprint("noise", i), "something", filler)
	}

	w.wantOrder(newQuery("kubernetes"), "titled", "described", "said")

	old, now := w.newDocument("old", "zebra crossing"), w.newDocument("new", "zebra crossing")
	old.CreatedAt, now.CreatedAt = day.AddDate(-1, 0, 0), day.AddDate(0, 1, 0)
	w.putDocument("old", old)
	w.putDocument("new", now)
	w.wantOrder(newQuery("zebra"), "new", "old")
}

func testExactFirst(t *testing.T, s Suite) {
	w := newWorld(t, s)
	d := w.newDocument("exact", "something", strings.Repeat("other words go here ", 30)+"deployment")
	d.CreatedAt = day.AddDate(-3, 0, 0)
	w.putDocument("exact", d)
	w.putClip("near", "deploiment deploiment")
	w.wantOrder(newQuery("deployment "), "exact", "near")
	w.wantOrder(newQuery("deploiment "), "near", "exact")
	for i := range 5 {
		w.putClip(fmt.Sprint("more", i), "deployment")
	}

	if slices.Contains(w.findNames(newQuery("deployment ")), "near") {
		t.Error("typos are looked for although there are enough exact hits")
	}
}

// testPages reads pages of several sizes: together they are the whole list in
// its order, and more is right for each.
func testPages(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for i := range 47 {
		d := w.newDocument(fmt.Sprint("clip", i), "kubernetes", strings.Repeat("word ", i%7), "rollback")
		d.CreatedAt = day.Add(time.Duration(i%5) * time.Hour)
		w.putDocument(fmt.Sprint("clip", i), d)
	}

	for _, text := range []string{"kubernetes", "kubernetes -word", "rollback", "", "kubernatus"} {
		for _, newest := range []bool{false, true} {
			q := newQuery(text)
			q.Newest, q.Limit = newest, 100
			whole := w.findNames(q)
			if len(whole) == 0 {
				t.Fatalf("%q finds nothing", text)
			}

			for _, size := range []int{5, 20} {
				q.Limit = size
				got := []string{}
				for q.Offset = 0; ; q.Offset += size {
					hits, more, err := w.e.Search(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}

					for _, h := range hits {
						got = append(got, w.names[h.ClipID])
					}

					if more != (len(got) < len(whole)) {
						t.Errorf("%q from %d by %d: more is %v", text, q.Offset, size, more)
					}

					if !more {
						break
					}
				}

				if !slices.Equal(got, whole) {
					t.Errorf("%q by %d:\n%v, want\n%v", text, size, got, whole)
				}
			}

			q.Offset = 500
			w.wantFound(q)
		}
	}
}

func testNewest(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for i, name := range []string{"b", "d", "a", "c"} {
		d := w.newDocument(name, strings.Repeat("kubernetes ", i+1))
		d.CreatedAt = day.Add(time.Duration(strings.Index("abcd", name)) * time.Hour)
		w.putDocument(name, d)
	}

	q := newQuery("kubernetes")
	q.Newest = true
	w.wantOrder(q, "d", "c", "b", "a")
	q.Text = "kubernatus"
	w.wantOrder(q, "d", "c", "b", "a")
	w.wantOrder(newQuery(""), "d", "c", "b", "a")
}

// longDocument is a clip of n chunks.
func longDocument(w *world, n int) tidings.Document {
	d := w.newDocument("long", "all hands")
	const half = 30 * 60 * 1000
	for i := range n {
		at := int64(i * half)
		for k, text := range []string{fmt.Sprintf("opening%d of the hour", i), "common ground", fmt.Sprintf("closing%d remark", i)} {
			start := at + int64(k)*half/3
			d.Transcript = append(d.Transcript, tidings.TranscriptSegment{ID: tidings.ID(fmt.Sprint(i, k)), Seq: int64(len(d.Transcript)), StartMS: start, EndMS: start + 9000, Text: text})
		}
	}
	return d
}

func testParts(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putDocument("long", longDocument(w, 4))
	w.putClip("short", "all hands", "common")
	w.wantFound(newQuery("common"), "long", "short") // each once
	w.wantFound(newQuery("closing3"), "long")
	w.wantFound(newQuery("hands opening2"), "long")                // every chunk has the title
	w.wantFound(newQuery(`"closing1 remark opening2 of"`), "long") // across a border
	w.wantFound(newQuery("common -closing3"), "short")             // an exclusion looks at the whole clip
	w.wantFound(newQuery("-closing0"), "short")
	at := int64(100 * 60 * 1000)
	d := longDocument(w, 4)
	d.Comments = []tidings.Comment{{ID: "c1", Body: "bookmark", AtMS: &at}}
	w.putDocument("long", d)
	w.wantFound(newQuery("bookmark opening3"), "long") // a comment goes with what it is about
}

func testShrink(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putDocument("long", longDocument(w, 4))
	w.putDocument("long", longDocument(w, 2))
	w.wantFound(newQuery("closing3"))
	w.wantFound(newQuery("clsoing3"))
	w.wantFound(newQuery("opening1 closing1"), "long")
	w.putDocument("long", longDocument(w, 3))
	w.wantFound(newQuery("closing2"), "long")
}
