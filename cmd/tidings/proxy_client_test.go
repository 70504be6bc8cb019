package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// proxyClient sends requests through a proxy as one person, from one address.
type proxyClient struct {
	t     *testing.T
	http  *http.Client
	token string
	ws    string
}

// send sends a request and returns its answer.
func (c *proxyClient) send(ctx context.Context, method, path string, header map[string]string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://"+proxyHost+path, body)
	if err != nil {
		return nil, err
	}

	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}

	for k, v := range header {
		req.Header.Set(k, v)
	}

	return c.http.Do(req)
}

// call sends a request and reads its whole answer.
func (c *proxyClient) call(method, path string, header map[string]string, body string) (*http.Response, string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	res, err := c.send(ctx, method, path, header, strings.NewReader(body))
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()

	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}

	return res, string(text)
}

// createClip creates a clip, whose share link has the proxy's address.
func (c *proxyClient) createClip() string {
	c.t.Helper()
	res, text := c.call(http.MethodPost, "/api/v1/clips", map[string]string{"Content-Type": "application/json"}, `{"kind":"voice","workspace_id":"`+c.ws+`"}`)
	var created struct {
		ID       string
		ShareURL string `json:"share_url"`
	}
	if err := json.Unmarshal([]byte(text), &created); err != nil || !strings.HasPrefix(created.ShareURL, "https://"+proxyHost+"/c/") {
		c.t.Fatalf("%s %s", res.Status, text)
	}

	return created.ID
}

// createRecording creates a clip and the live upload of its original.
func (c *proxyClient) createRecording() (clip, upload string) {
	c.t.Helper()
	clip = c.createClip()
	id := base64.StdEncoding.EncodeToString([]byte(clip))
	res, text := c.call(http.MethodPost, "/api/v1/uploads", map[string]string{"Tus-Resumable": "1.0.0", "Upload-Defer-Length": "1", "Upload-Metadata": "clip_id " + id}, "")
	at, err := res.Location()
	if err != nil || at.Host != proxyHost || at.Scheme != "https" {
		c.t.Fatalf("%s %v %v %s", res.Status, at, err, text)
	}

	return clip, at.Path
}

// patchHeader is what a PATCH of tus needs.
func patchHeader(offset int) map[string]string {
	return map[string]string{"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": strconv.Itoa(offset)}
}

// tlsConfig trusts the proxy's certificate alone.
func (p *proxyProcess) tlsConfig() *tls.Config {
	text, err := os.ReadFile(p.cert)
	if err != nil {
		p.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return &tls.Config{RootCAs: roots, ServerName: proxyHost}
}

// httpClient connects to the proxy from an address of loopback, whatever the
// host of the URL is, and follows no redirect.
func (p *proxyProcess) httpClient(from string) *http.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	transport := &http.Transport{TLSClientConfig: p.tlsConfig(), ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, p.addr)
		}}
	p.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// clipEvent is the data of a live event about a clip or its steps.
type clipEvent struct {
	ClipID string `json:"clip_id"`
	Clip   struct {
		Steps struct{ Transcode struct{ State string } }
	}
}

// awaitEvent reads live events until one is as expected.
func awaitEvent(t *testing.T, lines *bufio.Scanner, expected func(clipEvent) bool) {
	t.Helper()
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		var e clipEvent
		if name == "data" && json.Unmarshal([]byte(value), &e) == nil && expected(e) {
			return
		}
	}
	t.Fatalf("the live events end: %v", lines.Err())
}

// sendRawTLS writes text to a new connection and returns all that is answered.
func sendRawTLS(t *testing.T, addr string, config *tls.Config, text string) string {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}

	answer, _ := io.ReadAll(conn) // a proxy may reset the connection instead
	return string(answer)
}
