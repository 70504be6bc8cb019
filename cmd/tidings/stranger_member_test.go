package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// busyMember is a person who watches, records and comments without pause.
type busyMember struct {
	server  *testServer
	address string
	client  *http.Client
	clip    string
	upload  string
	offset  int64
}

func newBusyMember(s *testServer, address, clip string) *busyMember {
	_, upload := s.createRecording("camera", "video/webm")
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &busyMember{server: s, address: address, clip: clip, upload: upload,
		client: &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}, Timeout: 2 * time.Minute}}
}

// work goes on during the attack, and for three rounds while all is held.
func (m *busyMember) work(held <-chan struct{}) {
	defer m.client.CloseIdleConnections()

	rounds := 0
	for left := 3; left > 0; rounds++ {
		select {
		case <-held:
			left--
		default:
		}
		if err := m.round(rounds); err != nil {
			m.server.t.Errorf("the member at %s, round %d: %v", m.address, rounds, err)
			return
		}
	}
	m.server.t.Logf("the member at %s: %d rounds", m.address, rounds)
}

// maxReports is how often a player reports at once.
const maxReports = 15

// round is one of each request, beside an event stream that brings the comment.
func (m *busyMember) round(n int) error {
	stream, err := m.send(http.MethodGet, "/api/v1/events?clip="+m.clip, nil, nil)
	if err != nil {
		return err
	}
	defer stream.Body.Close()

	base := "/api/v1/clips/" + m.clip
	for _, path := range []string{"/api/v1/me", "/c/" + m.clip, base, base + "/comments", base + "/media/master.m3u8", base + "/media/original", base + "/media/poster.jpg"} {
		if err := m.call(http.MethodGet, path, nil, nil); err != nil {
			return err
		}
	}

	if err := m.record(); err != nil {
		return err
	}
	header := map[string]string{"Content-Type": "application/json"}
	if n < maxReports {
		report := fmt.Sprintf(`{"session":"member-%s","ranges":[[0,1000]]}`, m.address)
		if err := m.call(http.MethodPost, base+"/views", header, []byte(report)); err != nil {
			return err
		}
	}

	text := fmt.Sprintf("round %d at %s", n, m.address)
	body, err := json.Marshal(map[string]any{"body": text})
	if err != nil {
		return err
	}
	if err := m.call(http.MethodPost, base+"/comments", header, body); err != nil {
		return err
	}
	return awaitLine(stream.Body, text)
}

// record appends a second's worth of bytes to a running recording.
func (m *busyMember) record() error {
	body := make([]byte, 32<<10)
	if m.offset == 0 {
		body = readRecording(m.server.t, "vp8-opus.webm")
	}
	header := map[string]string{"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": strconv.FormatInt(m.offset, 10)}
	m.offset += int64(len(body))
	return m.call(http.MethodPatch, m.upload, header, body)
}

// awaitLine reads an event stream until a line has the text.
func awaitLine(stream io.Reader, text string) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return nil
		}
	}
	return fmt.Errorf("the stream has ended without %q: %w", text, lines.Err())
}

// call sends a request that has to succeed.
func (m *busyMember) call(method, path string, header map[string]string, body []byte) error {
	res, err := m.send(method, path, header, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()

	_, err = io.Copy(io.Discard, res.Body)
	return err
}

func (m *busyMember) send(method, path string, header map[string]string, body []byte) (*http.Response, error) {
	req, err := http.NewRequest(method, m.server.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}

	req.Header.Set("Authorization", "Bearer "+m.server.token)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := m.client.Do(req)
	if err != nil {
		return nil, err
	}

	if res.StatusCode >= 300 {
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		return nil, fmt.Errorf("%s %s: %s %s", method, path, res.Status, text)
	}
	return res, nil
}
