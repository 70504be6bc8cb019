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
	w.put("said", "something", filler+"kubernetes")
	d := w.doc("described", "something", filler+"else")
	d.Description = "kubernetes"
	w.keep("described", d)
	w.put("titled", "kubernetes", filler+"else")
	for i := range 20 {
		w.put(fmt.Sprint("noise", i), "something", filler)
	}

	w.inOrder(ask("kubernetes"), "titled", "described", "said")

	old, now := w.doc("old", "zebra crossing"), w.doc("new", "zebra crossing")
	old.CreatedAt, now.CreatedAt = day.AddDate(-1, 0, 0), day.AddDate(0, 1, 0)
	w.keep("old", old)
	w.keep("new", now)
	w.inOrder(ask("zebra"), "new", "old")
}

func testExactFirst(t *testing.T, s Suite) {
	w := newWorld(t, s)
	d := w.doc("exact", "something", strings.Repeat("other words go here ", 30)+"deployment")
	d.CreatedAt = day.AddDate(-3, 0, 0)
	w.keep("exact", d)
	w.put("near", "deploiment deploiment")
	w.inOrder(ask("deployment "), "exact", "near")
	w.inOrder(ask("deploiment "), "near", "exact")
	for i := range 5 {
		w.put(fmt.Sprint("more", i), "deployment")
	}

	if slices.Contains(w.find(ask("deployment ")), "near") {
		t.Error("typos are looked for although there are enough exact hits")
	}
}

// testPages reads pages of several sizes: together they are the whole, in its
// order, and each says rightly whether more follows.
func testPages(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for i := range 47 {
		d := w.doc(fmt.Sprint("clip", i), "kubernetes", strings.Repeat("word ", i%7), "rollback")
		d.CreatedAt = day.Add(time.Duration(i%5) * time.Hour)
		w.keep(fmt.Sprint("clip", i), d)
	}

	for _, text := range []string{"kubernetes", "kubernetes -word", "rollback", "", "kubernatus"} {
		for _, newest := range []bool{false, true} {
			q := ask(text)
			q.Newest, q.Limit = newest, 100
			whole := w.find(q)
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
			w.expect(q)
		}
	}
}

func testNewest(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for i, name := range []string{"b", "d", "a", "c"} {
		d := w.doc(name, strings.Repeat("kubernetes ", i+1))
		d.CreatedAt = day.Add(time.Duration(strings.Index("abcd", name)) * time.Hour)
		w.keep(name, d)
	}

	q := ask("kubernetes")
	q.Newest = true
	w.inOrder(q, "d", "c", "b", "a")
	q.Text = "kubernatus"
	w.inOrder(q, "d", "c", "b", "a")
	w.inOrder(ask(""), "d", "c", "b", "a")
}

// long is a clip of n half hours.
func long(w *world, n int) tidings.Document {
	d := w.doc("long", "all hands")
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
	w.keep("long", long(w, 4))
	w.put("short", "all hands", "common")
	w.expect(ask("common"), "long", "short") // each once
	w.expect(ask("closing3"), "long")
	w.expect(ask("hands opening2"), "long")                // the title goes with every part
	w.expect(ask(`"closing1 remark opening2 of"`), "long") // across a border
	w.expect(ask("common -closing3"), "short")             // an exclusion looks at the whole clip
	w.expect(ask("-closing0"), "short")
	at := int64(100 * 60 * 1000)
	d := long(w, 4)
	d.Comments = []tidings.Comment{{ID: "c1", Body: "bookmark", AtMS: &at}}
	w.keep("long", d)
	w.expect(ask("bookmark opening3"), "long") // a comment goes with what it is about
}

func testShrink(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.keep("long", long(w, 4))
	w.keep("long", long(w, 2))
	w.expect(ask("closing3"))
	w.expect(ask("clsoing3"))
	w.expect(ask("opening1 closing1"), "long")
	w.keep("long", long(w, 3))
	w.expect(ask("closing2"), "long")
}
