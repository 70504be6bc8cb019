package api_test

import (
	"net/http"
	"testing"
	"time"

	"tidings.example/tidings/api/spec"
)

// TestExpiryByLength: what ends says a length as well as a time, so that the
// caller needs no clock and a repeated request stays the same.
func TestExpiryByLength(t *testing.T) {
	w := newTestServer(t)
	links := "/api/v1/clips/" + string(w.ana.createClip().ID) + "/links"
	hour := map[string]any{"name": "made", "scope": "read", "expires_in_ms": 3_600_000}
	justHour := map[string]any{"expires_in_ms": 3_600_000}
	link := decodeJSON[spec.NewLink](w.ana.do("POST", links, map[string]any{}).is(http.StatusCreated, "")).ID

	for _, call := range []struct {
		method, path string
		body         map[string]any
	}{
		{"POST", "/api/v1/tokens", hour},
		{"POST", "/api/v1/workspaces/" + string(w.ws) + "/invites", justHour},
		{"POST", links, justHour},
		{"PATCH", "/api/v1/links/" + string(link), justHour},
	} {
		before := w.clock.Now().Add(time.Hour).Truncate(time.Millisecond)
		made := w.ana.do(call.method, call.path, call.body)
		made.is(map[string]int{"POST": http.StatusCreated, "PATCH": http.StatusOK}[call.method], "")
		ends := decodeJSON[struct {
			ExpiresAt time.Time `json:"expires_at"`
		}](made).ExpiresAt
		if ends.Before(before) || ends.After(w.clock.Now().Add(time.Hour)) {
			t.Errorf("%s %s ends at %s", call.method, call.path, ends)
		}

		for _, wrong := range []any{0, -5, 1.5, "1h", int64(1) << 60} {
			call.body["expires_in_ms"] = wrong
			w.ana.do(call.method, call.path, call.body).is(http.StatusBadRequest, "invalid")
		}
		call.body["expires_in_ms"], call.body["expires_at"] = 3_600_000, ends.Format(time.RFC3339)
		w.ana.do(call.method, call.path, call.body).is(http.StatusBadRequest, "invalid")
		call.body["expires_in_ms"] = 3_600_000
		delete(call.body, "expires_at")
	}

	w.ana.do("POST", "/api/v1/workspaces/"+string(w.ws)+"/invites", map[string]any{"expires_in_ms": 91 * 24 * 3_600_000}).is(http.StatusBadRequest, "invalid")
	w.ana.do("POST", "/api/v1/workspaces/"+string(w.ws)+"/invites", map[string]any{"expires_in_ms": 90 * 24 * 3_600_000}).is(http.StatusCreated, "")
}
