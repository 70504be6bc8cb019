package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/client"
	"tidings.example/tidings/media"
)

// TestBehindProxies runs what browsers and commands do through real proxies, in
// the configurations that docs/operations.md has and in nginx's own.
func TestBehindProxies(t *testing.T) {
	addr := freeAddr(t)
	s := startServer(t, t.TempDir(), "--listen", addr, "--roles", "api,transcode", "--public-url", "https://"+proxyHost, "--trusted-proxies", "127.0.0.1")
	s.base = "http://" + addr
	s.signIn()
	for i, kind := range proxyKinds {
		t.Run(kind.name, func(t *testing.T) {
			p := startProxy(t, kind, s.base)
			c := &proxyClient{t: t, http: p.httpClient(fmt.Sprintf("127.0.1.%d", i+1)), token: s.token, ws: s.ws}
			checkSignIn(t, p, c.http)
			checkRedirects(t, &proxyClient{t: t, http: c.http})
			checkRecording(t, p, s, c)
			checkUploadMetadata(t, kind, c)
			checkPush(t, p, s, c)
			checkNotLocal(t, p)
			if !kind.bare { // which has one address for everybody
				checkClientAddress(t, p, i+1)
			}
		})
	}
}

// TestBehindProxiesWithoutPublicURL: the documented proxies pass on the name
// and the scheme that clients use, so links, cookies and origins are right
// without a public URL, too.
func TestBehindProxiesWithoutPublicURL(t *testing.T) {
	s := startServer(t, t.TempDir(), "--roles", "api", "--trusted-proxies", "127.0.0.1").signIn()
	for _, kind := range proxyKinds {
		if kind.bare {
			continue
		}

		t.Run(kind.name, func(t *testing.T) {
			p := startProxy(t, kind, s.base)
			c := &proxyClient{t: t, http: p.httpClient("127.0.1.9"), token: s.token, ws: s.ws}
			checkSignIn(t, p, c.http)
			checkRedirects(t, &proxyClient{t: t, http: c.http})
			c.createRecording()
		})
	}
}

// checkSignIn: a browser signs in on a page behind the proxy and gets cookies
// for https alone; a page of another origin is refused, with both names.
func checkSignIn(t *testing.T, p *proxyProcess, browser *http.Client) {
	t.Helper()
	c := &proxyClient{t: t, http: browser}
	header := map[string]string{"Content-Type": "application/json", "Origin": "https://" + proxyHost}
	credentials := fmt.Sprintf(`{"email":%q,"password":%q}`, ownerEmail, ownerPassword)
	res, text := c.call(http.MethodPost, "/api/v1/session", header, credentials)
	if res.StatusCode != http.StatusOK || len(res.Cookies()) == 0 {
		t.Fatalf("sign-in: %s %s", res.Status, text)
	}

	session := ""
	for _, cookie := range res.Cookies() {
		if !cookie.Secure || !strings.HasPrefix(cookie.Name, "__Host-") {
			t.Errorf("cookie %s", cookie)
		}
		session += "; " + cookie.Name + "=" + cookie.Value
	}

	if res, text = c.call(http.MethodGet, "/api/v1/me", map[string]string{"Cookie": session[2:]}, ""); res.StatusCode != http.StatusOK {
		t.Errorf("signed in: %s %s", res.Status, text)
	}

	header["Origin"] = "https://evil.example"
	res, text = c.call(http.MethodPost, "/api/v1/session", header, credentials)
	if res.StatusCode != http.StatusForbidden || !strings.Contains(text, "https://evil.example") || !p.bare && !strings.Contains(text, `\"`+proxyHost+`\"`) {
		t.Errorf("another origin: %s %s", res.Status, text)
	}
}

// checkRedirects: a redirect stays at the origin of the proxy.
func checkRedirects(t *testing.T, c *proxyClient) {
	t.Helper()
	for path, want := range map[string]string{"/library/": "/library", "/s/none/?t=5": "/s/none?t=5"} {
		res, _ := c.call(http.MethodGet, path, nil, "")
		at, err := res.Location()
		if err != nil || at.String() != "https://"+proxyHost+want {
			t.Errorf("%s: %s leads to %v %v", path, res.Status, at, err)
		}
	}
}

// checkRecording: while the body of a PATCH is on its way, what has come of it
// is stored and other clients hear of it. The client vanishes and goes on from
// there, and the original is read in ranges.
func checkRecording(t *testing.T, p *proxyProcess, s *testServer, c *proxyClient) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	whole := readRecording(t, "voice.webm")
	events, err := c.send(ctx, http.MethodGet, "/api/v1/events?workspace="+s.ws, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()

	lines := bufio.NewScanner(events.Body)
	lines.Buffer(nil, 1<<20)

	clip, upload := c.createRecording()
	awaitEvent(t, lines, func(e clipEvent) bool { return e.ClipID == clip })
	offset := 0
	if !p.bare { // which keeps a request until it is complete
		body, recorder := io.Pipe()
		patched, vanish := context.WithCancel(ctx)
		vanished := make(chan struct{})
		go func() {
			defer close(vanished)

			if res, err := c.send(patched, http.MethodPatch, upload, patchHeader(0), body); err == nil {
				res.Body.Close()
			}
		}()

		offset = len(whole) / 2
		recorder.Write(whole[:offset])                                                                                        // of unknown length
		awaitEvent(t, lines, func(e clipEvent) bool { return e.ClipID == clip && e.Clip.Steps.Transcode.State == "running" }) // of what is stored
		vanish()
		<-vanished
	}

	header := patchHeader(offset)
	header["Upload-Length"] = strconv.Itoa(len(whole))
	res, text := c.call(http.MethodPatch, upload, header, string(whole[offset:]))
	if res.StatusCode != http.StatusNoContent || res.Header.Get("Upload-Offset") != strconv.Itoa(len(whole)) {
		t.Fatalf("the rest: %s %s\n%s", res.Status, text, s.log)
	}

	checkRanges(t, c, clip, whole)
}

