package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// cutMoment is when the connection of a request is closed.
type cutMoment string

const (
	cutInBody   cutMoment = "half of the body is sent"
	cutSent     cutMoment = "the request is sent"
	cutNoticed  cutMoment = "the key is looked up, and the server has noticed"
	cutLookedUp cutMoment = "the key is looked up"
	cutMade     cutMoment = "the change is made"
	cutKept     cutMoment = "the answer is kept"
)

var cutMoments = []cutMoment{cutInBody, cutSent, cutNoticed, cutLookedUp, cutMade, cutKept}

// pendingCut is a request that stops at a moment until its connection is closed.
type pendingCut struct {
	moment  cutMoment
	reached chan struct{}
	closed  chan struct{}
}

// cuttingStore stops the requests of a server at their moments, one at a time.
type cuttingStore struct {
	api.IdempotencyStore
	pending atomic.Pointer[pendingCut]
}

func (s *cuttingStore) stopAt(moment cutMoment) (stopped bool) {
	cut := s.pending.Load()
	if cut == nil || cut.moment != moment || !s.pending.CompareAndSwap(cut, nil) {
		return false
	}
	close(cut.reached)
	<-cut.closed
	return true
}

func (s *cuttingStore) IdempotentResult(ctx context.Context, user tidings.ID, key, hash string) (int, []byte, bool, error) {
	s.stopAt(cutLookedUp)
	if s.stopAt(cutNoticed) {
		<-ctx.Done()
	}
	return s.IdempotencyStore.IdempotentResult(ctx, user, key, hash)
}

func (s *cuttingStore) SaveIdempotent(ctx context.Context, user tidings.ID, key, hash string, status int, body []byte) error {
	s.stopAt(cutMade)
	err := s.IdempotencyStore.SaveIdempotent(ctx, user, key, hash, status, body)
	s.stopAt(cutKept)
	return err
}

// cutServer is a server whose connections are cut.
type cutServer struct {
	*testServer
	rows *cuttingStore
}

func newCutServer(t testing.TB, start func(testing.TB, ...serverOption) *testServer) cutServer {
	rows := &cuttingStore{}
	return cutServer{rows: rows, testServer: start(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		rows.IdempotencyStore, d.Stores.Idempotency = d.Stores.Idempotency, rows
	})}
}

// cutRequest sends a call and closes the connection at the moment, or when an
// answer comes before it: answers with a cookie are not kept.
func (w cutServer) cutRequest(call creatingCall, n int, key string, moment cutMoment) {
	w.Helper()
	body, err := json.Marshal(call.body(n))
	w.ok(err)
	at, err := url.Parse(w.server.URL)
	w.ok(err)
	conn, err := net.Dial("tcp", at.Host)
	w.ok(err)

	cut := &pendingCut{moment: moment, reached: make(chan struct{}), closed: make(chan struct{})}
	w.rows.pending.Store(cut)
	sent := body
	if moment == cutInBody {
		sent = body[:len(body)/2]
	}
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\n%s\r\nContent-Type: application/json\r\n%s\r\nContent-Length: %d\r\n\r\n%s",
		call.path, strings.Join(call.from.header, "\r\n"), key, len(body), sent)
	w.ok(err)

	if moment != cutInBody && moment != cutSent {
		waitForCut(conn, cut)
	}
	w.ok(conn.Close())
	close(cut.closed)
	w.rows.pending.Store(nil)
}

// waitForCut waits until the request has reached its moment or is answered.
func waitForCut(conn net.Conn, cut *pendingCut) {
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = conn.Read(make([]byte, 1)) // an error: it is cut
	}()

	select {
	case <-cut.reached:
	case <-answered:
	}
}

// cutsPerServer keeps below the limits of what a person may have.
const cutsPerServer = 160

// TestCutConnections cuts the connection of each creating call at each moment,
// then repeats it with the same key: nothing is doubled and nothing lost.
// TIDINGS_TEST_CUTS is how often (for example 1000).
func TestCutConnections(t *testing.T) {
	cuts := 80
	if text := os.Getenv("TIDINGS_TEST_CUTS"); text != "" {
		var err error
		if cuts, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}

	for _, moment := range cutMoments {
		testCutSetup(t, moment)
	}
	for from := 0; from < cuts; from += cutsPerServer {
		newCutServer(t, newTestServer).testCuts(from, min(from+cutsPerServer, cuts))
	}
}

// testCutSetup cuts the request that makes the first owner.
func testCutSetup(t *testing.T, moment cutMoment) {
	setup := map[string]any{"workspace_name": "Ocean", "name": "Ana", "email": "ana@example.org", "password": password}
	w := newCutServer(t, newServerBeforeSetup)
	visitor := w.anonymousClient().withHeaders("Host: " + w.server.Listener.Addr().String())
	call := creatingCall{"setup", visitor, "/api/v1/setup", func(int) map[string]any { return setup }, "users"}
	w.cutRequest(call, 0, call.key(0), moment)
	visitor.do("POST", call.path, setup, call.key(0)).is(http.StatusCreated, "")
	if made := w.countRows("users"); made != 1 {
		t.Errorf("%s: %d owners", moment, made)
	}
}

// testCuts cuts the n-th requests, from <= n < to: each call meets each moment.
func (w cutServer) testCuts(from, to int) {
	calls := creatingCalls(w.testServer)
	for n := from; n < to; n++ {
		call, moment := calls[n%len(calls)], cutMoments[n/len(calls)%len(cutMoments)]
		before := w.countRows(call.table)
		w.cutRequest(call, n, call.key(n), moment)
		call.from.do("POST", call.path, call.body(n), call.key(n)).is(http.StatusCreated, "")
		if made := w.countRows(call.table) - before; made != 1 {
			w.Errorf("%s, %s: %d rows", call.operation, moment, made)
		}
	}
}
