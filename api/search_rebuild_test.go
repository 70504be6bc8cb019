package api_test

import (
	"net/http"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// fakeReindexer counts how often filling the index was started.
type fakeReindexer struct{ started int }

func (f *fakeReindexer) Begin() error { f.started++; return nil }

func (f *fakeReindexer) Running() bool { return false }

// TestRebuildNeedsFirstWorkspace: the owner of another workspace cannot rebuild
// the index of the whole server.
func TestRebuildNeedsFirstWorkspace(t *testing.T) {
	f := &fakeReindexer{}
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Reindex = f })
	mem := w.addPerson("mem", tidings.RoleMember)
	own := decodeJSON[struct{ ID string }](mem.do("POST", "/api/v1/workspaces", map[string]any{"name": "Mem & Co"}).is(http.StatusCreated, "")).ID
	can := func(a *client, ws string) bool {
		return decodeJSON[struct{ Can struct{ Rebuild bool } }](a.get("/api/v1/workspaces/"+ws+"/search-index").is(http.StatusOK, "")).Can.Rebuild
	}
	if can(mem, own) || !can(w.ana, string(w.ws)) {
		t.Error("the button is for the owner of the first workspace, and for nobody of another")
	}

	mem.do("POST", "/api/v1/workspaces/"+own+"/search-index/rebuild", nil).is(http.StatusForbidden, "forbidden")

	if f.started != 0 {
		t.Errorf("the owner of another workspace began %d fillings", f.started)
	}

	first := "/api/v1/workspaces/" + string(w.ws) + "/search-index/rebuild"
	mem.do("POST", first, nil).is(http.StatusForbidden, "forbidden")
	w.ana.do("POST", first, nil).is(http.StatusAccepted, "")
	w.addPerson("adm", tidings.RoleAdmin).do("POST", first, nil).is(http.StatusAccepted, "")

	if f.started != 2 {
		t.Errorf("owner and admin of the first workspace began %d fillings", f.started)
	}
}
