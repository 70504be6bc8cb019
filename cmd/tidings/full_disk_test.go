package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"tidings.example/tidings/media/blob/blobtest"
)

// TestDiskFillsUp: on a real disk that fills up under a real server new
// recordings stop first; then every change is refused as want of space while
// everything can be read; and with space again all goes on by itself.
func TestDiskFillsUp(t *testing.T) {
	film, err := os.ReadFile("../../media/testdata/vp8-opus.webm")
	if err != nil {
		t.Fatal(err)
	}

	disk := blobtest.SmallDisk(t, 256<<20)
	s := startServer(t, disk, fmt.Sprintf("--min-free-bytes=%d", 96<<20)).signIn()
	first, upload := s.createRecording("screen", "video/webm")
	s.mustPatch(upload, 0, film, int64(len(film)))
	playlist := *s.awaitFinished(first).Media["master"]
	running, upload := s.createRecording("screen", "video/webm")
	begun, unbegun := s.createRecording("screen", "video/webm")
	half := int64(len(film) / 2)
	s.mustPatch(upload, 0, film[:half/2], -1)

	belowFloor := blobtest.FillDisk(t, disk, 48<<20)
	s.checkRefused(http.MethodPost, "/api/v1/clips", fmt.Sprintf(`{"workspace_id": %q, "kind": "screen"}`, s.ws), "new recordings")
	if res, b := s.request(http.MethodGet, "/readyz", nil, nil); res.StatusCode != http.StatusOK || !strings.Contains(string(b), `"space":"failing"`) {
		t.Errorf("readyz: %s %s", res.Status, b)
	}
	if res, b := s.request(http.MethodGet, "/record", nil, nil); res.StatusCode != http.StatusOK || !strings.Contains(string(b), `"no_space":"The server has too little free space`) {
		t.Errorf("the page of the recorder does not say it: %s", res.Status)
	}
	s.mustPatch(upload, half/2, film[half/2:half], -1) // running ones go on
	s.mustPatch(unbegun, 0, film, int64(len(film)))

	belowFloor()
	full := blobtest.FillDisk(t, disk, 0)
	s.fillDatabase(running)
	res, b := s.request(http.MethodPatch, upload, patchHeader(int(half)), bytes.NewReader(film[half:]))
	if res.StatusCode != http.StatusInsufficientStorage || res.Header.Get("Retry-After") == "" || res.Header.Get("Upload-Offset") != fmt.Sprint(half) {
		t.Errorf("an append to a full disk: %s %v %s", res.Status, res.Header, b)
	}
	for _, path := range []string{"/api/v1/me", "/api/v1/clips/" + first, playlist, "/api/v1/clips/" + first + "/media/original", "/c/" + first, "/healthz"} {
		if res, b := s.request(http.MethodGet, path, nil, nil); res.StatusCode != http.StatusOK {
			t.Errorf("%s on a full disk: %s %.200s", path, res.Status, b)
		}
	}

	full()
	s.mustPatch(upload, half, film[half:], int64(len(film)))
	for _, clip := range []string{running, begun} {
		s.awaitFinished(clip)
		if res, b := s.request(http.MethodGet, "/api/v1/clips/"+clip+"/media/original", nil, nil); res.StatusCode != http.StatusOK || !bytes.Equal(b, film) {
			t.Errorf("the original of %s: %s, %d of %d bytes", clip, res.Status, len(b), len(film))
		}
	}
}

// mustPatch appends to an upload; length below 0 leaves it open.
func (s *testServer) mustPatch(upload string, offset int64, body []byte, length int64) {
	s.t.Helper()
	if at, err := s.patchUpload(upload, offset, body, length); err != nil || at != offset+int64(len(body)) {
		s.t.Fatalf("append at %d: %d, %v\n%s", offset, at, err, s.log)
	}
}

// checkRefused sends JSON that is refused for want of space with the words.
func (s *testServer) checkRefused(method, path, body, words string) {
	s.t.Helper()
	res, b := s.request(method, path, map[string]string{"Content-Type": "application/json"}, strings.NewReader(body))
	if res.StatusCode != http.StatusInsufficientStorage || res.Header.Get("Retry-After") == "" || !strings.Contains(string(b), words) || !strings.Contains(string(b), `"storage_full"`) {
		s.t.Errorf("%s %s: %s %v %s", method, path, res.Status, res.Header, b)
	}
}

// fillDatabase comments until the database takes no more.
func (s *testServer) fillDatabase(clip string) {
	s.t.Helper()
	body := fmt.Sprintf(`{"body": %q}`, strings.Repeat("x", 9000))
	for range 5000 {
		res, b := s.request(http.MethodPost, "/api/v1/clips/"+clip+"/comments", map[string]string{"Content-Type": "application/json"}, strings.NewReader(body))
		switch {
		case res.StatusCode == http.StatusCreated:
			continue
		case res.StatusCode == http.StatusInsufficientStorage && strings.Contains(string(b), `"storage_full"`):
			return
		}
		s.t.Fatalf("a comment on a full disk: %s %s", res.Status, b)
	}
	s.t.Fatal("the database never was full")
}
