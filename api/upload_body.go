package api

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/tidings"
)

// sumSizes are the checksum algorithms and the length of their sums in bytes.
var sumSizes = map[string]int{"crc32": 4, "sha1": sha1.Size, "sha256": sha256.Size}

// checksum reads Upload-Checksum: the algorithm, a space, the sum in base64.
func checksum(header string) (*tidings.Checksum, error) {
	if header == "" {
		return nil, nil
	}

	name, text, _ := strings.Cut(header, " ")
	size, known := sumSizes[name]
	if !known {
		return nil, tidings.Invalid("Upload-Checksum", "The algorithm is one of %s.", tusChecksums)
	}

	sum, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(sum) != size {
		return nil, tidings.Invalid("Upload-Checksum", "A sum of %d bytes in base64 is needed.", size)
	}

	return &tidings.Checksum{Algorithm: name, Sum: sum}, nil
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
