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

func mediaPath(clip tidings.ID, name string) string {
	return "/api/v1/clips/" + string(clip) + "/media/" + name
}

// TestRanges checks stored files, and the original while it grows, against RFC
// 9110.
func TestRanges(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20)
	w.finishTranscode(w.startTranscode(clip.ID, 1))
	u := newTus(w.ana)
	u.createUpload(-1).patchUpload(0, webmBytes(20))
	poster := []byte("0123456789 poster.jpg")
	for name, c := range map[string]struct {
		path        string
		whole       []byte
		contentType string
	}{
		"a stored file":        {mediaPath(clip.ID, "poster.jpg"), poster, "image/jpeg"},
		"the growing original": {mediaPath(u.clip, "original"), webmBytes(20), "application/octet-stream"},
	} {
		t.Run(name, func(t *testing.T) {
			ana, n := w.inSubtest(t).ana, len(c.whole)
			size := itoa(n)
			ana.get(c.path).is(200, "").has("Content-Type: "+c.contentType, "Accept-Ranges: bytes", "Content-Length: "+size, "Content-Range:",
				"Content-Security-Policy: default-src 'none'; sandbox", "Cross-Origin-Resource-Policy: same-origin").hasBody(c.whole)
			ana.do("HEAD", c.path, nil).is(200, "").has("Content-Length: "+size, "Content-Type: "+c.contentType).hasBody(nil)
			for _, r := range []struct {
				header   string
				from, to int
			}{{"bytes=0-3", 0, 4}, {"bytes=4-", 4, n}, {"bytes=-5", n - 5, n}, {"bytes=0-0", 0, 1}, {"bytes=10-9999", 10, n}} {
				ana.get(c.path, "Range: "+r.header).is(206, "").has("Content-Range: bytes "+itoa(r.from)+"-"+itoa(r.to-1)+"/"+size, "Content-Length: "+itoa(r.to-r.from)).hasBody(c.whole[r.from:r.to])
			}

			for _, beyond := range []string{"bytes=9999-", "bytes=" + size + "-" + size} {
				ana.get(c.path, "Range: "+beyond).is(416, "invalid").has("Content-Range: bytes */" + size)
			}

			for _, ignored := range []string{"bytes=3-1", "bytes=0-1,4-5", "lines=0-1", "bytes=", "bytes=a-b", "bytes=-"} {
				ana.get(c.path, "Range: "+ignored).is(200, "").hasBody(c.whole)
			}
		})
	}
}

// hasBody checks the body.
func (a *response) hasBody(want []byte) *response {
	a.Helper()
	if !bytes.Equal(a.body, want) {
		a.Errorf("%s: %q, want %q", a.label, a.body, want)
	}
	return a
}

func TestConditionsOfReads(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20)
	w.finishTranscode(w.startTranscode(clip.ID, 1))
	at := mediaPath(clip.ID, "poster.jpg")
	a := w.ana.get(at).is(200, "").has("Cache-Control: private, no-cache")
	etag := a.Header.Get("ETag")
	if !strings.HasPrefix(etag, `"`) || !strings.HasSuffix(etag, `"`) {
		t.Fatalf("ETag %q", etag)
	}

	for _, header := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
		w.ana.do("HEAD", at, nil, "If-None-Match: "+header).is(304, "")
	}

	w.ana.get(at, "If-None-Match: "+etag).is(304, "").has("ETag: " + etag).hasBody(nil)
	w.ana.get(at, `If-None-Match: "other"`).is(200, "")
	w.ana.get(at, "If-Match: "+etag).is(200, "")
	w.ana.get(at, `If-Match: "other"`).is(412, "conflict")
	w.ana.get(at, "Range: bytes=0-3", "If-Range: "+etag).is(206, "").hasBody([]byte("0123"))
	w.ana.get(at, "Range: bytes=0-3", `If-Range: "other"`).is(200, "")
	w.ana.get(at+"?download=1").is(200, "").has(`Content-Disposition: attachment; filename=` + string(clip.ID) + `-poster.jpg`)
	list := w.ana.get(mediaPath(clip.ID, "v360/index.m3u8")).is(200, "").has("Content-Type: application/vnd.apple.mpegurl")
	w.ana.get(mediaPath(clip.ID, "v360/index.m3u8"), "If-None-Match: "+list.Header.Get("ETag")).is(304, "")
}

