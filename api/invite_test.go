package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

type inviteJSON struct {
	ID         tidings.ID
	Role       string
	Token, URL string
	MaxUses    int       `json:"max_uses"`
	ExpiresAt  time.Time `json:"expires_at"`
	Email      *string
	Mail       *struct{ State string }
}

// createInvite creates an invitation as the client's user.
func (c *client) createInvite(fields ...any) inviteJSON {
	c.w.Helper()
	body := map[string]any{}
	for i := 0; i+1 < len(fields); i += 2 {
		body[fields[i].(string)] = fields[i+1]
	}
	return decodeJSON[inviteJSON](c.do("POST", "/api/v1/workspaces/"+string(c.w.ws)+"/invites", body).is(http.StatusCreated, ""))
}

func acceptPath(i inviteJSON) string { return "/api/v1/invites/" + i.Token + "/accept" }

// workspaceRole is the client's role in the workspace; "" = none.
func (c *client) workspaceRole() string {
	c.w.Helper()
	for _, ws := range decodeJSON[struct {
		Workspaces []struct {
			ID   tidings.ID
			Role string
		}
	}](c.get("/api/v1/me").is(http.StatusOK, "")).Workspaces {
		if ws.ID == c.w.ws {
			return ws.Role
		}
	}

	return ""
}