// checkRanges reads an original whole and in parts.
func checkRanges(t *testing.T, c *proxyClient, clip string, whole []byte) {
	t.Helper()
	at := "/api/v1/clips/" + clip + "/media/original"
	for asked, want := range map[string]string{"": string(whole), "bytes=5-9": string(whole[5:10]), "bytes=-7": string(whole[len(whole)-7:])} {
		header, status := map[string]string{"Range": asked}, http.StatusPartialContent
		if asked == "" {
			header, status = nil, http.StatusOK
		}
		if res, got := c.call(http.MethodGet, at, header, ""); res.StatusCode != status || got != want {
			t.Errorf("%q: %s, %d bytes, %q", asked, res.Status, len(got), res.Header.Get("Content-Range"))
		}
	}

	if res, text := c.call(http.MethodGet, at, map[string]string{"Range": "bytes=99999999-"}, ""); res.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("%s %s", res.Status, text)
	}
}

// checkPush: a file larger than nginx takes in one request comes in whole.
func checkPush(t *testing.T, p *proxyProcess, s *testServer, c *proxyClient) {
	t.Helper()
	whole := append(readRecording(t, "voice.webm"), bytes.Repeat([]byte{0}, 3<<20)...)
	name := filepath.Join(t.TempDir(), "long.webm")
	if err := os.WriteFile(name, whole, 0o600); err != nil {
		t.Fatal(err)
	}

	var out, log bytes.Buffer
	cl := client.New(client.Config{URL: "https://" + proxyHost, Token: s.token, HTTP: c.http, Sniff: media.Sniff})
	if err := cl.Push(context.Background(), client.PushConfig{Files: []string{name}, Out: &out, Log: &log}); err != nil {
		t.Fatalf("push: %v\n%s", err, &log)
	}

	if says := strings.Contains(log.String(), "smaller parts"); says != p.bare {
		t.Errorf("push says:\n%s", &log)
	}

	clip := strings.TrimSpace(out.String()[strings.LastIndex(out.String(), "/")+1:])
	if res, got := c.call(http.MethodGet, "/api/v1/clips/"+clip+"/media/original", nil, ""); got != string(whole) {
		t.Errorf("%s, %d bytes of %d", res.Status, len(got), len(whole))
	}
}

// checkNotLocal: a stranger never is the operator on this machine, whatever a
// request names.
func checkNotLocal(t *testing.T, p *proxyProcess) {
	t.Helper()
	config := p.tlsConfig()
	config.NextProtos = []string{"http/1.1"}
	for _, head := range []string{
		"GET /metrics HTTP/1.1\r\nHost: " + proxyHost,
		"GET /metrics HTTP/1.1\r\nHost: localhost",
		"GET https://localhost/metrics HTTP/1.1\r\nHost: " + proxyHost,
		"GET https://localhost/metrics HTTP/1.1\r\nHost: localhost",
		"GET /metrics HTTP/1.1\r\nHost: " + proxyHost + "\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: localhost",
		"GET /metrics HTTP/1.1\r\nHost: " + proxyHost + "\r\nConnection: close, X-Forwarded-For, X-Forwarded-Proto, Forwarded, Via, X-Real-Ip",
		"GET /metrics HTTP/1.0\r\nHost: localhost",
		"GET /healthz HTTP/1.1\r\nHost: " + proxyHost + "\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost",
	} {
		if text := sendRawTLS(t, p.addr, config, head+"\r\nConnection: close\r\n\r\n"); strings.Contains(text, "tidings_") {
			t.Errorf("a stranger reads the metrics by %q", head)
		}
	}
}

// checkClientAddress: guesses at links count for the address they come from,
// whatever X-Forwarded-For a client invents, and for no other.
func checkClientAddress(t *testing.T, p *proxyProcess, n int) {
	t.Helper()
	guess := func(c *proxyClient, i int) int {
		res, _ := c.call(http.MethodGet, fmt.Sprintf("/s/none%d", i), map[string]string{"X-Forwarded-For": fmt.Sprintf("192.0.2.%d:70", i), "Forwarded": fmt.Sprintf(`for="[2001:db8:%d::1]"`, i)}, "")
		return res.StatusCode
	}

	guesser := &proxyClient{t: t, http: p.httpClient(fmt.Sprintf("127.0.2.%d", n))}
	status := 0
	for i := 1; i <= 40 && status != http.StatusTooManyRequests; i++ {
		status = guess(guesser, i)
	}

	if status != http.StatusTooManyRequests {
		t.Errorf("forty guesses end with %d", status)
	}

	if status := guess(&proxyClient{t: t, http: p.httpClient(fmt.Sprintf("127.0.3.%d", n))}, 1); status != http.StatusNotFound {
		t.Errorf("another address gets %d", status)
	}
}
