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

	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\n%s\r\nContent-Type: application/json\r\n%s\r\nContent-Length: %d\r\n\r\n%s",
		call.path, strings.Join(call.from.header, "\r\n"), key, len(body), body)
	time.Sleep(delay)

	return errors.Join(err, conn.Close())
}

// randomDelay is how long a request gets before it is cut.
func randomDelay() time.Duration { return time.Duration(rand.IntN(10_000)) * time.Microsecond }

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

	testCutSetups(t, 1+cuts/40)
	for ; cuts > 0; cuts -= cutsPerServer {
		testCuts(newTestServer(t), min(cuts, cutsPerServer))
	}
}

// testCutSetups cuts the request that makes the first owner, once on each of n
// servers.
func testCutSetups(t *testing.T, n int) {
	setup := map[string]any{"workspace_name": "Ocean", "name": "Ana", "email": "ana@example.org", "password": password}
	for range n {
		w := newServerBeforeSetup(t)
		visitor := w.anonymousClient().withHeaders("Host: " + w.server.Listener.Addr().String())
		call := creatingCall{"setup", visitor, "/api/v1/setup", func(int) map[string]any { return setup }, "users"}
		w.ok(cutRequest(w, call, 0, call.key(0), randomDelay()))
		visitor.do("POST", call.path, setup, call.key(0)).is(http.StatusCreated, "")
		if made := w.countRows("users"); made != 1 {
			t.Errorf("%d owners", made)
		}
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
		call := calls[n%len(calls)]
		key := call.key(n)
		want[call.table]++
		limit <- struct{}{}
		wait.Go(func() {
			defer func() { <-limit }()
			if err := cutRequest(w, call, n, key, randomDelay()); err != nil {
				w.Errorf("%s: %v", call.operation, err)
			}
			a := call.from.do("POST", call.path, call.body(n), key)
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