// TestMediaAvailability: not ready before the upload, partial while recording,
// complete afterwards.
func TestMediaAvailability(t *testing.T) {
	w := newTestServer(t)
	u := newTus(w.ana)
	for _, name := range []string{"master.m3u8", "v360/index.m3u8", "poster.jpg", "video.mp4", "original", "captions.vtt"} {
		w.ana.get(mediaPath(u.clip, name)).is(404, "not_ready").has("Retry-After: 2", "Cache-Control: no-store")
	}

	for _, name := range []string{"nothing.gif", "captions.doc", "../x", "v360/x.m4s", "v360/01.m4s", "v360/-1.m4s"} {
		if p := w.ana.get(mediaPath(u.clip, name)).decodeProblem(); p.Status != 404 {
			t.Errorf("%s: %+v", name, p)
		}
	}

	w.ana.get(mediaPath(u.clip, "nothing.gif")).is(404, "not_found")
	u.createUpload(-1).patchUpload(0, webmBytes(40_000))
	run := w.startTranscode(u.clip, 2)
	w.ana.get(mediaPath(u.clip, "master.m3u8")).is(200, "").has("Content-Type: application/vnd.apple.mpegurl", "Cache-Control: no-store")
	live := string(w.ana.get(mediaPath(u.clip, "v360/index.m3u8")).is(200, "").has("Cache-Control: no-store").body)
	if !strings.Contains(live, "EVENT") || strings.Contains(live, "ENDLIST") || !strings.Contains(live, "\n1.m4s?v=1\n") || strings.Contains(live, "2.m4s") {
		t.Error(live)
	}

	w.addSegment(run, 2)
	if more := string(w.ana.get(mediaPath(u.clip, "v360/index.m3u8")).body); !strings.HasPrefix(more, live) || !strings.Contains(more, "\n2.m4s?v=1\n") {
		t.Errorf("the playlist did not grow at its end:\n%s\n%s", live, more)
	}

	w.ana.get(mediaPath(u.clip, "v360/2.m4s?v=1")).is(200, "").has("Cache-Control: private, max-age=31536000, immutable", "Content-Type: video/mp4").hasBody([]byte(strings.Repeat("segment 2 ", 100)))
	w.ana.get(mediaPath(u.clip, "v360/0.m4s?v=1"), "Range: bytes=0-8").is(206, "").hasBody([]byte("segment 0"))
	w.ana.get(mediaPath(u.clip, "v360/init.mp4?v=1")).is(200, "").hasBody([]byte("the init segment"))
	w.ana.get(mediaPath(u.clip, "v360/init.mp4?v=7")).is(404, "not_found")
	w.ana.get(mediaPath(u.clip, "v360/9.m4s?v=1")).is(404, "not_found")
	w.ana.get(mediaPath(u.clip, "v999/index.m3u8")).is(404, "not_found")
	u.patchUpload(40_000, "", "Upload-Length: 40000").is(204, "")
	w.finishTranscode(run)
	done := string(w.ana.get(mediaPath(u.clip, "v360/index.m3u8")).is(200, "").has("Cache-Control: private, no-cache").body)
	if !strings.Contains(done, "VOD") || !strings.HasSuffix(done, "#EXT-X-ENDLIST\n") {
		t.Error(done)
	}

	w.transcribeClip(u.clip)
	w.ana.get(mediaPath(u.clip, "captions.vtt")).is(200, "").has("Content-Type: text/vtt; charset=utf-8").hasBody([]byte("WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nSo much for Monday\n"))
	c := decodeJSON[clipJSON](w.ana.get("/api/v1/clips/" + string(u.clip)))
	for _, name := range []string{"master", "poster", "video", "original", "captions_vtt"} {
		if c.Media[name] == nil {
			t.Errorf("%s has no URL", name)
			continue
		}
		if name != "captions_srt" {
			w.ana.get(*c.Media[name]).is(200, "")
		}
	}

	if c.State != "ready" || c.Media["preview"] != nil {
		t.Errorf("%+v", c)
	}
}

