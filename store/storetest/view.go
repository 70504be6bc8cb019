package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func (w *World) view(clip tidings.ID, viewer tidings.ID, session string, read bool, ranges ...tidings.Span) {
	w.t.Helper()
	w.Clock.Pass(time.Millisecond)
	w.ok(w.AddView(w.ctx, clip, tidings.View{Viewer: string(viewer), Session: session, Ranges: ranges, Read: read}))
}

// ready is a recorded clip of ten seconds.
func (w *World) ready() tidings.Clip {
	w.t.Helper()
	c, _ := w.Recorded()
	w.ok(w.FinishMedia(w.ctx, w.Take(c.ID, tidings.StepTranscode), tidings.MediaResult{DurationMS: 10_000}))
	return w.get(c.ID)
}

func testView(t *testing.T, w *World) {
	c, mem := w.ready(), w.Person("mem", tidings.RoleMember)
	for range 2 {
		w.view(c.ID, mem.ID, "s1", false, tidings.Span{StartMS: 0, EndMS: 5000})
	}
	eq(t, "views of one session", w.get(c.ID).Counts.Views, 1)
	w.view(c.ID, mem.ID, "s2", true)
	eq(t, "views of two sessions", w.get(c.ID).Counts.Views, 2)
	w.view(c.ID, w.Owner.ID, "s3", false, tidings.Span{StartMS: 0, EndMS: 5000})
	eq(t, "views with the author's own", w.get(c.ID).Counts.Views, 2)
	w.kind(w.AddView(w.ctx, "none", tidings.View{Viewer: "u1", Session: "s1"}), tidings.KindNotFound)
}

func testAudience(t *testing.T, w *World) {
	c := w.ready()
	person := map[string]tidings.User{}
	for _, name := range []string{"seen", "twice", "partly", "read", "answered", "silent"} {
		w.Clock.Pass(time.Millisecond)
		person[name] = w.Person(name, tidings.RoleMember)
	}

	w.view(c.ID, w.Owner.ID, "own", false, tidings.Span{StartMS: 0, EndMS: 10_000})
	w.view(c.ID, person["seen"].ID, "a", false, tidings.Span{StartMS: 0, EndMS: 90_000})
	w.view(c.ID, person["twice"].ID, "a", false, tidings.Span{StartMS: 0, EndMS: 6000})
	w.view(c.ID, person["twice"].ID, "b", false, tidings.Span{StartMS: 5000, EndMS: 10_000})
	w.view(c.ID, person["partly"].ID, "a", false, tidings.Span{StartMS: 0, EndMS: 6000}, tidings.Span{StartMS: 0, EndMS: 6000})
	w.view(c.ID, person["read"].ID, "a", true)
	w.view(c.ID, "link:l1", "v1", false, tidings.Span{StartMS: 0, EndMS: 10_000})
	w.view(c.ID, "link:l1", "v2", false, tidings.Span{StartMS: 0, EndMS: 1000})
	w.view(c.ID, "link:l1", "v2", false, tidings.Span{StartMS: 0, EndMS: 2000})
	_, err := w.write(c.ID, "", person["answered"], "Yes.")
	w.ok(err)
	a, err := w.Audience(w.ctx, c.ID)
	w.ok(err)
	var got []string
	for _, v := range a.People {
		got = append(got, fmt.Sprintf("%s %s", v.Person.Name, v.State()))
	}

	same(t, "audience, the last first", got, []string{"answered answered", "read read", "partly partly", "twice seen", "seen seen"})
	eq(t, "sittings by link", a.Anonymous, 2)
	eq(t, "of these, whole", a.AnonymousSeen, 1)
	if a.Heat != nil {
		t.Fatal("views by the second, and nobody switched it on")
	}

	_, err = w.Audience(w.ctx, "none")
	w.kind(err, tidings.KindNotFound)
}

// testHeat: what was watched before heat was switched on stays unseen.
func testHeat(t *testing.T, w *World) {
	c, mem := w.ready(), w.Person("mem", tidings.RoleMember)
	w.view(c.ID, mem.ID, "before", false, tidings.Span{StartMS: 0, EndMS: 10_000})
	w.Clock.Pass(time.Second)
	ws, err := w.Workspace(w.ctx, w.WS.ID)
	w.ok(err)
	old := ws
	ws, err = w.SetHeat(w.ctx, ws, true)
	w.ok(err)
	_, err = w.SetHeat(w.ctx, old, false)
	w.kind(err, tidings.KindStale)
	w.view(c.ID, mem.ID, "before", false, tidings.Span{StartMS: 0, EndMS: 10_000}) // the same sitting goes on
	w.view(c.ID, mem.ID, "after", false, tidings.Span{StartMS: 2000, EndMS: 4000})
	w.view(c.ID, mem.ID, "again", false, tidings.Span{StartMS: 2000, EndMS: 3000}) // one viewer counts once
	w.view(c.ID, "link:l1", "v", false, tidings.Span{StartMS: 3000, EndMS: 4000})
	a, err := w.Audience(w.ctx, c.ID)
	w.ok(err)
	same(t, "heat", a.Heat.Counts, []int{0, 0, 1, 2, 0, 0, 0, 0, 0, 0})
	_, err = w.SetHeat(w.ctx, ws, false)
	w.ok(err)
	a, err = w.Audience(w.ctx, c.ID)
	w.ok(err)

	if a.Heat != nil {
		t.Fatal("heat although it is off")
	}
}

// testViewLimit: a viewer with endless sessions fills no table.
func testViewLimit(t *testing.T, w *World) {
	c, mem := w.ready(), w.Person("mem", tidings.RoleMember)
	for i := range tidings.MaxSessions + 20 {
		w.view(c.ID, mem.ID, fmt.Sprint("s", i), false, tidings.Span{StartMS: int64(i), EndMS: int64(i) + 1})
	}
	eq(t, "sittings kept", w.get(c.ID).Counts.Views, tidings.MaxSessions)
	a, err := w.Audience(w.ctx, c.ID)
	w.ok(err)
	if !slices.ContainsFunc(a.People, func(v tidings.Viewer) bool { return v.Person.ID == mem.ID && v.LastAt.Equal(w.Clock.Now()) }) {
		t.Fatal("what came after the limit is lost")
	}
}
