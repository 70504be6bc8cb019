package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// outsideWords occur only outside of the snippet; no response to its visitors
// may contain one.
var outsideWords = []string{"OUTSIDE", "So much", `"much"`, "segment 0", "segment 1", "init segment", "0123456789"}

// snippetStatuses are the statuses for a visitor with a snippet link, for every
// file and call of a clip. All other calls must return 401, 403 or 404.
var snippetStatuses = map[string]int{
	"":                        200,
	"/transcript":             200,
	"/comments":               200,
	"/reactions":              200,
	"/media/master.m3u8":      200,
	"/media/poster.jpg":       200,
	"/media/preview.webp":     200,
	"/media/storyboard.jpg":   200,
	"/media/storyboard.vtt":   200,
	"/media/peaks.json":       200,
	"/media/share.jpg":        200,
	"/media/captions.vtt":     200,
	"/media/part/index.m3u8":  200,
	"/media/part/stream.mp4":  200,
	"/media/video.mp4":        403, // 200 if the link allows downloads
	"/media/audio.m4a":        403,
	"/media/original":         403,
	"/media/index.m3u8":       404,
	"/media/stream.mp4":       404,
	"/media/v360/index.m3u8":  404,
	"/media/v360/init.mp4":    404,
	"/media/v360/0.m4s":       404,
	"/media/v360/1.m4s":       404,
	"/media/v360/1.m4s?v=1":   404,
	"/media/part/init.mp4":    404,
	"/media/part/0.m4s":       404,
	"/media/part/../v360/0":   404,
	"/media/captions.docx":    404,
	"/health":                 404,
	"/links":                  401,
	"/media/a/index.m3u8?v=1": 404,
}

// fakeSnippets stands in for package media: it records requests and stores the
// files of a snippet without cutting them.
type fakeSnippets struct {
	w         *testServer
	requested chan tidings.Link
}

func (c *fakeSnippets) Request(ctx context.Context, l tidings.Link) error {
	select {
	case c.requested <- l:
	default:
	}
	return tidings.Errorf(tidings.KindNotReady, "This part is being cut out of its clip.")
}

// storeFiles stores the files of a link's snippet.
func (c *fakeSnippets) storeFiles(l tidings.Link) {
	c.w.Helper()
	texts := map[string]string{"master.m3u8": "#EXTM3U\npart/index.m3u8\n", "index.m3u8": "#EXTM3U\nstream.mp4\n"}
	var assets []tidings.LinkAsset
	for _, name := range []string{"master.m3u8", "index.m3u8", "stream.mp4", "video.mp4", "audio.m4a", "poster.jpg", "preview.webp", "storyboard.jpg", "storyboard.vtt", "peaks.json", "share.jpg"} {
		body := []byte(texts[name])
		if len(body) == 0 {
			body = []byte("inside " + name)
		}
		a := tidings.LinkAsset{LinkID: l.ID, ClipID: l.ClipID, Name: name, ContentType: "video/mp4", Bytes: int64(len(body)), Key: fmt.Sprintf("clips/%s/l-%s/%d-%s", l.ClipID, l.ID, *l.EndMS, name)}
		c.w.putObject(a.Key, a.ContentType, body)
		assets = append(assets, a)
	}

	c.w.ok(c.w.store.PutLinkAssets(c.w.Context(), l, assets))
}

// newSnippetServer has a clip of eight seconds with transcript, comments and
// media inside and outside of the snippet from 2 s to 5 s, and a link to that
// snippet.
func newSnippetServer(t *testing.T, fields ...any) (w *testServer, snippets *fakeSnippets, clip tidings.ID, link linkJSON) {
	t.Helper()
	snippets = &fakeSnippets{requested: make(chan tidings.Link, 10)}
	w = newTestServer(t, func(c *api.Config, d *api.Deps, f *source.Config) { withWeb(c, d, f); d.Snippet = snippets.Request })
	snippets.w = w
	clip = w.ana.recordClip(20, "title", "Day 1", "visibility", "private").ID
	at := "/api/v1/clips/" + string(clip)
	w.ana.do("PATCH", at, map[string]any{"description": "OUTSIDE at 0:06", "tags": []string{"OUTSIDE"}}).is(200, "")
	w.finishTranscode(w.startTranscode(clip, 2))
	w.transcribeClip(clip) // "So much for Monday": only "Monday" is in the snippet
	say := func(fields map[string]any) tidings.ID {
		return decodeJSON[struct{ ID tidings.ID }](w.ana.do("POST", at+"/comments", fields).is(201, "")).ID
	}
	before := say(map[string]any{"at_ms": 500, "body": "OUTSIDE before"})
	say(map[string]any{"body": "OUTSIDE on the whole"})
	say(map[string]any{"at_ms": 4000, "until_ms": 6000, "body": "OUTSIDE across the end"})
	within := say(map[string]any{"at_ms": 2500, "body": "inside"})
	say(map[string]any{"parent_id": before, "body": "OUTSIDE reply"})
	say(map[string]any{"parent_id": within, "body": "inside reply"})
	link = w.ana.createLink(clip, append([]any{"start_ms", 2000, "end_ms", 5000, "allow_comments", true}, fields...)...)
	return w, snippets, clip, link
}

