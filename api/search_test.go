package api_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

type searchJSON struct {
	Items []struct {
		Clip struct{ ID tidings.ID }
	}
	NextCursor string `json:"next_cursor"`
}

// TestPersonalSearchFilters: filters about the caller are resolved in the
// database, and the engine gets the resulting clips.
func TestPersonalSearchFilters(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("mem", tidings.RoleMember)
	theirs, seen := w.ana.createClip("visibility", "workspace").ID, w.ana.createClip("visibility", "workspace").ID
	own := mem.createClip("visibility", "workspace").ID
	views := "/api/v1/clips/" + string(seen) + "/views"
	mem.do("POST", views, map[string]any{"session": "s", "ranges": [][]int{{0, 10}}}).is(http.StatusNoContent, "")

	w.search.clips, w.search.more = []tidings.ID{theirs}, true
	first := decodeJSON[searchJSON](mem.get("/api/v1/search?q=x&is=unseen&limit=1").is(200, ""))

	if except := w.search.lastQuery.Except; !slices.Contains(except, seen) || !slices.Contains(except, own) || slices.Contains(except, theirs) {
		t.Errorf("unseen leaves out %v", except)
	}

	// A clip watched between two pages stays in the list, or the next page would skip one.
	w.clock.Advance(1_000_000)
	mem.do("POST", strings.Replace(views, string(seen), string(theirs), 1), map[string]any{"session": "s", "ranges": [][]int{{0, 10}}}).is(http.StatusNoContent, "")
	mem.get("/api/v1/search?q=x&is=unseen&limit=1&cursor="+first.NextCursor).is(200, "")

	if q := w.search.lastQuery; q.Offset != 1 || slices.Contains(q.Except, theirs) {
		t.Errorf("the second page is asked from %d without %v", q.Offset, q.Except)
	}

	mem.get("/api/v1/search?q=y&is=unseen&limit=1&cursor="+first.NextCursor).is(400, "invalid")

	mem.get("/api/v1/search?q=x&is=late").is(400, "invalid")
	mem.get("/api/v1/search?q=x&cursor=OTk5OTk5LjAuQUFBQQ").is(400, "invalid") // offset too large
	mem.get("/api/v1/search?q=x&workspace=01ARYZ6S41TSV4RRFFQ69G5FAV").is(404, "not_found")

	mem.get("/api/v1/search?q=x&is=mine").is(200, "")
	if w.search.lastQuery.AuthorID != mem.user {
		t.Errorf("mine asks for %q", w.search.lastQuery.AuthorID)
	}

	w.search.lastQuery = tidings.Query{}
	if got := decodeJSON[searchJSON](mem.get("/api/v1/search?q=x&is=mine&author="+string(w.ana.user)).is(200, "")); len(got.Items) != 0 || w.search.lastQuery.Text != "" {
		t.Error("somebody else's clips are mine")
	}
}

// TestSavedSearches belong to one user: no other user lists or deletes them.
func TestSavedSearches(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("mem", tidings.RoleMember)
	path := "/api/v1/workspaces/" + string(w.ws) + "/saved-searches"
	type saved struct {
		ID                tidings.ID
		Name, Query, Sort string
	}

	one := decodeJSON[saved](mem.do("POST", path, map[string]any{"query": " from:me tide "}).is(201, ""))
	two := decodeJSON[saved](mem.do("POST", path, map[string]any{"query": "ebb", "name": "Low water", "sort": "newest"}).is(201, ""))
	if one.Name != "from:me tide" || one.Query != "from:me tide" || one.Sort != "relevance" || two.Name != "Low water" || two.Sort != "newest" {
		t.Errorf("kept are %+v and %+v", one, two)
	}

	list := func(c *client) (ids []tidings.ID) {
		for _, s := range decodeJSON[struct{ Items []saved }](c.get(path).is(200, "")).Items {
			ids = append(ids, s.ID)
		}
		return ids
	}
	if got := list(mem); !slices.Equal(got, []tidings.ID{two.ID, one.ID}) {
		t.Errorf("kept are %v", got)
	}

	if got := list(w.ana); len(got) != 0 {
		t.Errorf("the owner sees %v", got)
	}

	w.ana.do("DELETE", path+"/"+string(one.ID), nil).is(404, "not_found")
	mem.do("DELETE", path+"/"+string(one.ID), nil).is(204, "")
	mem.do("DELETE", path+"/"+string(one.ID), nil).is(404, "not_found")
	if got := list(mem); !slices.Equal(got, []tidings.ID{two.ID}) {
		t.Errorf("kept are %v", got)
	}
}

// TestSearchIndexState: owners see the queue and its age, and the title of a
// failed clip only if they may see the clip.
func TestSearchIndexState(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("mem", tidings.RoleMember)
	private := mem.createClip("visibility", "private").ID
	outbox, err := w.store.Outbox(t.Context(), 10)
	w.ok(err)
	w.clock.Advance(3_000_000_000)
	w.ok(w.store.IndexFailed(t.Context(), outbox[0], "It cannot be indexed; the log has the cause.", 2))
	got := decodeJSON[struct {
		State          string
		Clips, Pending int
		LagMs          int64 `json:"lag_ms"`
		Failed         []struct {
			ClipID tidings.ID `json:"clip_id"`
			Title  *string
			Tries  int
		}
		Rebuild any
	}](w.ana.get("/api/v1/workspaces/"+string(w.ws)+"/search-index").is(200, ""))
	if got.Clips != 1 || got.Pending != 1 || got.LagMs < 3000 || len(got.Failed) != 1 || got.Failed[0].ClipID != private || got.Failed[0].Title != nil || got.Failed[0].Tries != 2 || got.Rebuild != nil {
		t.Errorf("the index stands at %+v", got)
	}

	mem.get("/api/v1/workspaces/"+string(w.ws)+"/search-index").is(403, "forbidden")
}

// failingNames has no answer about people and channels.
type failingNames struct{ api.SearchStore }

func (failingNames) Members(context.Context, tidings.ID) ([]tidings.Member, error) {
	return nil, errors.New("the database does not answer")
}

func (failingNames) Channels(context.Context, tidings.Subject, tidings.ID) ([]tidings.Channel, error) {
	return nil, errors.New("the database does not answer")
}

// TestUnansweredNamesAreNoUnknownNames: while the database does not answer, a
// search does not say that nobody has the name.
func TestUnansweredNamesAreNoUnknownNames(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		d.Stores.Searches = failingNames{d.Stores.Searches}
	})
	w.ana.get("/api/v1/search?q=from:mem").is(http.StatusInternalServerError, "internal")
	w.ana.get("/api/v1/search?q=in:%23ops").is(http.StatusInternalServerError, "internal")
}