func TestInviteJoins(t *testing.T) {
	w := newTestServer(t)
	ch := w.ana.createChannel("private")
	i := w.ana.createInvite("channel_ids", []tidings.ID{ch.ID})
	if i.Role != "member" || i.MaxUses != 1 || len(i.Token) < 22 || !strings.HasSuffix(i.URL, "/invite/"+i.Token) || i.ExpiresAt.Sub(w.clock.Now()).Round(time.Hour) != 7*24*time.Hour {
		t.Errorf("%+v", i)
	}

	page := w.anonymousClient().get("/invite/"+i.Token).is(http.StatusOK, "")
	if !strings.Contains(string(page.body), "Join Ocean") || !strings.Contains(string(page.body), "Ana") {
		t.Errorf("the page names neither workspace nor who invites: %s", page.body)
	}

	w.anonymousClient().do("POST", acceptPath(i), nil).is(http.StatusUnauthorized, "unauthenticated")
	a := w.anonymousClient().do("POST", acceptPath(i), map[string]any{"name": "Bo", "email": "Bo@Example.org", "password": password, "time_zone": "Asia/Tokyo"}).is(http.StatusCreated, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	bo := &client{w: w, header: []string{"Cookie: " + cookie}}
	if bo.workspaceRole() != "member" || len(bo.listChannels()) != 1 {
		t.Errorf("role %q, channels %v", bo.workspaceRole(), bo.listChannels())
	}

	w.signIn("bo@example.org")
	bo.do("POST", acceptPath(i), nil).is(http.StatusOK, "") // repeating it is no error
	bo.get("/invite/"+i.Token).is(http.StatusOK, "")
	for _, who := range []*client{w.anonymousClient(), w.addPerson("out", "")} { // a used invitation looks like a missing one
		used, none := who.get("/invite/"+i.Token, "Accept: text/html"), who.get("/invite/"+strings.Repeat("x", 22), "Accept: text/html")
		if used.StatusCode != http.StatusNotFound || none.StatusCode != http.StatusNotFound || string(used.body) != string(none.body) {
			t.Errorf("%d %d:\n%s\n%s", used.StatusCode, none.StatusCode, used.body, none.body)
		}
	}

	w.addPerson("late", "").do("POST", acceptPath(i), nil).is(http.StatusNotFound, "not_found")
}

func TestInviteRefusals(t *testing.T) {
	w := newTestServer(t)
	adm, out := w.addPerson("adm", tidings.RoleAdmin), w.addPerson("out", "")
	invites := "/api/v1/workspaces/" + string(w.ws) + "/invites"
	adm.do("POST", invites, map[string]any{"role": "owner"}).is(http.StatusForbidden, "forbidden")
	for name, body := range map[string]map[string]any{
		"over already": {"expires_at": w.clock.Now().Add(-time.Minute)}, "too long": {"expires_at": w.clock.Now().Add(91 * 24 * time.Hour)}, "no address": {"email": "nobody"},
		"two for one address": {"email": "a@example.org", "max_uses": 2}, "no uses": {"max_uses": 0}, "odd role": {"role": "king"}, "odd channel": {"channel_ids": []string{"x"}},
		"a channel of others": {"channel_ids": []tidings.ID{w.ana.createChannel("private").ID}},
	} {
		if p := adm.do("POST", invites, body).is(http.StatusBadRequest, "invalid").decodeProblem(); len(p.Fields) != 1 {
			t.Errorf("%s: %v", name, p.Fields)
		}
	}

	i := adm.createInvite()
	adm.do("DELETE", invites+"/"+string(i.ID), nil).is(http.StatusNoContent, "")
	adm.do("DELETE", invites+"/"+string(i.ID), nil).is(http.StatusNotFound, "not_found")
	out.do("POST", acceptPath(i), nil).is(http.StatusNotFound, "not_found")

	i = adm.createInvite("email", "Carla@example.org")
	out.do("POST", acceptPath(i), nil).is(http.StatusNotFound, "not_found")
	sign := func(email string) *response {
		return w.anonymousClient().do("POST", acceptPath(i), map[string]any{"name": "C", "email": email, "password": password})
	}
	sign("dora@example.org").is(http.StatusBadRequest, "invalid")
	sign("ana@example.org").is(http.StatusBadRequest, "invalid")
	sign("carla@example.org").is(http.StatusCreated, "")

	i = adm.createInvite("max_uses", 2)
	sign("ana@example.org").is(http.StatusConflict, "conflict")
	w.clock.Advance(8 * 24 * time.Hour)
	sign("late@example.org").is(http.StatusNotFound, "not_found")

	i = adm.createInvite() // an admin's invitations end with their role
	w.ok(w.store.SetRole(t.Context(), w.ws, adm.user, w.ana.user, tidings.RoleMember))
	out.do("POST", acceptPath(i), nil).is(http.StatusNotFound, "not_found")
}

// TestInviteOfMembers: an invitation raises a role but never lowers one, and
// counts as used only when it changed a role.
func TestInviteOfMembers(t *testing.T) {
	w := newTestServer(t)
	adm, gus := w.addPerson("adm", tidings.RoleAdmin), w.addPerson("gus", tidings.RoleGuest)
	guest := w.ana.createInvite("role", "guest")
	adm.do("POST", acceptPath(guest), nil).is(http.StatusOK, "")
	if adm.workspaceRole() != "admin" {
		t.Errorf("an invitation for guests made an admin %s", adm.workspaceRole())
	}

	out := w.addPerson("out", "")
	out.do("POST", acceptPath(guest), nil).is(http.StatusOK, "") // still good
	if out.workspaceRole() != "guest" {
		t.Errorf("role %q", out.workspaceRole())
	}

	member := w.ana.createInvite()
	gus.do("POST", acceptPath(member), nil).is(http.StatusOK, "")
	out.do("POST", acceptPath(member), nil).is(http.StatusOK, "") // used up, but they are members
	if gus.workspaceRole() != "member" || out.workspaceRole() != "guest" {
		t.Errorf("%s, %s", gus.workspaceRole(), out.workspaceRole())
	}
}

// TestInviteRace: of a hundred concurrent requests, an invitation for one use
// admits one, and one for seven uses admits seven.
func TestInviteRace(t *testing.T) {
	w := newTestServer(t)
	const many = 100
	people := make([]*client, many)
	for n := range people {
		people[n] = w.addPerson(fmt.Sprint("p", n), "")
	}

	for _, uses := range []int{1, 7} {
		i := w.ana.createInvite("max_uses", uses)
		var in, refused atomic.Int64
		var all sync.WaitGroup
		for _, p := range people {
			if p.workspaceRole() != "" {
				continue
			}

			all.Go(func() {
				switch p.requestStatus("POST", acceptPath(i), nil) {
				case http.StatusOK:
					in.Add(1)
				case http.StatusNotFound:
					refused.Add(1)
				}
			})
		}

		all.Wait()
		joined := 0
		for _, p := range people {
			if p.workspaceRole() != "" {
				joined++
			}
		}

		if in.Load() != int64(uses) || (uses == 1 && (joined != 1 || refused.Load() != many-1)) || (uses == 7 && joined != 8) {
			t.Errorf("%d uses: %d let in, %d refused, %d members", uses, in.Load(), refused.Load(), joined)
		}
	}
}
