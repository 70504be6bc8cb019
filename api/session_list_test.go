package api_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

type sessionJSON struct {
	ID, Method, Agent, Network string
	Current                    bool
}

// sessionHash is the stored hash of the client's session token.
func (c *client) sessionHash() string {
	_, token, _ := strings.Cut(c.header[0], "=")
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (c *client) listSessions() []sessionJSON {
	c.w.Helper()
	return decodeJSON[struct{ Items []sessionJSON }](c.get("/api/v1/sessions").is(http.StatusOK, "")).Items
}

// TestListAndEndSessions: users list and end their own sessions; an ended
// session is refused from then on.
func TestListAndEndSessions(t *testing.T) {
	w := newTestServer(t)
	bo := w.addPerson("bo", tidings.RoleMember)
	desk, phone := w.signIn("ana@example.org"), w.signIn("ana@example.org")
	all := desk.listSessions()
	if len(all) != 2 || all[0].Method != "password" || all[0].Network != "127.0.0.0/24" || !strings.HasPrefix(all[0].Agent, "Go-http-client") {
		t.Fatalf("%+v", all)
	}

	other := all[0]
	if other.Current {
		other = all[1]
	}

	if all[0].Current == all[1].Current {
		t.Errorf("one of them asks: %+v", all)
	}

	bo.do("DELETE", "/api/v1/sessions/"+other.ID, nil).is(http.StatusNotFound, "not_found")
	phone.get("/api/v1/me").is(http.StatusOK, "")
	desk.do("DELETE", "/api/v1/sessions/"+other.ID, nil).is(http.StatusNoContent, "")
	phone.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
	phone = w.signIn("ana@example.org")
	desk.do("DELETE", "/api/v1/sessions", nil).is(http.StatusNoContent, "")
	phone.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")

	if left := desk.listSessions(); len(left) != 1 || !left[0].Current {
		t.Errorf("%+v", left)
	}
}

// TestRevokedSessionEndsStream: at once, not at the next periodic access check.
func TestRevokedSessionEndsStream(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.RecheckEvery = time.Hour })
	desk, phone := w.signIn("ana@example.org"), w.signIn("ana@example.org")
	stream := phone.sendRequest("GET", "/api/v1/events", nil)
	defer stream.Body.Close()

	lines := bufio.NewScanner(stream.Body)
	if !lines.Scan() || lines.Text() != ": hello" {
		t.Fatalf("%q %v", lines.Text(), lines.Err())
	}

	ours := desk.sendRequest("GET", "/api/v1/events", nil)
	defer ours.Body.Close()

	desk.do("DELETE", "/api/v1/sessions", nil).is(http.StatusNoContent, "")

	for lines.Scan() { // until it ends
	}

	if err := lines.Err(); err != nil {
		t.Error(err)
	}

	clip := desk.createClip()
	own := bufio.NewScanner(ours.Body)
	for own.Scan() && !strings.Contains(own.Text(), string(clip.ID)) {
	}

	if err := own.Err(); err != nil || !strings.Contains(own.Text(), string(clip.ID)) {
		t.Errorf("the stream that goes on: %q %v", own.Text(), err)
	}
}

// TestRevokedSessionStaysRevoked: unlocking a link with the revoked session
// does not restore it.
func TestRevokedSessionStaysRevoked(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(10)
	link := w.ana.createLink(clip.ID, "access", "password", "password", password)
	desk := w.signIn("ana@example.org")
	w.ok(w.store.InTx(t.Context(), func(tx store.Tx) error {
		_, err := tx.DeleteSession(t.Context(), desk.sessionHash())
		return err
	}))
	desk.do("POST", "/api/v1/links/"+link.Token+"/unlock", map[string]any{"password": password})
	desk.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
}

func TestPasswordChange(t *testing.T) {
	w := newTestServer(t)
	desk, phone := w.signIn("ana@example.org"), w.signIn("ana@example.org")
	change := func(c *client, current, next string) *response {
		t.Helper()
		return c.do("PUT", "/api/v1/password", map[string]any{"current_password": current, "new_password": next})
	}
	if p := change(desk, "wrong", "better horse").is(400, "invalid").decodeProblem(); p.Fields["current_password"] == "" {
		t.Errorf("%+v", p)
	}

	if p := change(desk, password, "short").is(400, "invalid").decodeProblem(); p.Fields["new_password"] == "" {
		t.Errorf("%+v", p)
	}

	desk.do("PUT", "/api/v1/password", map[string]any{"new_password": "better horse"}).is(400, "invalid")
	change(desk, password, "better horse").is(http.StatusNoContent, "")
	desk.get("/api/v1/me").is(http.StatusOK, "")
	phone.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
	w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": password}).is(http.StatusUnauthorized, "unauthenticated")
	w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": "better horse"}).is(http.StatusOK, "")
}

// TestPasswordChangeRateLimit: an open session is no way to guess the current
// password.
func TestPasswordChangeRateLimit(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.LoginBurst = 3 })
	desk := w.signIn("ana@example.org")
	wrong := map[string]any{"current_password": "wrong", "new_password": "better horse"}
	for range 3 {
		desk.do("PUT", "/api/v1/password", wrong).is(400, "invalid")
	}
	desk.do("PUT", "/api/v1/password", wrong).is(http.StatusTooManyRequests, "rate_limited").has("Retry-After: 6")
}

type auditJSON struct {
	Action  string
	Actor   *struct{ Name string }
	Detail  map[string]string
	Network string
}

func (c *client) listAudit(query string) []auditJSON {
	c.w.Helper()
	return decodeJSON[struct{ Items []auditJSON }](c.get("/api/v1/workspaces/"+string(c.w.ws)+"/audit?limit=100&"+query).is(http.StatusOK, "")).Items
}

// TestAuditLog: only owners and admins read the audit log.
func TestAuditLog(t *testing.T) {
	w := newTestServer(t)
	w.signIn("ana@example.org")
	w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": "wrong"}).is(http.StatusUnauthorized, "unauthenticated")
	for _, r := range []tidings.Role{tidings.RoleOwner, tidings.RoleAdmin} {
		who := w.addPerson(string(r), r)
		got := who.listAudit("action=session.created")
		if len(got) != 1 || got[0].Actor == nil || got[0].Actor.Name != "Ana" || got[0].Detail["method"] != "password" || got[0].Network != "127.0.0.0/24" {
			t.Errorf("%s: %+v", r, got)
		}

		if got := who.listAudit("action=session.refused"); len(got) != 1 || got[0].Actor != nil {
			t.Errorf("%s: %+v", r, got)
		}

		if got := who.listAudit("actor=" + string(who.user)); len(got) != 1 || got[0].Action != "token.created" {
			t.Errorf("%s: %+v", r, got)
		}
	}

	w.addPerson("mem", tidings.RoleMember).get("/api/v1/workspaces/"+string(w.ws)+"/audit").is(http.StatusForbidden, "forbidden")
	w.ana.get("/api/v1/workspaces/"+string(w.ws)+"/audit?cursor=x").is(http.StatusBadRequest, "invalid")
}