// TestMatrixOfSnippets requests, by a snippet link, every call of a clip that
// the router knows and every file, before and after the snippet was cut. No
// response contains a word from outside of the snippet.
func TestMatrixOfSnippets(t *testing.T) {
	w, snippets, clip, link := newSnippetServer(t)
	base := "/api/v1/clips/" + string(clip)
	paths := map[string]int{}
	for path, want := range snippetStatuses {
		paths[path] = want
	}

	for _, r := range w.routes {
		rest, ok := strings.CutPrefix(r.Path, "/api/v1/clips/:id")
		if _, known := snippetStatuses[rest]; ok && !known && r.Method == http.MethodGet && !strings.Contains(rest, ":") {
			paths[rest] = 0 // any refusal
		}
	}

	visitor := w.anonymousClient()
	ask := func(path string) *response {
		sep := map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
		return visitor.get(base + path + sep + "share=" + link.Token)
	}
	for _, made := range []bool{false, true} {
		if made {
			snippets.storeFiles(<-snippets.requested)
		}

		for path, want := range paths {
			a := ask(path)
			for _, word := range outsideWords {
				if strings.Contains(string(a.body), word) {
					t.Errorf("%s (cut: %v): %d %s", path, made, a.StatusCode, a.body)
				}
			}

			switch {
			case want == 0 && a.StatusCode != 401 && a.StatusCode != 403 && a.StatusCode != 404:
				t.Errorf("%s: %d; it is open to snippet links and not in the list", path, a.StatusCode)
			case want != 0 && made && a.StatusCode != want:
				t.Errorf("%s: %d %s, want %d", path, a.StatusCode, a.body, want)
			}
		}
	}

	for _, page := range []string{"/s/" + link.Token, "/embed/" + link.Token, "/c/" + string(clip) + "?share=" + link.Token, "/oembed?url=" + w.server.URL + "/s/" + link.Token} {
		a := visitor.get(page).is(200, "")
		for _, word := range outsideWords {
			if strings.Contains(string(a.body), word) {
				t.Errorf("%s says %s: %s", page, word, a.body)
			}
		}
	}

	w.ana.do("PATCH", "/api/v1/links/"+string(link.ID), map[string]any{"allow_download": true}).is(200, "")
	ask("/media/video.mp4").is(200, "").hasBody([]byte("inside video.mp4"))
	ask("/media/audio.m4a").is(200, "").hasBody([]byte("inside audio.m4a"))
	ask("/media/original").is(404, "not_found")
}

// TestSnippetView: visitors by the link, its author too, see a clip that starts
// at 0; times in their requests are on the snippet's timeline.
func TestSnippetView(t *testing.T) {
	w, snippets, clip, link := newSnippetServer(t)
	at, share := "/api/v1/clips/"+string(clip), "?share="+link.Token
	type part struct {
		clipJSON
		DurationMS  int64 `json:"duration_ms"`
		Description string
		Counts      struct{ Comments int }
	}

	if c := decodeJSON[part](w.anonymousClient().get(at + share)); c.State != "processing" || c.Media["master"] != nil || c.DurationMS != 3000 {
		t.Errorf("before it is cut: %+v", c)
	}

	w.anonymousClient().get(mediaPath(clip, "master.m3u8")+share).is(404, "not_ready").has("Retry-After: 2")
	snippets.storeFiles(<-snippets.requested)

	for _, who := range []*client{w.anonymousClient(), w.ana} {
		c := decodeJSON[part](who.get(at + share))
		if c.State != "ready" || c.DurationMS != 3000 || c.Title != "Day 1" || c.Description != "" || c.Counts.Comments != 2 || c.Can["edit"] || c.Can["share"] || c.Media["original"] != nil || c.Media["poster"] == nil {
			t.Errorf("%+v", c)
		}

		tr := decodeJSON[struct {
			Segments []struct {
				Text    string
				StartMS int64 `json:"start_ms"`
				EndMS   int64 `json:"end_ms"`
			}
		}](who.get(at + "/transcript" + share))
		if len(tr.Segments) != 1 || tr.Segments[0].Text != "Monday" || tr.Segments[0].StartMS != 0 || tr.Segments[0].EndMS != 1000 {
			t.Errorf("%+v", tr)
		}
	}

	w.anonymousClient().get(mediaPath(clip, "part/stream.mp4")+share, "Range: bytes=0-5").is(206, "").hasBody([]byte("inside"))
	list := string(w.anonymousClient().get(mediaPath(clip, "part/index.m3u8") + share).body)
	if !strings.HasSuffix(list, "\nstream.mp4?v="+string(link.ID)+"&share="+link.Token+"\n") {
		t.Error(list)
	}

	checkSnippetComments(t, w, clip, link)

	for len(snippets.requested) > 0 {
		<-snippets.requested
	}

	w.ana.do("PATCH", "/api/v1/links/"+string(link.ID), map[string]any{"end_ms": 4000}).is(200, "") // another snippet: its files are deleted
	w.anonymousClient().get(mediaPath(clip, "poster.jpg")+share).is(404, "not_ready")

	if l := <-snippets.requested; *l.EndMS != 4000 {
		t.Errorf("%+v", l)
	}

	w.ana.do("PATCH", "/api/v1/links/"+string(link.ID), map[string]any{"end_ms": nil, "start_ms": nil}).is(200, "")
	w.anonymousClient().get(mediaPath(clip, "poster.jpg")+share).is(200, "").hasBody([]byte("0123456789 poster.jpg"))
}

