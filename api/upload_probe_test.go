package api_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

const (
	probePath = "/api/v1/upload-probe"
	probeType = "Content-Type: application/octet-stream"
)

// TestUploadProbe: up to 256 KiB of bytes are taken from people with an account.
func TestUploadProbe(t *testing.T) {
	w := newTestServer(t)
	for _, size := range []int{1, 64 << 10, 256 << 10} {
		w.ana.do("POST", probePath, bytes.Repeat([]byte{7}, size), probeType).is(http.StatusNoContent, "")
	}
	w.ana.do("POST", probePath, bytes.Repeat([]byte{7}, 256<<10+1), probeType).is(http.StatusRequestEntityTooLarge, "too_large")
	w.ana.do("POST", probePath, io.MultiReader(strings.NewReader(strings.Repeat("x", 256<<10+1))), probeType).is(http.StatusRequestEntityTooLarge, "too_large")
	w.ana.do("POST", probePath, "bytes", "Content-Type: text/plain").is(http.StatusUnsupportedMediaType, "unsupported_media")
	w.anonymousClient().do("POST", probePath, "bytes", probeType).is(http.StatusUnauthorized, "unauthenticated")
}

// TestUploadProbesAreLimited: a person's probes are limited, whichever session
// sends them, and those of others are not affected.
func TestUploadProbesAreLimited(t *testing.T) {
	now := time.Now()
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.Clock = func() time.Time { return now } })
	taken := 0
	for range 40 {
		if w.ana.requestStatus("POST", probePath, "bytes", probeType) == http.StatusNoContent {
			taken++
		}
	}
	if taken != 12 {
		t.Errorf("%d probes at once", taken)
	}

	w.ana.do("POST", probePath, "bytes", probeType).is(http.StatusTooManyRequests, "rate_limited").has("Retry-After: 6")
	w.addPerson("ben", tidings.RoleMember).do("POST", probePath, "bytes", probeType).is(http.StatusNoContent, "")
	now = now.Add(10 * time.Second)
	w.ana.do("POST", probePath, "bytes", probeType).is(http.StatusNoContent, "")
}
