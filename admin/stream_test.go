package admin

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// countRequest asks the test's method to count, or to fail.
type countRequest struct {
	To   int64  `json:"to"`
	Fail string `json:"fail"`
}

// serveCount runs a control server with a plain and a streaming method.
func serveCount(t *testing.T, stop context.Context) (data string) {
	t.Helper()
	data, err := os.MkdirTemp("", "ctl") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { os.RemoveAll(data) })

	s := NewControlServer(stop)
	HandleRPC(s, "/double", func(_ context.Context, r countRequest) (int64, error) {
		if r.Fail != "" {
			return 0, tidings.Invalid("to", "%s", r.Fail)
		}
		return 2 * r.To, nil
	})
	HandleStream(s, "/count", func(ctx context.Context, r countRequest, report func(tidings.Progress)) (int64, error) {
		for n := range r.To {
			report(tidings.Progress{Phase: "counting", Done: n, Total: r.To, Unit: "numbers"})
		}

		switch r.Fail {
		case "":
			return r.To, nil
		case "wait":
			<-ctx.Done()
			return 0, ctx.Err()
		}

		return 0, errors.New(r.Fail)
	})

	if err := s.Serve(t.Context(), data); err != nil {
		t.Fatal(err)
	}

	return data
}

// TestControl: calls, their errors, and the rights of the socket.
func TestControl(t *testing.T) {
	data := serveCount(t, t.Context())
	if info, err := os.Stat(SocketPath(data)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v %v", info, err)
	}

	if !ServerRuns(data) || ServerRuns(t.TempDir()) {
		t.Error("where a server runs")
	}

	if n, err := CallRPC[int64](t.Context(), data, "/double", countRequest{To: 21}); err != nil || n != 42 {
		t.Errorf("%d %v", n, err)
	}

	if _, err := CallRPC[int64](t.Context(), data, "/double", countRequest{Fail: "Not that."}); err == nil || err.Error() != "Not that." {
		t.Errorf("%v", err)
	}

	if _, err := CallRPC[int64](t.Context(), data, "/double", countRequest{Fail: strings.Repeat("x", maxRPCRequest)}); err == nil {
		t.Error("a request that is too large")
	}

	if _, err := CallRPC[int64](t.Context(), data, "/nothing", countRequest{}); err == nil {
		t.Error("a method that does not exist")
	}
}

// TestControlStream: progress comes first, then the result or the error; the end
// of the server is an error of its own.
func TestControlStream(t *testing.T) {
	stop, cancel := context.WithCancel(t.Context())
	defer cancel()

	data := serveCount(t, stop)
	var events []tidings.Progress
	record := func(p tidings.Progress) { events = append(events, p) }
	if n, err := CallStream[int64](t.Context(), data, "/count", countRequest{To: 3}, record); err != nil || n != 3 || len(events) != 3 || events[2].Done != 2 {
		t.Errorf("%d %v %+v", n, err, events)
	}

	if _, err := CallStream[int64](t.Context(), data, "/count", countRequest{Fail: "no numbers"}, record); err == nil || err.Error() != "no numbers" {
		t.Errorf("%v", err)
	}

	gone, leave := context.WithCancel(t.Context())
	if _, err := CallStream[int64](gone, data, "/count", countRequest{To: 1, Fail: "wait"}, func(tidings.Progress) { leave() }); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that leaves: %v", err)
	}

	_, err := CallStream[int64](t.Context(), data, "/count", countRequest{To: 1, Fail: "wait"}, func(tidings.Progress) { cancel() })
	if err == nil || err.Error() != tidings.Sentence(errServerEnded) {
		t.Errorf("a server that ends: %v", err)
	}
}
