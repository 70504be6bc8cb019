package api

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/tidings"
)

// requestChecksum reads Upload-Checksum; nil when it is absent.
func requestChecksum(h http.Header) (*tidings.Checksum, error) {
	value := h.Get("Upload-Checksum")
	if value == "" {
		return nil, nil
	}
	return tidings.ParseChecksum(value)
}

// uploadBody is a request's body that may take hours but not fall silent for
// longer than idle, and whose reading a newer request can interrupt.
//
// It may be read and interrupted from goroutines that end after the request.
// So it holds the writer of net/http, which belongs to this request alone, and
// not echo's response, which echo hands to another request; and close makes it
// leave the connection alone.
type uploadBody struct {
	r    io.Reader
	rc   *http.ResponseController
	idle time.Duration
	n    atomic.Int64 // bytes read; a read may still end after the request did

	mu          sync.Mutex
	interrupted bool // reads fail from now on
	closed      bool // the request has ended: its connection is another's
}

func newUploadBody(c echo.Context, idle time.Duration) *uploadBody {
	return &uploadBody{r: c.Request().Body, rc: http.NewResponseController(c.Response().Writer), idle: idle}
}

// Read gives the client idle time to send something.
func (b *uploadBody) Read(p []byte) (int, error) {
	b.extendDeadline()

	n, err := b.r.Read(p)
	b.n.Add(int64(n))
	return n, err
}

func (b *uploadBody) extendDeadline() {
	b.mu.Lock()
	defer b.mu.Unlock()

	if !b.interrupted && !b.closed {
		// An httptest.ResponseRecorder has no deadlines; connections always do.
		_ = b.rc.SetReadDeadline(time.Now().Add(b.idle))
	}
}

// SetReadDeadline ends a blocked read, and all later ones. After close it does
// nothing.
func (b *uploadBody) SetReadDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.closed {
		return nil
	}

	b.interrupted = true
	return b.rc.SetReadDeadline(t)
}

// close ends the use of the connection by this body, and takes the deadline
// back unless it was interrupted.
func (b *uploadBody) close() {
	b.mu.Lock()
	defer b.mu.Unlock()

	if !b.interrupted && !b.closed {
		_ = b.rc.SetReadDeadline(time.Time{})
	}

	b.closed = true
}
