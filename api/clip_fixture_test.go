package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"tidings.example/tidings/tidings"
)

// recordClip uploads a finished original of size bytes.
func (c *client) recordClip(size int, fields ...any) clipJSON {
	c.w.Helper()
	clip := c.createClip(fields...)
	u := &tusClient{client: c.withHeaders("Tus-Resumable: 1.0.0"), clip: clip.ID}
	u.createUpload(size).patchUpload(0, webmBytes(size)).is(http.StatusNoContent, "")
	return clip
}

func (w *testServer) acquireStep(clip tidings.ID, step tidings.Step) tidings.StepRun {
	w.Helper()
	run, err := w.store.AcquireStep(w.Context(), clip, step, "w1", tidings.LeaseTTL)
	w.ok(err)
	return run
}

func (w *testServer) putObject(key, contentType string, body []byte) {
	w.Helper()
	w.ok(bucket.Plain().Put(w.Context(), key, bytes.NewReader(body), int64(len(body)), contentType))
}

// testRendition is the rendition of these tests; its segments are text.
var testRendition = tidings.Rendition{Name: "v360", Kind: tidings.RenditionVideo, Codecs: "avc1.64001f", Width: 640, Height: 360, Bandwidth: 700_000}

// startTranscode does the first half of a worker's transcode step: a rendition
// with n segments.
func (w *testServer) startTranscode(clip tidings.ID, n int) tidings.StepRun {
	w.Helper()
	run, r := w.acquireStep(clip, tidings.StepTranscode), testRendition
	r.InitKey = fmt.Sprintf("clips/%s/m%d/v360-init.mp4", clip, run.Attempt)
	w.putObject(r.InitKey, "video/mp4", []byte("the init segment"))
	w.ok(w.store.StartMedia(w.Context(), run, nil, []tidings.Rendition{testRendition}))
	w.ok(w.store.SetRendition(w.Context(), run, r))
	for i := range n {
		w.addSegment(run, int64(i))
	}
	return run
}

func (w *testServer) addSegment(run tidings.StepRun, seq int64) {
	w.Helper()
	body := []byte(strings.Repeat(fmt.Sprintf("segment %d ", seq), 100))
	key := fmt.Sprintf("clips/%s/m%d/v360-%d.m4s", run.ClipID, run.Attempt, seq)
	w.putObject(key, "video/mp4", body)
	w.ok(w.store.AddSegment(w.Context(), run, tidings.Segment{Rendition: "v360", Seq: seq, DurationUS: 4_000_000, Bytes: int64(len(body)), Key: key}))
}

// finishTranscode ends the transcode step with a poster and a download.
func (w *testServer) finishTranscode(run tidings.StepRun) {
	w.Helper()
	for name, kind := range map[string]string{"poster.jpg": "image/jpeg", "video.mp4": "video/mp4"} {
		key := fmt.Sprintf("clips/%s/m%d/%s", run.ClipID, run.Attempt, name)
		body := []byte("0123456789 " + name)
		w.putObject(key, kind, body)
		w.ok(w.store.AddAsset(w.Context(), run, tidings.Asset{ClipID: run.ClipID, Name: name, ContentType: kind, Bytes: int64(len(body)), Key: key}))
	}
	w.ok(w.store.FinishMedia(w.Context(), run, tidings.MediaResult{DurationMS: 8000, Width: 640, Height: 360}))
}

// transcribeClip stores the transcript "So much for Monday" for a clip.
func (w *testServer) transcribeClip(clip tidings.ID) tidings.TranscriptSegment {
	w.Helper()
	run := w.acquireStep(clip, tidings.StepTranscribe)
	id, err := w.store.StartTranscript(w.Context(), run, tidings.Transcript{ClipID: clip, Engine: "test", Model: "m", Language: "en"})
	w.ok(err)
	seg := tidings.TranscriptSegment{ID: tidings.NewID(w.clock.Now()), StartMS: 1000, EndMS: 3000, Text: "So much for Monday",
		Words: []tidings.Word{{StartMS: 1000, EndMS: 1200, Text: "So"}, {StartMS: 1200, EndMS: 1600, Text: "much"},
			{StartMS: 1600, EndMS: 2000, Text: "for"}, {StartMS: 2000, EndMS: 3000, Text: "Monday"}}}
	w.ok(w.store.AddTranscriptSegments(w.Context(), run, id, []tidings.TranscriptSegment{seg}))
	w.ok(w.store.FinishTranscript(w.Context(), run, id, "en"))
	w.ok(w.store.FinishStep(w.Context(), run, tidings.StepDone, ""))

	return seg
}

// clipFixture is a clip with one of every resource that a route may name.
type clipFixture struct {
	clip, emptyClip       tidings.ID
	comment, segment      tidings.ID
	channel               tidings.ID // private; the author is its only member
	author                tidings.ID
	link, locked, revoked linkJSON
	upload                string // path of an incomplete upload of another clip
}

// newClipFixture creates the resources that the path of a route can name, as
// the client's user; path "" creates all of them, with media.
func (w *testServer) newClipFixture(c *client, path string) clipFixture {
	w.Helper()
	needs := func(part string) bool { return path == "" || strings.Contains(path, part) }
	th := clipFixture{author: c.user, clip: c.recordClip(10).ID}
	th.link, th.revoked = c.createLink(th.clip), c.createLink(th.clip)
	w.ok(w.store.RevokeLink(w.Context(), th.revoked.ID))
	if path == "" {
		w.finishTranscode(w.startTranscode(th.clip, 2))
	}

	if needs("/transcript") {
		th.segment = w.transcribeClip(th.clip).ID
	}

	if needs("/comments/:id") {
		body := map[string]any{"body": "Good."}
		th.comment = decodeJSON[struct{ ID tidings.ID }](c.do("POST", "/api/v1/clips/"+string(th.clip)+"/comments", body).is(http.StatusCreated, "")).ID
	}

	if needs("/channels/:id") {
		th.channel = c.createChannel("private").ID
	}

	if needs("/unlock") {
		th.locked = c.createLink(th.clip, "access", "password", "password", password)
	}

	if needs("/uploads") {
		th.emptyClip = c.createClip().ID
		u := newTus(c)
		u.createUpload(10)
		th.upload = strings.TrimPrefix(u.location, uploadsPath+"/")
	}

	return th
}
