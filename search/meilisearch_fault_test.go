package search_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest/fakemeili"
	"tidings.example/tidings/tidings"
)

// impatient is how long a server that is made to be slow is waited for.
const impatient = time.Second

// newMeiliWorld is an indexWorld whose engine is a fake Meilisearch; a timeout
// of 0 is the default.
func newMeiliWorld(t *testing.T, patience time.Duration) (*indexWorld, *fakemeili.Server) {
	s := fakemeili.New(t)
	e := openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey, Timeout: patience, TaskTimeout: patience})
	if err := e.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newIndexWorldWith(t, e), s
}

// wantUnavailable checks the kind and the sentence of an error.
func wantUnavailable(t *testing.T, err error, want string) {
	t.Helper()
	if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), want) {
		t.Errorf("got %v, want an unavailable engine and %q", err, want)
	}
}

// TestMeilisearchFaults lets the server suffer while a clip is to be indexed:
// the outbox keeps it, and it is found when the server is well again.
func TestMeilisearchFaults(t *testing.T) {
	for name, c := range map[string]struct {
		suffer, heal func(s *fakemeili.Server)
		says         string // "" = it goes well all the same
	}{
		"busy for a moment":   {func(s *fakemeili.Server) { s.Busy(2) }, func(*fakemeili.Server) {}, ""},
		"busy":                {func(s *fakemeili.Server) { s.Busy(1000) }, func(s *fakemeili.Server) { s.Busy(0) }, "busy"},
		"down":                {(*fakemeili.Server).Down, (*fakemeili.Server).Up, "does not answer"},
		"stalled":             {(*fakemeili.Server).Stall, (*fakemeili.Server).Go, "does not answer"},
		"full":                {func(s *fakemeili.Server) { s.Full(true) }, func(s *fakemeili.Server) { s.Full(false) }, "no room"},
		"full while it works": {func(s *fakemeili.Server) { s.FailTasks("no_space_left_on_device") }, func(*fakemeili.Server) {}, "no room"},
		"failed":              {func(s *fakemeili.Server) { s.FailTasks("internal") }, func(*fakemeili.Server) {}, "could not index"},
		"canceled":            {func(s *fakemeili.Server) { s.FailTasks("canceled") }, func(*fakemeili.Server) {}, "canceled"},
		"slow":                {(*fakemeili.Server).Pause, (*fakemeili.Server).Resume, "has not indexed"},
		"crashed":             {(*fakemeili.Server).Pause, func(s *fakemeili.Server) { s.Crash(); s.Resume() }, "has not indexed"},
		"keys deleted":        {(*fakemeili.Server).DropKeys, func(*fakemeili.Server) {}, "accept our key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := time.Duration(0)
			if slices.Contains([]string{"stalled", "slow", "crashed"}, name) {
				patience = impatient
			}

			h, s := newMeiliWorld(t, patience)
			before := h.newClip("kubernetes before")
			h.mustDrain()
			now := h.newClip("kubernetes now")
			c.suffer(s)
			err := h.x.Drain(t.Context())
			if c.says == "" {
				h.noError(err)
			} else {
				wantUnavailable(t, err, c.says)
				h.wantWaiting(1)
				if err := h.x.Drain(t.Context()); name == "slow" && (err == nil || s.Enqueued() != 1) {
					t.Errorf("%d tasks for one change (%v)", s.Enqueued(), err)
				}
			}

			c.heal(s)
			awaitClean(t, h)
			h.wantFound("kubernetes", before.ID, now.ID)
			h.wantDrift("checked 2 pending 0 missing 0 stale 0 extra 0")
		})
	}
}

// awaitClean drains as the queue does: again after a failure.
func awaitClean(t *testing.T, h *indexWorld) {
	t.Helper()
	var err error
	for range 5 {
		if err = h.x.Drain(t.Context()); err == nil {
			h.wantWaiting(0)
			return
		}
		wantUnavailable(t, err, "")
	}
	t.Fatal(err)
}