func TestFailedMedia(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20)
	w.ok(w.store.FinishStep(t.Context(), w.acquireStep(clip.ID, tidings.StepTranscode), tidings.StepFailed, "The file is broken."))
	for _, name := range []string{"master.m3u8", "v360/index.m3u8", "poster.jpg", "video.mp4"} {
		w.ana.get(mediaPath(clip.ID, name)).is(404, "not_found").has("Retry-After:")
	}

	w.ana.get(mediaPath(clip.ID, "original")).is(200, "")
	got := decodeJSON[clipJSON](w.ana.do("POST", "/api/v1/clips/"+string(clip.ID)+"/retry", map[string]any{"step": "transcode"}).is(200, ""))
	if got.Steps["transcode"].State != "waiting" || got.State != "processing" {
		t.Errorf("%+v", got)
	}
}

// TestLinkVisitorMedia: playlists carry the link's token on, and it opens no
// other clip.
func TestLinkVisitorMedia(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20, "visibility", "private")
	w.finishTranscode(w.startTranscode(clip.ID, 2))
	other := w.ana.recordClip(20)
	link := w.ana.createLink(clip.ID)
	visitor, share := w.anonymousClient(), "?share="+link.Token
	master := string(visitor.get(mediaPath(clip.ID, "master.m3u8"+share)).is(200, "").body)
	if !strings.Contains(master, "v360/index.m3u8"+share+"\n") {
		t.Error(master)
	}

	list := string(visitor.get(mediaPath(clip.ID, "v360/index.m3u8"+share)).is(200, "").body)
	for _, line := range []string{`URI="init.mp4?v=1&share=` + link.Token + `"`, "\n1.m4s?v=1&share=" + link.Token + "\n"} {
		if !strings.Contains(list, line) {
			t.Errorf("no %q in %s", line, list)
		}
	}

	visitor.get(mediaPath(clip.ID, "v360/1.m4s?v=1&share="+link.Token)).is(200, "")
	for _, name := range []string{"video.mp4", "original"} { // full copies need allow_download
		visitor.get(mediaPath(clip.ID, name+share)).is(403, "forbidden")
	}

	c := decodeJSON[clipJSON](visitor.get("/api/v1/clips/"+string(clip.ID)+share).is(200, ""))
	if c.Media["video"] != nil || c.Media["original"] != nil || c.Media["poster"] == nil || !strings.HasSuffix(*c.Media["poster"], share) || c.Can["download"] || c.Can["edit"] || c.UploadURL != nil {
		t.Errorf("%+v", c)
	}

	w.ana.do("PATCH", "/api/v1/links/"+string(link.ID), map[string]any{"allow_download": true}).is(200, "")
	visitor.get(mediaPath(clip.ID, "video.mp4"+share)).is(200, "")
	visitor.get(mediaPath(other.ID, "original"+share)).is(404, "not_found")
	visitor.get(mediaPath(clip.ID, "poster.jpg")).is(404, "not_found")
	w.ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil).is(204, "")
	visitor.get(mediaPath(clip.ID, "v360/1.m4s?v=1&share="+link.Token)).is(404, "not_found")
	visitor.get("/s/"+link.Token).is(404, "not_found")
}

// TestRevokedLinkBreaksDownload: a response in progress is cut off when its
// link is revoked.
func TestRevokedLinkBreaksDownload(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.RecheckEvery = time.Millisecond })
	const size = 32 << 20
	clip := w.ana.createClip()
	u := &tusClient{client: w.ana.withHeaders("Tus-Resumable: 1.0.0"), clip: clip.ID}
	u.createUpload(size).patchUpload(0, webmBytes(size)).is(204, "")
	link := w.ana.createLink(clip.ID, "allow_download", true)
	res := w.anonymousClient().sendRequest("GET", mediaPath(clip.ID, "original?share="+link.Token), nil)
	defer res.Body.Close()

	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	if _, err := res.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}

	w.ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil).is(204, "")
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil || n >= size-1 {
		t.Errorf("all %d bytes came (%v)", n, err)
	}
}
