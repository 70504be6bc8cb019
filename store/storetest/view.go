package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func (w *World) addView(clip tidings.ID, viewer tidings.ID, session string, read bool, ranges ...tidings.Span) {
	w.t.Helper()
	w.Clock.Pass(time.Millisecond)
	w.noError(w.AddView(w.ctx, clip, tidings.View{Viewer: string(viewer), Session: session, Ranges: ranges, Read: read}))
}

// readyClip is a recorded clip of ten seconds.
func (w *World) readyClip() tidings.Clip {
	w.t.Helper()
	c, _ := w.Recorded()
	w.noError(w.FinishMedia(w.ctx, w.Take(c.ID, tidings.StepTranscode), tidings.MediaResult{DurationMS: 10_000}))
	return w.mustClip(c.ID)
}

func testView(t *testing.T, w *World) {
	c, mem := w.readyClip(), w.Person("mem", tidings.RoleMember)
	for range 2 {
		w.addView(c.ID, mem.ID, "s1", false, tidings.Span{StartMS: 0, EndMS: 5000})
	}
	equal(t, "views of one session", w.mustClip(c.ID).Counts.Views, 1)
	w.addView(c.ID, mem.ID, "s2", true)
	equal(t, "views of two sessions", w.mustClip(c.ID).Counts.Views, 2)
	w.addView(c.ID, w.Owner.ID, "s3", false, tidings.Span{StartMS: 0, EndMS: 5000})
	equal(t, "views with the author's own", w.mustClip(c.ID).Counts.Views, 2)
	w.wantKind(w.AddView(w.ctx, "none", tidings.View{Viewer: "u1", Session: "s1"}), tidings.KindNotFound)
}

func testAudience(t *testing.T, w *World) {
	c := w.readyClip()
	person := map[string]tidings.User{}
	for _, name := range []string{"seen", "twice", "partly", "read", "answered", "silent"} {
		w.Clock.Pass(time.Millisecond)
		person[name] = w.Person(name, tidings.RoleMember)
	}

	w.addView(c.ID, w.Owner.ID, "own", false, tidings.Span{StartMS: 0, EndMS: 10_000})
	w.addView(c.ID, person["seen"].ID, "a", false, tidings.Span{StartMS: 0, EndMS: 90_000})
	w.addView(c.ID, person["twice"].ID, "a", false, tidings.Span{StartMS: 0, EndMS: 6000})
	w.addView(c.ID, person["twice"].ID, "b", false, tidings.Span{StartMS: 5000, EndMS: 10_000})
	w.addView(c.ID, person["partly"].ID, "a", false, tidings.Span{StartMS: 0, EndMS: 6000}, tidings.Span{StartMS: 0, EndMS: 6000})
	w.addView(c.ID, person["read"].ID, "a", true)
	w.addView(c.ID, "link:l1", "v1", false, tidings.Span{StartMS: 0, EndMS: 10_000})
	w.addView(c.ID, "link:l1", "v2", false, tidings.Span{StartMS: 0, EndMS: 1000})
	w.addView(c.ID, "link:l1", "v2", false, tidings.Span{StartMS: 0, EndMS: 2000})
	_, err := w.writeComment(c.ID, "", person["answered"], "Yes.")
	w.noError(err)
	a, err := w.Audience(w.ctx, c.ID)
	w.noError(err)
	var got []string
	for _, v := range a.People {
		got = append(got, fmt.Sprintf("%s %s", v.Person.Name, v.State()))
	}

	equalSlices(t, "audience, the last first", got, []string{"answered answered", "read read", "partly partly", "twice seen", "seen seen"})
	equal(t, "sittings by link", a.Anonymous, 2)
	equal(t, "of these, whole", a.AnonymousSeen, 1)
	if a.Heat != nil {
		t.Fatal("views by the second, and nobody switched it on")
	}

	_, err = w.Audience(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)
}

// testHeat: what was watched before heat was switched on is not counted.
func testHeat(t *testing.T, w *World) {
	c, mem := w.readyClip(), w.Person("mem", tidings.RoleMember)
	w.addView(c.ID, mem.ID, "before", false, tidings.Span{StartMS: 0, EndMS: 10_000})
	w.Clock.Pass(time.Second)
	ws, err := w.Workspace(w.ctx, w.WS.ID)
	w.noError(err)
	old := ws
	ws, err = w.SetHeat(w.ctx, ws, true)
	w.noError(err)
	_, err = w.SetHeat(w.ctx, old, false)
	w.wantKind(err, tidings.KindStale)
	w.addView(c.ID, mem.ID, "before", false, tidings.Span{StartMS: 0, EndMS: 10_000}) // the same session
	w.addView(c.ID, mem.ID, "after", false, tidings.Span{StartMS: 2000, EndMS: 4000})
	w.addView(c.ID, mem.ID, "again", false, tidings.Span{StartMS: 2000, EndMS: 3000}) // one viewer counts once
	w.addView(c.ID, "link:l1", "v", false, tidings.Span{StartMS: 3000, EndMS: 4000})
	a, err := w.Audience(w.ctx, c.ID)
	w.noError(err)
	equalSlices(t, "heat", a.Heat.Counts, []int{0, 0, 1, 2, 0, 0, 0, 0, 0, 0})
	_, err = w.SetHeat(w.ctx, ws, false)
	w.noError(err)
	a, err = w.Audience(w.ctx, c.ID)
	w.noError(err)

	if a.Heat != nil {
		t.Fatal("heat although it is off")
	}
}

// testViewLimit: the sessions of one viewer are bounded.
func testViewLimit(t *testing.T, w *World) {
	c, mem := w.readyClip(), w.Person("mem", tidings.RoleMember)
	for i := range tidings.MaxSessions + 20 {
		w.addView(c.ID, mem.ID, fmt.Sprint("s", i), false, tidings.Span{StartMS: int64(i), EndMS: int64(i) + 1})
	}
	equal(t, "sittings kept", w.mustClip(c.ID).Counts.Views, tidings.MaxSessions)
	a, err := w.Audience(w.ctx, c.ID)
	w.noError(err)
	if !slices.ContainsFunc(a.People, func(v tidings.Viewer) bool { return v.Person.ID == mem.ID && v.LastAt.Equal(w.Clock.Now()) }) {
		t.Fatal("what came after the limit is lost")
	}
}