// TestMeilisearchBadClip: a document the server refuses is put off, the others
// of its batch are indexed.
func TestMeilisearchBadClip(t *testing.T) {
	h, s := newMeiliWorld(t, 0)
	h.mustDrain()
	h.newClip("kubernetes bad")
	good := h.newClip("kubernetes good")
	s.FailTasks("invalid_document_fields", "invalid_document_fields") // the batch, then the first of it
	h.mustDrain()
	h.wantFound("kubernetes", good.ID)
	h.wantWaiting(1)
	h.Clock.Pass(time.Minute)
	h.mustDrain()
	h.wantWaiting(0)
	h.wantDrift("checked 2 pending 0 missing 0 stale 0 extra 0")
}

// TestMeilisearchLoses takes from the server what it had confirmed: it is
// noticed, and put right without anything being changed again.
func TestMeilisearchLoses(t *testing.T) {
	for name, lose := range map[string]func(s *fakemeili.Server, older fakemeili.Backup){
		"restored": func(s *fakemeili.Server, older fakemeili.Backup) { s.Restore(older) },
		"emptied":  func(s *fakemeili.Server, _ fakemeili.Backup) { s.Restore(fakemeili.Backup{}) },
		"a document": func(s *fakemeili.Server, _ fakemeili.Backup) {
			s.Corrupt("clips", func(map[string]any) map[string]any { return nil })
		},
		"a version": func(s *fakemeili.Server, _ fakemeili.Backup) {
			s.Corrupt("clips", func(d map[string]any) map[string]any { d["version"] = 0.0; return d })
		},
		"a format": func(s *fakemeili.Server, _ fakemeili.Backup) { // of an older version of Tidings
			s.Corrupt("clips", func(d map[string]any) map[string]any { delete(d, "format"); return d })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newMeiliWorld(t, 0)
			first := h.newClip("kubernetes first")
			h.mustDrain()
			older := s.Backup()
			second := h.newClip("kubernetes second")
			h.mustDrain()
			epoch := h.e.Epoch()
			lose(s, older)

			for range 2 { // the first look may find its key gone
				if err := h.e.Ready(t.Context()); err != nil {
					wantUnavailable(t, err, "")
				}
			}

			if h.e.Epoch() == epoch {
				t.Error("nobody has noticed")
			}

			awaitClean(t, h)
			h.wantFound("kubernetes", first.ID, second.ID)
			h.wantDrift("checked 2 pending 0 missing 0 stale 0 extra 0")
		})
	}
}

// TestMeilisearchUnfit meets servers that cannot be worked with.
func TestMeilisearchUnfit(t *testing.T) {
	for version, says := range map[string]string{"1.39.9": "1.39.9 is too old", "0.30.0": "0.30.0", "2.0.0": "2.0.0", "": "version"} {
		s := fakemeili.New(t)
		s.SetVersion(version)
		e := openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey})
		wantUnavailable(t, e.Ready(t.Context()), says)
		s.SetVersion("1.41.0")

		if err := e.Ready(t.Context()); err != nil {
			t.Errorf("a fit version after %q: %v", version, err)
		}
	}

	s := fakemeili.New(t)
	wantUnavailable(t, openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: "wrong"}).Ready(t.Context()), "accept our key")
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>welcome</html>") }))
	t.Cleanup(page.Close)
	wantUnavailable(t, openMeilisearch(t, search.MeilisearchConfig{URL: page.URL, Key: "k"}).Ready(t.Context()), "does not answer")
	for _, c := range []search.MeilisearchConfig{{URL: "localhost:7700", Key: "k"}, {URL: "ftp://x", Key: "k"}, {Key: "k"}, {URL: s.URL}} {
		if e, err := search.OpenMeilisearch(c); tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%+v is taken: %v %v", c, e, err)
		}
	}
}

// TestMeilisearchStartsDown: the server may come later than we do.
func TestMeilisearchStartsDown(t *testing.T) {
	s := fakemeili.New(t)
	s.Down()
	e := openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey})
	q := tidings.Query{Text: "kubernetes", WorkspaceID: "ws", ACL: []string{"w:ws"}, Limit: 10}
	for range 2 {
		_, _, err := e.Search(t.Context(), q)
		wantUnavailable(t, err, "does not answer")
	}

	_, err := e.Versions(t.Context(), "", 10)
	wantUnavailable(t, err, "does not answer")
	wantUnavailable(t, e.Reset(t.Context()), "does not answer")
	s.Up()
	putAll(t, e, newDocument(1, "kubernetes"))
	if n := countFound(t, e, "kubernetes"); n != 1 {
		t.Errorf("%d hits", n)
	}
}

