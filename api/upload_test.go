package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// uploadParts receives an event for each stored part of the clip.
func (u *tusClient) uploadParts() <-chan tidings.Event {
	u.w.Helper()
	events, _ := u.w.store.Subscribe(u.w.Context(), 0)
	out := make(chan tidings.Event, 100)
	go func() {
		for e := range events {
			if e.Type == tidings.EventUploadPart && e.ClipID == u.clip {
				out <- e
			}
		}
	}()

	return out
}

func (u *tusClient) awaitPart(parts <-chan tidings.Event) {
	u.w.Helper()
	select {
	case <-parts:
	case <-time.After(patience):
		u.w.Fatal("no part came")
	}
}

// startPatch opens a connection and sends the header of a PATCH of size bytes
// at offset 0.
func (u *tusClient) startPatch(size int) net.Conn {
	u.w.Helper()
	conn, err := net.Dial("tcp", u.w.server.Listener.Addr().String())
	u.w.ok(err)
	_, err = fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\n%s\r\n%s\r\nUpload-Offset: 0\r\nContent-Length: %d\r\n\r\n",
		u.location, strings.Join(u.header, "\r\n"), octetStream, size)
	u.w.ok(err)
	return conn
}

// TestNewerRequestTakesOver: a recorder that lost its connection asks for the
// offset and continues while its old request still hangs.
func TestNewerRequestTakesOver(t *testing.T) {
	w := newTestServer(t)
	u := newTus(w.ana)
	u.createUpload(-1)
	parts := u.uploadParts()
	body, feed := io.Pipe()
	old := make(chan *response, 1)
	go func() { old <- u.patchUpload(0, body) }()

	if _, err := feed.Write(webmBytes(40_000)); err != nil {
		t.Fatal(err)
	}

	u.awaitPart(parts)
	at, err := strconv.Atoi(u.headUpload().is(http.StatusOK, "").Header.Get("Upload-Offset"))
	if err != nil || at == 0 || at > 40_000 {
		t.Fatalf("offset %d %v", at, err)
	}

	rest := 50_000 - at
	u.patchUpload(at, bytes.Repeat([]byte{7}, rest), "Upload-Length: 50000").is(http.StatusNoContent, "").has("Upload-Offset: 50000")
	feed.CloseWithError(io.ErrUnexpectedEOF)

	select {
	case a := <-old:
		if a.StatusCode != http.StatusConflict && a.StatusCode != http.StatusGone {
			t.Errorf("the old writer got %d %s", a.StatusCode, a.body)
		}
	case <-time.After(patience):
		t.Fatal("the old writer hangs")
	}

	got := w.ana.get("/api/v1/clips/"+string(u.clip)+"/media/original").is(http.StatusOK, "").body
	if want := append(webmBytes(40_000)[:at], bytes.Repeat([]byte{7}, rest)...); !bytes.Equal(got, want) {
		t.Errorf("%d bytes, not the 50,000 of the two writers", len(got))
	}
}

// TestLostConnectionKeepsParts: when the connection breaks within a body,
// stored parts stay, and the client continues after them.
func TestLostConnectionKeepsParts(t *testing.T) {
	w := newTestServer(t)
	u := newTus(w.ana)
	u.createUpload(100_000)
	parts := u.uploadParts()
	conn := u.startPatch(100_000)
	defer conn.Close()

	if _, err := conn.Write(webmBytes(60_000)); err != nil {
		t.Fatal(err)
	}

	u.awaitPart(parts)
	conn.Close()
	at, err := strconv.Atoi(u.headUpload().is(http.StatusOK, "").Header.Get("Upload-Offset"))
	if err != nil || at == 0 || at > 60_000 {
		t.Fatalf("offset %d %v", at, err)
	}

	rest := bytes.Repeat([]byte{7}, 100_000-at)
	u.patchUpload(at, rest).is(http.StatusNoContent, "").has("Upload-Offset: 100000")
	got := w.ana.get("/api/v1/clips/"+string(u.clip)+"/media/original").is(http.StatusOK, "").body
	if !bytes.Equal(got, append(webmBytes(60_000)[:at], rest...)) {
		t.Errorf("%d bytes, not what was sent", len(got))
	}
}

// TestBodyIdleTimeout: a body that stalls ends after BodyIdle and its bytes are
// kept. The connection is closed without a response, because clients resume
// after a lost connection and give up after a 4xx.
func TestBodyIdleTimeout(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.BodyIdle = 2 * time.Second })
	u := newTus(w.ana)
	u.createUpload(-1)
	conn := u.startPatch(100_000)
	defer conn.Close()

	if _, err := conn.Write(webmBytes(40_000)); err != nil {
		t.Fatal(err)
	}

	w.ok(conn.SetReadDeadline(time.Now().Add(patience)))
	if answer, err := io.ReadAll(conn); len(answer) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%q %v\n%s", answer, err, w.log)
	}

	u.expectOffset(40_000)
}

func TestQuota(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, _ *api.Deps, s *source.Config) { s.Quota = 1000 })
	w.ana.recordClip(600)
	newTus(w.ana).postUpload(nil, "Upload-Length: 500").is(http.StatusRequestEntityTooLarge, "quota")
	u := newTus(w.ana)
	u.createUpload(-1).patchUpload(0, webmBytes(500)).is(http.StatusRequestEntityTooLarge, "quota")
	if row, err := w.store.UploadByClip(t.Context(), u.clip); err != nil || row.Offset > 400 {
		t.Errorf("%+v %v", row, err)
	}
}

// TestRoomOfWorkspace: recorders say in time that the workspace will be full.
func TestRoomOfWorkspace(t *testing.T) {
	room := func(w *testServer) *int64 {
		t.Helper()
		return decodeJSON[struct {
			Room *int64 `json:"room_bytes"`
		}](w.ana.get("/api/v1/workspaces/"+string(w.ws)).is(http.StatusOK, "")).Room
	}

	w := newTestServer(t, func(c *api.Config, _ *api.Deps, s *source.Config) { c.Quota, s.Quota = 1000, 1000 })
	w.ana.recordClip(600)
	if got := room(w); got == nil || *got != 400 {
		t.Errorf("room for %v", got)
	}

	if got := room(newTestServer(t)); got != nil {
		t.Errorf("room for %d without a quota", *got)
	}
}

// TestUploadQueuesSteps: the first stored byte queues the clip's steps, and the
// last one ends the upload.
func TestUploadQueuesSteps(t *testing.T) {
	w := newTestServer(t)
	u := newTus(w.ana)
	clip := func() clipJSON {
		return decodeJSON[clipJSON](w.ana.get("/api/v1/clips/"+string(u.clip)).is(http.StatusOK, ""))
	}
	if c := clip(); c.State != "recording" || c.UploadURL == nil || *c.UploadURL != uploadsPath {
		t.Errorf("%+v", c)
	}

	u.createUpload(8).patchUpload(0, webmBytes(4))
	var queued int
	w.ok(w.store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'step' AND CAST(args AS TEXT) LIKE $1`, "%"+string(u.clip)+"%").Scan(&queued))
	if queued != 2 {
		t.Errorf("%d steps are queued", queued)
	}

	u.patchUpload(4, "done").is(http.StatusNoContent, "")

	if c := clip(); c.State != "processing" || c.Steps["upload"].State != "done" || c.UploadURL != nil || c.Media["original"] == nil {
		t.Errorf("%+v", c)
	}
}