// checkSnippetComments comments by the link as a user with no other access to
// the clip.
func checkSnippetComments(t *testing.T, w *testServer, clip tidings.ID, link linkJSON) {
	t.Helper()
	type comment struct {
		ID      tidings.ID
		AtMS    *int64 `json:"at_ms"`
		UntilMS *int64 `json:"until_ms"`
		Body    string
	}

	bo := w.addPerson("bo", tidings.RoleMember)
	at, share := "/api/v1/clips/"+string(clip)+"/comments", "?share="+link.Token
	mine := decodeJSON[comment](bo.do("POST", at+share, map[string]any{"at_ms": 1000, "body": "Here"}).is(201, ""))
	if *mine.AtMS != 1000 {
		t.Errorf("%+v", mine)
	}

	whole := decodeJSON[comment](bo.do("POST", at+share, map[string]any{"body": "All of it"}).is(201, ""))
	if whole.AtMS != nil {
		t.Errorf("%+v", whole)
	}

	bo.do("POST", at+share, map[string]any{"at_ms": 3001, "body": "Too late"}).is(400, "invalid")
	for _, c := range decodeJSON[struct{ Items []comment }](w.ana.get(at)).Items {
		switch {
		case c.ID == mine.ID && *c.AtMS != 3000, c.ID == whole.ID && (c.AtMS == nil || *c.AtMS != 2000 || *c.UntilMS != 5000):
			t.Errorf("to its author: %+v", c)
		case strings.HasPrefix(c.Body, "OUTSIDE"):
			bo.do("POST", at+share, map[string]any{"parent_id": c.ID, "body": "What is that?"}).is(400, "invalid")
		}
	}

	bo.do("DELETE", "/api/v1/comments/"+string(mine.ID)+share, nil).is(204, "")
	w.ana.do("DELETE", "/api/v1/comments/"+string(whole.ID), nil).is(204, "")
}

// TestSnippetEvents: a visitor receives only events inside of the snippet, on
// its timeline; the stream ends with the link.
func TestSnippetEvents(t *testing.T) {
	w, _, clip, link := newSnippetServer(t)
	res := w.anonymousClient().sendRequest("GET", "/api/v1/events?share="+link.Token, nil)
	defer res.Body.Close()

	lines := bufio.NewScanner(res.Body)
	lines.Scan() // the stream is open
	say := func(at int, body string) {
		w.ana.do("POST", "/api/v1/clips/"+string(clip)+"/comments", map[string]any{"at_ms": at, "body": body}).is(201, "")
	}
	say(500, "OUTSIDE")
	say(3000, "last inside")

	for lines.Scan() {
		line := lines.Text()
		for _, word := range outsideWords {
			if strings.Contains(line, word) {
				t.Fatalf("heard %s", line)
			}
		}

		if strings.Contains(line, "last inside") {
			if !strings.Contains(line, `"at_ms":1000`) {
				t.Errorf("not by the part's clock: %s", line)
			}
			break
		}
	}

	w.ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil).is(204, "")

	for lines.Scan() { // until it ends
	}

	w.anonymousClient().get("/api/v1/events?share="+link.Token).is(401, "unauthenticated")
}
