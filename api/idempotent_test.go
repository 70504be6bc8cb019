package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// creatingCall is a call that takes an Idempotency-Key.
type creatingCall struct {
	operation string // its operationId
	path      string
	body      func(n int) map[string]any // of the n-th request
	table     string                     // where its row goes
}

// creatingCalls are the calls that make something, and a clip for those on one.
func creatingCalls(w *testServer) []creatingCall {
	ws, clip := "/api/v1/workspaces/"+string(w.ws), "/api/v1/clips/"+string(w.ana.createClip().ID)
	none := func(int) map[string]any { return map[string]any{} }
	named := func(n int) map[string]any { return map[string]any{"name": fmt.Sprint("made-", n)} }
	return []creatingCall{
		{"createClip", "/api/v1/clips", func(n int) map[string]any {
			return map[string]any{"workspace_id": w.ws, "kind": "voice", "title": fmt.Sprint(n)}
		}, "clips"},
		{"createComment", clip + "/comments", func(n int) map[string]any { return map[string]any{"body": fmt.Sprint("Comment ", n)} }, "comments"},
		{"createLink", clip + "/links", none, "links"},
		{"createChannel", ws + "/channels", named, "channels"},
		{"createInvite", ws + "/invites", none, "invites"},
		{"createSavedSearch", ws + "/saved-searches", func(n int) map[string]any { return map[string]any{"query": fmt.Sprint("query ", n)} }, "saved_searches"},
		{"createWorkspace", "/api/v1/workspaces", named, "workspaces"},
		{"createToken", "/api/v1/tokens", func(n int) map[string]any { return map[string]any{"name": fmt.Sprint(n), "scope": "read"} }, "tokens"},
	}
}

func (w *testServer) countRows(table string) (n int) {
	w.Helper()
	w.ok(w.store.DB().QueryRowContext(w.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

// TestCreatingCallsTakeKeys: creatingCalls are those that openapi.yaml offers
// the header for, and every operation named create… is among them.
func TestCreatingCallsTakeKeys(t *testing.T) {
	w := newTestServer(t)
	tested := map[string]bool{}
	for _, call := range creatingCalls(w) {
		tested[call.operation] = true
	}

	for path, item := range openAPISource(t).Paths.Map() {
		for method, op := range item.Operations() {
			takesKey := op.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Idempotency-Key") != nil
			creates := strings.HasPrefix(op.OperationID, "create") && op.OperationID != "createUpload" // tus: one per clip
			if takesKey != tested[op.OperationID] || creates && !takesKey {
				t.Errorf("%s %s %s: takes a key %t, tested %t", op.OperationID, method, path, takesKey, tested[op.OperationID])
			}
		}
	}
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
		first := w.ana.do("POST", call.path, call.body(1), "Idempotency-Key: k-"+call.operation).is(http.StatusCreated, "")
		again := w.ana.do("POST", call.path, call.body(1), "Idempotency-Key: k-"+call.operation).is(http.StatusCreated, "")
		if strings.TrimSpace(string(first.body)) != strings.TrimSpace(string(again.body)) {
			t.Errorf("%s: first %s\nagain %s", call.operation, first.body, again.body)
		}
		if made := w.countRows(call.table) - before; made != 1 {
			t.Errorf("%s: %d rows", call.operation, made)
		}

		w.ana.do("POST", call.path, map[string]any{"name": "other", "body": "other"}, "Idempotency-Key: k-"+call.operation)
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
		w.ana.do("POST", call.path, call.body(1), "Idempotency-Key: "+call.operation).is(http.StatusCreated, "")
		w.ana.do("POST", call.path, call.body(2), "Idempotency-Key: "+call.operation).is(http.StatusUnprocessableEntity, "conflict")
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
		w.ana.do("POST", call.path, call.body(1), "Idempotency-Key: k-"+call.operation).is(http.StatusCreated, "")
		before := w.countRows(call.table)
		w.ana.do("POST", call.path, call.body(2), "Idempotency-Key: k-"+call.operation).is(http.StatusConflict, "conflict").has("Retry-After: 1")
		if w.countRows(call.table) != before {
			t.Errorf("%s made a second one", call.operation)
		}
	}
}

// cutRequest sends a call and closes the connection after the delay, whatever
// has come.
func cutRequest(w *testServer, call creatingCall, n int, key string, delay time.Duration) error {
	body, err := json.Marshal(call.body(n))
	if err != nil {
		return err
	}
	at, err := url.Parse(w.server.URL)
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		return err
	}

	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\n%s\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s",
		call.path, at.Host, strings.Join(w.ana.header, "\r\n"), key, len(body), body)
	time.Sleep(delay)

	return errors.Join(err, conn.Close())
}

// cutsPerServer keeps below the limits of what a person may have.
const cutsPerServer = 160

// TestCutConnections cuts the connection 0 to 10 ms after each creating call was
// sent, then repeats it with the same key: nothing is doubled and nothing lost.
// TIDINGS_TEST_CUTS is how often (for example 1000).
func TestCutConnections(t *testing.T) {
	cuts := 80
	if text := os.Getenv("TIDINGS_TEST_CUTS"); text != "" {
		var err error
		if cuts, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}

	for ; cuts > 0; cuts -= cutsPerServer {
		testCuts(newTestServer(t), min(cuts, cutsPerServer))
	}
}

func testCuts(w *testServer, cuts int) {
	calls := creatingCalls(w)
	before, want := map[string]int{}, map[string]int{}
	for _, call := range calls {
		before[call.table] = w.countRows(call.table)
	}

	var wait sync.WaitGroup
	limit := make(chan struct{}, 8)
	for n := range cuts {
		call, key := calls[n%len(calls)], fmt.Sprint("cut-", n)
		want[call.table]++
		limit <- struct{}{}
		wait.Go(func() {
			defer func() { <-limit }()
			if err := cutRequest(w, call, n, key, time.Duration(rand.IntN(10_000))*time.Microsecond); err != nil {
				w.Errorf("%s: %v", call.operation, err)
			}
			a := w.ana.do("POST", call.path, call.body(n), "Idempotency-Key: "+key)
			if a.StatusCode != http.StatusCreated {
				w.Errorf("%s repeated: %d %s", call.operation, a.StatusCode, a.body)
			}
		})
	}
	wait.Wait()

	for table, n := range want {
		if made := w.countRows(table) - before[table]; made != n {
			w.Errorf("%s: %d rows for %d keys", table, made, n)
		}
	}
}
