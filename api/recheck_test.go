package api_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// faultyAccess is the rows of the access check of a database that is busy.
type faultyAccess struct {
	auth.AccessStore
	fault atomic.Pointer[func(context.Context) error] // instead of an answer; nil = none
	asked chan struct{}                               // one for each check that met the fault, as far as there is room
}

func (f *faultyAccess) ClipAccess(ctx context.Context, clip, user tidings.ID) (tidings.ClipAccess, error) {
	if fault := f.fault.Load(); fault != nil {
		select {
		case f.asked <- struct{}{}:
		default:
		}
		if err := (*fault)(ctx); err != nil {
			return tidings.ClipAccess{}, err
		}
	}
	return f.AccessStore.ClipAccess(ctx, clip, user)
}

func (f *faultyAccess) setFault(fault func(context.Context) error) { f.fault.Store(&fault) }

func failBusy(context.Context) error { return errors.New("database is locked (5) (SQLITE_BUSY)") }

func hangUntilCancelled(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

const recheckedSize = 32 << 20

// newRecheckServer is a server with a download that has begun, by a link.
func newRecheckServer(t *testing.T) (w *testServer, rows *faultyAccess, link linkJSON, body io.Reader) {
	rows = &faultyAccess{asked: make(chan struct{}, 1)}
	w = newTestServer(t, func(c *api.Config, d *api.Deps, _ *source.Config) {
		c.RecheckEvery, rows.AccessStore = time.Millisecond, d.Stores.Access
		d.Stores.Access = rows
	})
	clip := w.ana.uploadOriginal(recheckedSize)
	link = w.ana.createLink(clip, "allow_download", true)
	_, res := w.openRead(mediaPath(clip, "original?share="+link.Token))
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	return w, rows, link, res.Body
}

// readUntil reads pieces until the event; the server goes on as it is read.
func (w *testServer) readUntil(body io.Reader, event <-chan struct{}) (n int64) {
	w.Helper()
	for {
		select {
		case <-event:
			return n
		default:
		}
		read, err := io.CopyN(io.Discard, body, 64<<10)
		if n += read; err != nil {
			w.Fatalf("after %d bytes: %v", n, err)
		}
	}
}

// TestUnansweredRecheckBreaksNothing: an access check that fails or hangs while
// a file is read is no refusal: the file comes whole.
func TestUnansweredRecheckBreaksNothing(t *testing.T) {
	for name, fault := range map[string]func(context.Context) error{"busy": failBusy, "hanging": hangUntilCancelled} {
		t.Run(name, func(t *testing.T) {
			w, rows, _, body := newRecheckServer(t)
			rows.setFault(fault)
			n := w.readUntil(body, rows.asked)
			rest, err := io.Copy(io.Discard, body)
			if n += rest; err != nil || n != recheckedSize {
				t.Errorf("%d of %d bytes: %v", n, recheckedSize, err)
			}
		})
	}
}

// TestRefusalAfterUnansweredRechecks: once the check has an answer again, a
// revoked link ends the download.
func TestRefusalAfterUnansweredRechecks(t *testing.T) {
	w, rows, link, body := newRecheckServer(t)
	rows.setFault(failBusy)
	n := w.readUntil(body, rows.asked)
	rows.setFault(func(context.Context) error { return nil })
	w.ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil).is(http.StatusNoContent, "")
	rest, err := io.Copy(io.Discard, body)
	if n += rest; err == nil || n == recheckedSize {
		t.Errorf("%d of %d bytes: %v", n, recheckedSize, err)
	}
}

// TestUnconfirmedAccessEnds: no answer goes on for ever without a result of its
// access check.
func TestUnconfirmedAccessEnds(t *testing.T) {
	w, rows, _, body := newRecheckServer(t)
	rows.setFault(failBusy)
	n := w.readUntil(body, rows.asked)
	n += w.readUntil(body, rows.asked)
	w.clock.Advance(3 * time.Minute)
	rest, err := io.Copy(io.Discard, body)
	if n += rest; err == nil || n == recheckedSize {
		t.Errorf("%d of %d bytes: %v", n, recheckedSize, err)
	}
}

// TestUnansweredRecheckEndsNoStream: live events go on over a check that fails.
func TestUnansweredRecheckEndsNoStream(t *testing.T) {
	rows := &faultyAccess{asked: make(chan struct{}, 1)}
	w := newTestServer(t, func(c *api.Config, d *api.Deps, _ *source.Config) {
		c.RecheckEvery, rows.AccessStore = 5*time.Millisecond, d.Stores.Access
		d.Stores.Access = rows
	})
	clip := w.ana.createClip()
	res := w.ana.sendRequest("GET", "/api/v1/events?clip="+string(clip.ID), nil)
	defer res.Body.Close()

	renamed := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "Goes on") {
				renamed <- true
				return
			}
		}
		renamed <- false
	}()

	rows.setFault(failBusy)
	for range 3 {
		select {
		case <-rows.asked:
		case <-renamed:
			t.Fatal("the stream has ended")
		}
	}

	rows.setFault(func(context.Context) error { return nil })
	w.ana.do("PATCH", "/api/v1/clips/"+string(clip.ID), map[string]any{"title": "Goes on"}).is(http.StatusOK, "")
	if !<-renamed {
		t.Error("the stream has ended")
	}
}