func TestMeilisearchCancel(t *testing.T) {
	s := fakemeili.New(t)
	e := openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey})
	putAll(t, e, newDocument(1, "kubernetes"))
	s.Pause()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Put(ctx, []tidings.Document{newDocument(2, "rollback")}) }()
	s.AwaitEnqueued(t)
	cancel()

	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled put answers %v", err)
	}

	if _, _, err := e.Search(ctx, tidings.Query{Text: "x", WorkspaceID: "ws", ACL: []string{"w:ws"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled search answers %v", err)
	}

	s.Resume()
	putAll(t, e, newDocument(3, "rollback"))
	if n := countFound(t, e, "rollback"); n != 2 {
		t.Errorf("%d hits", n)
	}
}

// TestMeilisearchCutOff fails a put or a deletion after some of its changes:
// nothing is left over once it was repeated.
func TestMeilisearchCutOff(t *testing.T) {
	whole := func(version int64, comments ...string) tidings.Document {
		d := newDocument(1, "kubernetes")
		d.Version = version
		for i, body := range comments {
			d.Comments = append(d.Comments, tidings.Comment{ID: tidings.ID(body), Body: body, AtMS: new(int64)})
			*d.Comments[i].AtMS = int64(i) * 40 * 60 * 1000 // a chunk each
		}
		return d
	}
	for at := range 4 {
		for _, gone := range []bool{false, true} {
			s := fakemeili.New(t)
			e := openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey})
			putAll(t, e, whole(1, "one", "two", "three"))
			change := func() error { return e.Put(t.Context(), []tidings.Document{whole(2, "four")}) }
			if gone {
				change = func() error {
					return e.Delete(t.Context(), []tidings.OutboxEntry{{ClipID: newDocument(1, "").ClipID, Version: 2}})
				}
			}

			s.FailTasks(append(make([]string, at), "internal")...)

			if err := change(); err != nil {
				wantUnavailable(t, err, "could not index")
				if err := change(); err != nil {
					t.Fatal(err)
				}
			}

			s.FailTasks()
			clips, comments := len(s.Documents("clips")), len(s.Documents("comments"))
			want := map[bool]int{false: 1, true: 0}[gone]
			if clips != 1 || comments != want || countFound(t, e, "kubernetes") != want || countFound(t, e, "four") != want || countFound(t, e, "one")+countFound(t, e, "three") != 0 {
				t.Errorf("failed at %d, deleted %v: %d parts and %d comments are left", at, gone, clips, comments)
			}
		}
	}
}

// TestMeilisearchReset: a reset that was cut off is no obstacle to the next.
func TestMeilisearchReset(t *testing.T) {
	s := fakemeili.New(t)
	e := openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey, TaskTimeout: impatient})
	putAll(t, e, newDocument(1, "kubernetes"))
	s.Pause()
	wantUnavailable(t, e.Reset(t.Context()), "has not indexed")
	s.Resume()

	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}

	if n := countFound(t, e, "kubernetes"); n != 0 {
		t.Errorf("%d hits in an empty index", n)
	}

	if n := len(s.Documents("clips_new")) + len(s.Documents("comments_new")); n != 0 {
		t.Errorf("%d documents are left beside the index", n)
	}
}

// TestMeilisearchRestoredUnwritten: a process that has written nothing notices
// a restored server too, by its tasks.
func TestMeilisearchRestoredUnwritten(t *testing.T) {
	s := fakemeili.New(t)
	c := search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey}
	putAll(t, openMeilisearch(t, c), newDocument(1, "kubernetes"))
	older := s.Backup()
	e := openMeilisearch(t, c)
	for range 2 {
		if err := e.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	epoch := e.Epoch()
	if err := e.Ready(t.Context()); err != nil || e.Epoch() != epoch {
		t.Fatalf("a new epoch without a loss (%v)", err)
	}

	s.Restore(older)

	if err := e.Ready(t.Context()); err != nil || e.Epoch() == epoch {
		t.Errorf("nobody has noticed (%v)", err)
	}
}
