package api_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/api/budget"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// uploadOriginal makes a clip with an original of size bytes.
func (c *client) uploadOriginal(size int) tidings.ID {
	c.w.Helper()
	clip := c.createClip()
	u := &tusClient{client: c.withHeaders("Tus-Resumable: 1.0.0"), clip: clip.ID}
	u.createUpload(size).patchUpload(0, webmBytes(size)).is(http.StatusNoContent, "")
	return clip.ID
}

// openRead asks for a file on a connection with a small receive buffer, so that
// what is not read soon stays with the server.
func (w *testServer) openRead(path string) (net.Conn, *http.Response) {
	w.Helper()
	conn := w.dial("")
	w.ok(conn.(*net.TCPConn).SetReadBuffer(128 << 10))
	_, err := conn.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	w.ok(err)
	w.ok(conn.SetReadDeadline(time.Now().Add(patience)))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	w.ok(err)
	return conn, res
}

// TestStalledReadsLeaveMediaToMembers: visitors who read nothing of what they
// asked for cannot hold all reads that the storage serves.
func TestStalledReadsLeaveMediaToMembers(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) {
		c.MediaReads = budget.Limits{Total: 6, Reserve: 2, PerAddress: 3, PerLink: 3, PerPerson: 6}
	})
	clip := w.ana.uploadOriginal(4 << 20)
	link := w.ana.createLink(clip, "allow_download", true)
	path := mediaPath(clip, "original?share="+link.Token)
	var held []net.Conn
	for range 3 {
		conn, res := w.openRead(path)
		if res.StatusCode != http.StatusOK {
			t.Fatal(res.Status)
		}
		held = append(held, conn)
	}

	w.anonymousClient().get(path).is(503, "unavailable").has("Retry-After: 5")
	w.ana.get(mediaPath(clip, "original")).is(200, "")
	for _, conn := range held {
		conn.Close()
	}
	w.waitForStatus("GET", path, http.StatusOK) // a closed connection no longer counts
}

// TestStalledReaderIsDropped: a client that takes nothing is disconnected after
// ReadIdle, and no longer counts.
func TestStalledReaderIsDropped(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) {
		c.ReadIdle = 200 * time.Millisecond
		c.MediaReads = budget.Limits{Total: 1, PerAddress: 1, PerLink: 1, PerPerson: 1}
	})
	const size = 4 << 20
	clip := w.ana.uploadOriginal(size)
	path := mediaPath(clip, "original?share="+w.ana.createLink(clip, "allow_download", true).Token)
	_, stalled := w.openRead(path)
	w.waitForStatus("GET", path, http.StatusOK)
	if n, err := io.Copy(io.Discard, stalled.Body); err == nil {
		t.Errorf("all %d bytes waited for a client that took none", n)
	}
}
