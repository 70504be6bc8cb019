package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

func (w *testServer) countRows(table string) (n int) {
	w.Helper()
	w.ok(w.store.DB().QueryRowContext(w.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

// forgetfulStore loses answers, like a process that ends right after the change.
type forgetfulStore struct{ api.IdempotencyStore }

func (forgetfulStore) SaveIdempotent(context.Context, tidings.ID, string, string, int, []byte) error {
	return errors.New("the process ended")
}

// TestAnswerIsBuiltFromTheChange: a request whose answer was not stored is
// answered for what it has made, and makes nothing again.
func TestAnswerIsBuiltFromTheChange(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		d.Stores.Idempotency = forgetfulStore{d.Stores.Idempotency}
	})
	for _, call := range creatingCalls(w) {
		before := w.countRows(call.table)
		first := call.from.do("POST", call.path, call.body(1), call.key(1)).is(http.StatusCreated, "")
		again := call.from.do("POST", call.path, call.body(1), call.key(1)).is(http.StatusCreated, "")
		if strings.TrimSpace(string(first.body)) != strings.TrimSpace(string(again.body)) {
			t.Errorf("%s: first %s\nagain %s", call.operation, first.body, again.body)
		}
		if made := w.countRows(call.table) - before; made != 1 {
			t.Errorf("%s: %d rows", call.operation, made)
		}

		call.from.do("POST", call.path, map[string]any{"name": "other", "body": "other"}, call.key(1))
		if made := w.countRows(call.table) - before; made != 1 {
			t.Errorf("%s: %d rows after another body", call.operation, made)
		}
	}
}

// TestOtherBodyWithTheSameKey is 422 for another body and for another path.
func TestOtherBodyWithTheSameKey(t *testing.T) {
	w := newTestServer(t)
	for _, call := range creatingCalls(w) {
		if call.operation == "createLink" || call.operation == "createInvite" {
			continue // below: any body is much like another
		}
		call.from.do("POST", call.path, call.body(1), call.key(1)).is(http.StatusCreated, "")
		call.from.do("POST", call.path, call.body(2), call.key(1)).is(http.StatusUnprocessableEntity, "conflict")
	}

	path := "/api/v1/clips/" + string(w.ana.createClip().ID) + "/links"
	w.ana.do("POST", path, map[string]any{}, "Idempotency-Key: l").is(http.StatusCreated, "")
	w.ana.do("POST", path, map[string]any{"allow_comments": true}, "Idempotency-Key: l").is(http.StatusUnprocessableEntity, "conflict")
	w.ana.do("POST", "/api/v1/clips/"+string(w.ana.createClip().ID)+"/links", map[string]any{}, "Idempotency-Key: l").is(http.StatusUnprocessableEntity, "conflict")
}

// blindStore never finds a key, as when another process has just taken it.
type blindStore struct{ api.IdempotencyStore }

func (blindStore) IdempotentResult(context.Context, tidings.ID, string, string) (int, []byte, bool, error) {
	return 0, nil, false, nil
}

// TestTakenKeyIsRefusedByTheTransaction: a request that finds its key taken only
// in the transaction of its change makes nothing, and is told to come back.
func TestTakenKeyIsRefusedByTheTransaction(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		d.Stores.Idempotency = blindStore{d.Stores.Idempotency}
	})
	for _, call := range creatingCalls(w) {
		call.from.do("POST", call.path, call.body(1), call.key(1)).is(http.StatusCreated, "")
		before := w.countRows(call.table)
		call.from.do("POST", call.path, call.body(2), call.key(1)).is(http.StatusConflict, "conflict").has("Retry-After: 1")
		if w.countRows(call.table) != before {
			t.Errorf("%s made a second one", call.operation)
		}
	}
}
