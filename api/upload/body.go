package upload

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// uploadBody is the body of a request that may take hours: each read extends
// the deadline of the connection by idle, and a newer request interrupts reads.
//
// Goroutines that outlive the request may read and interrupt it. It holds the
// http.ResponseWriter of net/http, which belongs to this request alone, and not
// echo's Response, which echo reuses for other requests. After close it sets no
// deadline.
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

// releaseConnection ends the use of the connection by this body, and takes the deadline
// back unless it was interrupted.
func (b *uploadBody) releaseConnection() {
	b.mu.Lock()
	defer b.mu.Unlock()

	if !b.interrupted && !b.closed {
		_ = b.rc.SetReadDeadline(time.Time{})
	}

	b.closed = true
}
