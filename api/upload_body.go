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

// patientBody is a request's body that may take hours but not fall silent for
// longer than idle, and whose reading a newer request can interrupt.
type patientBody struct {
	r    io.Reader
	rc   *http.ResponseController
	idle time.Duration
	n    atomic.Int64 // bytes read; a read may still end after the request did

	mu      sync.Mutex
	stopped bool
}

func newPatientBody(c echo.Context, idle time.Duration) *patientBody {
	return &patientBody{r: c.Request().Body, rc: http.NewResponseController(c.Response()), idle: idle}
}

// Read gives the client idle time to send something.
func (b *patientBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	if !b.stopped {
		// Only recorders of tests have no deadlines; real connections always do.
		_ = b.rc.SetReadDeadline(time.Now().Add(b.idle))
	}
	b.mu.Unlock()
	n, err := b.r.Read(p)
	b.n.Add(int64(n))
	return n, err
}

// SetReadDeadline ends a blocked read, and all later ones.
func (b *patientBody) SetReadDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	return b.rc.SetReadDeadline(t)
}

// end gives a connection that goes on the server's own patience back.
func (b *patientBody) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.stopped {
		_ = b.rc.SetReadDeadline(time.Time{})
	}
	b.stopped = true
}
