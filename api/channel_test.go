package api_test

import (
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// privateChannelStatuses are the statuses that routes of a private channel
// return to the matrix's subjects: only its author is a member.
const privateChannelStatuses = "401 404 404 404 200 401 401 200 200 200"

type channelJSON struct {
	ID      tidings.ID
	Name    string
	Kind    string
	Member  bool
	Members int `json:"member_count"`
	Can     map[string]bool
	Version int64
}

// createChannel creates a channel as the client's user.
func (c *client) createChannel(kind string) channelJSON {
	c.w.Helper()
	return decodeJSON[channelJSON](c.do("POST", "/api/v1/workspaces/"+string(c.w.ws)+"/channels", map[string]any{"name": string(tidings.NewID(c.w.clock.Now())), "kind": kind}).is(http.StatusCreated, ""))
}

const channelsPath = "/api/v1/channels/"

func (c *client) listChannels() []channelJSON {
	c.w.Helper()
	return decodeJSON[struct{ Items []channelJSON }](c.get("/api/v1/workspaces/"+string(c.w.ws)+"/channels").is(http.StatusOK, "")).Items
}

func TestChannels(t *testing.T) {
	w := newTestServer(t)
	bo, gus := w.addPerson("bo", tidings.RoleMember), w.addPerson("gus", tidings.RoleGuest)
	list := "/api/v1/workspaces/" + string(w.ws) + "/channels"
	made := decodeJSON[channelJSON](w.ana.do("POST", list, map[string]any{"name": " #Design ", "topic": "Look and feel"}).is(http.StatusCreated, ""))
	if made.Name != "Design" || made.Kind != "open" || !made.Member || made.Members != 1 || !made.Can["manage"] {
		t.Errorf("%+v", made)
	}

	bo.do("POST", list, map[string]any{"name": "dESIGN"}).is(http.StatusConflict, "conflict")
	for name, body := range map[string]map[string]any{"no name": {"name": " # "}, "too long": {"name": strings.Repeat("x", 81)}, "odd kind": {"name": "x", "kind": "secret"},
		"two lines": {"name": "a\nb"}, "a long topic": {"name": "x", "topic": strings.Repeat("x", 251)}} {
		if p := bo.do("POST", list, body).is(http.StatusBadRequest, "invalid").decodeProblem(); len(p.Fields) != 1 {
			t.Errorf("%s: %v", name, p.Fields)
		}
	}

	if len(bo.listChannels()) != 1 || len(gus.listChannels()) != 0 {
		t.Error("an open channel is there for members, not for guests")
	}

	at := channelsPath + string(made.ID)
	gus.do("POST", at+"/members", nil).is(http.StatusNotFound, "not_found")
	if got := decodeJSON[channelJSON](bo.do("POST", at+"/members", nil).is(http.StatusOK, "")); !got.Member || got.Members != 2 || got.Can["manage"] {
		t.Errorf("%+v", got)
	}

	bo.do("PATCH", at, map[string]any{"topic": "mine"}).is(http.StatusForbidden, "forbidden")
	bo.do("PUT", at+"/members/"+string(gus.user), nil).is(http.StatusOK, "")
	if got := gus.listChannels(); len(got) != 1 || got[0].Can["post"] || got[0].Can["add"] {
		t.Errorf("a guest in a channel: %+v", got)
	}

	w.ana.do("PATCH", at, map[string]any{"topic": "x"}, `If-Match: "7"`).is(http.StatusPreconditionFailed, "conflict")
	bo.do("DELETE", at+"/members/"+string(gus.user), nil).is(http.StatusForbidden, "forbidden")
	gus.do("DELETE", at+"/members/me", nil).is(http.StatusNoContent, "")
	gus.get(at).is(http.StatusNotFound, "not_found")
	bo.do("PUT", at+"/members/"+string(w.addPerson("out", "").user), nil).is(http.StatusBadRequest, "invalid")
}

// TestChannelClips: only members of a private channel see its clips, in every
// list and without delay.
func TestChannelClips(t *testing.T) {
	w := newTestServer(t)
	bo, mem := w.addPerson("bo", tidings.RoleMember), w.addPerson("mem", tidings.RoleMember)
	ch := bo.createChannel("private")
	clip := bo.createClip("channel_id", string(ch.ID))
	if got := decodeJSON[struct {
		Visibility string
		Channel    tidings.ID `json:"channel_id"`
	}](bo.get("/api/v1/clips/"+string(clip.ID)).is(http.StatusOK, "")); got.Visibility != "channel" || got.Channel != ch.ID {
		t.Errorf("%+v", got)
	}

	w.search.clips = []tidings.ID{clip.ID}
	listed := func(c *client, path string) int {
		t.Helper()
		return len(decodeJSON[struct{ Items []struct{} }](c.get(path).is(http.StatusOK, "")).Items)
	}
	expectClips := func(c *client, want int) {
		t.Helper()
		status := map[int]int{0: http.StatusNotFound, 1: http.StatusOK}[want]
		c.get("/api/v1/clips/"+string(clip.ID)).is(status, "")
		for _, path := range []string{"/api/v1/clips?workspace=", "/api/v1/clips?channel=" + string(ch.ID) + "&workspace=", "/api/v1/search?q=x&workspace=", "/api/v1/search?q=x&channel=" + string(ch.ID) + "&workspace="} {
			if got := listed(c, path+string(w.ws)); got != want {
				t.Errorf("%s: %d, want %d", path, got, want)
			}
		}
	}
	expectClips(bo, 1)
	expectClips(mem, 0)
	expectClips(w.ana, 0) // owners have no access
	mem.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", "channel_id": ch.ID}).is(http.StatusBadRequest, "invalid")
	at := channelsPath + string(ch.ID) + "/members/"
	bo.do("PUT", at+string(mem.user), nil).is(http.StatusOK, "")
	expectClips(mem, 1)
	bo.do("DELETE", at+string(mem.user), nil).is(http.StatusNoContent, "")
	expectClips(mem, 0)

	path := "/api/v1/clips/" + string(clip.ID)
	bo.do("PATCH", path, map[string]any{"visibility": "workspace"}).is(http.StatusOK, "")
	if got := mem.get(path).is(http.StatusOK, ""); strings.Contains(string(got.body), string(ch.ID)) {
		t.Error("somebody who is not in the channel is told of it")
	}
}

func TestMoveClipOutOfChannel(t *testing.T) {
	w := newTestServer(t)
	bo, mem := w.addPerson("bo", tidings.RoleMember), w.addPerson("mem", tidings.RoleMember)
	ch := bo.createChannel("open")
	clip := bo.createClip("channel_id", string(ch.ID))
	path := "/api/v1/clips/" + string(clip.ID)
	mem.get(path).is(http.StatusOK, "")
	bo.do("PATCH", path, map[string]any{"channel_id": nil, "visibility": "channel"}).is(http.StatusBadRequest, "invalid")
	bo.do("PATCH", path, map[string]any{"channel_id": nil}).is(http.StatusOK, "")
	mem.get(path).is(http.StatusNotFound, "not_found")
	bo.do("PATCH", path, map[string]any{"visibility": "channel"}).is(http.StatusBadRequest, "invalid")
	bo.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", "visibility": "channel"}).is(http.StatusBadRequest, "invalid")
	bo.do("PATCH", path, map[string]any{"channel_id": ch.ID, "visibility": "channel"}).is(http.StatusOK, "")
	bo.do("DELETE", channelsPath+string(ch.ID), nil).is(http.StatusNoContent, "")
	mem.get(path).is(http.StatusNotFound, "not_found")
	bo.get(path).is(http.StatusOK, "")
}
