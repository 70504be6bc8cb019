package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
)

// sessionOf is a client with the cookies of an answer.
func (w *testServer) sessionOf(a *response) *client {
	w.Helper()
	c := w.anonymousClient()
	for _, cookie := range a.Cookies() {
		c = c.withHeaders("Cookie: " + cookie.Name + "=" + cookie.Value)
	}
	return c
}

// TestRepeatedRequestSignsIn: a request of a visitor that makes an account or a
// guest is done once, and each of its answers has a cookie that works; without
// the right password, or with another body, there is none.
func TestRepeatedRequestSignsIn(t *testing.T) {
	w := newTestServer(t)
	for _, call := range creatingCalls(w) {
		if call.operation != "acceptInvite" && call.operation != "becomeGuest" {
			continue
		}
		before := w.countRows(call.table)
		for range 2 {
			a := call.from.do("POST", call.path, call.body(1), call.key(1)).is(http.StatusCreated, "")
			if in := w.sessionOf(a); call.operation == "acceptInvite" {
				in.get("/api/v1/me").is(http.StatusOK, "")
			} else {
				at := strings.TrimSuffix(strings.TrimPrefix(call.path, "/api/v1/links/"), "/guest")
				clip := decodeJSON[struct {
					ClipID string `json:"clip_id"`
				}](a).ClipID
				in.do("POST", "/api/v1/clips/"+clip+"/comments?share="+at, map[string]any{"body": "Hi"}).is(http.StatusCreated, "")
			}
		}
		if made := w.countRows(call.table) - before; made != 1 {
			t.Errorf("%s: %d rows", call.operation, made)
		}

		wrong := call.body(1)
		wrong["password"] = "a wrong password"
		if call.operation == "becomeGuest" {
			wrong = call.body(2)
		}
		a := call.from.do("POST", call.path, wrong, call.key(1)).is(http.StatusUnprocessableEntity, "conflict")
		if len(a.Cookies()) > 0 {
			t.Errorf("%s: %v", call.operation, a.Cookies())
		}
		call.from.do("POST", call.path, call.body(3), "Idempotency-Key: short").is(http.StatusBadRequest, "invalid")
	}
}

// TestRepeatedSetup: the first owner is made once, whether the answer was lost or
// two requests come at once, and each of them is signed in.
func TestRepeatedSetup(t *testing.T) {
	w := newServerBeforeSetup(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		d.Stores.Idempotency = forgetfulStore{d.Stores.Idempotency}
	})
	setup := map[string]any{"workspace_name": "Ocean", "name": "Ana", "email": "ana@example.org", "password": password}
	key := "Idempotency-Key: the-first-request-of-all"
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			a := w.anonymousClient().do("POST", "/api/v1/setup", setup, key)
			if a.StatusCode != http.StatusCreated {
				t.Errorf("%d %s", a.StatusCode, a.body)
				return
			}
			w.sessionOf(a).get("/api/v1/me").is(http.StatusOK, "")
		})
	}
	wait.Wait()

	if users, spaces := w.countRows("users"), w.countRows("workspaces"); users != 1 || spaces != 1 {
		t.Errorf("%d users, %d workspaces", users, spaces)
	}
	w.anonymousClient().do("POST", "/api/v1/setup", setup).is(http.StatusGone, "gone")
	w.anonymousClient().do("POST", "/api/v1/setup", setup, key+"-another").is(http.StatusGone, "gone")
	setup["password"] = "a wrong password"
	w.anonymousClient().do("POST", "/api/v1/setup", setup, key).is(http.StatusUnprocessableEntity, "conflict")
}
