package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// channelSubjects are the columns of the channel matrix: each subject's role in
// the workspace, and whether they are a member of the channel.
var channelSubjects = []string{"stranger", "outsider", "guest outside", "guest inside", "member outside", "member inside", "admin outside", "owner outside", "author"}

// channelAccess is the access of each subject to a clip in a channel of the
// kind: s, not signed in; o, of another workspace; - of the workspace, but
// without access; g, a guest with access; v, a member with access; e, a user
// who may edit it; a, its author.
var channelAccess = map[tidings.ChannelKind]string{
	tidings.ChannelOpen:    "so-gvveea",
	tidings.ChannelPrivate: "so-g-v--a", // owners and admins have no access
}

// channelCell is a row of the channel matrix. The order of its statuses is
// s o - g v e a.
type channelCell struct {
	cell
	files      []string // files to request; none = the path has no file
	newFixture bool     // each allowed request needs a new clip or channel
	listsClip  bool     // the response lists the clip only with access
}

// Statuses in the order s o - g v e a.
const (
	channelViewers         = "404 404 404 200 200 200 200"
	channelViewerAccounts  = "401 404 404 200 200 200 200" // access and an account
	channelCommenters      = "401 404 404 201 201 201 201"
	channelEditors         = "401 404 404 403 403 200 200"
	channelEditorsConflict = "401 404 404 403 403 409 409" // no change to redo
	channelDeleters        = "401 404 404 403 403 204 204"
	channelAuthors         = "401 404 404 404 404 404 200"
	channelAnyone          = "200 200 200 200 200 200 200"
	channelListers         = "401 404 200 200 200 200 200"
)

// assetNames are all files of a finished clip.
var assetNames = []string{"poster.jpg", "preview.webp", "storyboard.jpg", "storyboard.vtt", "peaks.json", "share.jpg", "video.mp4", "audio.m4a", "original", "captions.vtt"}

func withStatuses(want string) channelCell { return channelCell{cell: cell{want: want}} }

func withBody(want string, body any) channelCell {
	return channelCell{cell: cell{body: body, want: want}}
}

func withComment(want string) channelCell {
	return channelCell{cell: cell{query: "{comment}", want: want}}
}

func withNewFixture(r channelCell) channelCell { r.newFixture = true; return r }

// channelMatrix has a row for each route to a clip or a channel.
var channelMatrix = map[string]channelCell{
	"GET /api/v1/clips":                            {cell: cell{query: "workspace={ws}", want: channelListers}, listsClip: true},
	"GET /api/v1/search":                           {cell: cell{query: "workspace={ws}&q=x", want: channelListers}, listsClip: true},
	"GET /api/v1/events":                           {cell: cell{query: "clip={clip}", want: channelViewers}},
	"GET /api/v1/clips/:id":                        withStatuses(channelViewers),
	"GET /api/v1/clips/:id/health":                 withStatuses(channelViewers),
	"GET /api/v1/clips/:id/transcript":             withStatuses(channelViewers),
	"GET /api/v1/clips/:id/comments":               withStatuses(channelViewers),
	"GET /api/v1/clips/:id/reactions":              withStatuses(channelViewers),
	"GET /api/v1/clips/:id/media/master.m3u8":      withStatuses(channelViewers),
	"GET /api/v1/clips/:id/media/:file":            {cell: cell{want: channelViewers}, files: assetNames},
	"GET /api/v1/clips/:id/media/:rendition/:file": {cell: cell{want: channelViewers}, files: []string{"v360/index.m3u8", "v360/init.mp4", "v360/0.m4s", "v360/1.m4s"}},
	"GET /c/:id":                                   withStatuses("303 404 404 200 200 200 200"),
	"GET /s/:token":                                withStatuses(channelAnyone), // a link opens the clip to any visitor, in any channel
	"GET /embed/:token":                            withStatuses(channelAnyone),
	"GET /oembed":                                  {cell: cell{query: "url={page}", want: channelAnyone}},
	"POST /api/v1/clips/:id/views":                 withBody("404 404 404 204 204 204 204", map[string]any{"session": "s", "ranges": [][]int{{0, 1000}}}),
	"GET /api/v1/clips/:id/viewers":                withStatuses(channelEditors),
	"GET /api/v1/clips/:id/people":                 withStatuses(channelViewerAccounts),
	"POST /api/v1/clips/:id/comments":              withBody(channelCommenters, map[string]any{"body": "Yes."}),
	"POST /api/v1/clips/:id/reactions/:emoji":      withStatuses(channelViewerAccounts),
	"DELETE /api/v1/clips/:id/reactions/:emoji":    withStatuses(channelViewerAccounts),
	"PATCH /api/v1/comments/:id":                   {cell: cell{query: "{comment}", body: map[string]any{"body": "Yes."}, want: "401 404 404 403 403 403 200"}},
	"DELETE /api/v1/comments/:id":                  withNewFixture(withComment(channelDeleters)),
	"POST /api/v1/comments/:id/reactions/:emoji":   withComment(channelViewerAccounts),
	"DELETE /api/v1/comments/:id/reactions/:emoji": withComment(channelViewerAccounts),
	"POST /api/v1/comments/:id/resolve":            withComment(channelViewerAccounts),
	"DELETE /api/v1/comments/:id/resolve":          withComment(channelViewerAccounts),
	"POST /api/v1/comments/:id/hide":               withNewFixture(withComment(channelEditors)),
	"DELETE /api/v1/comments/:id/hide":             withComment(channelEditors),
	"PATCH /api/v1/clips/:id":                      withBody(channelEditors, map[string]any{"title": "New"}),
	"DELETE /api/v1/clips/:id":                     withNewFixture(withStatuses(channelDeleters)),
	"POST /api/v1/clips/:id/restore":               withStatuses(channelEditors),
	"POST /api/v1/clips/:id/retry":                 withBody(channelEditorsConflict, map[string]any{"step": "transcode"}),
	"POST /api/v1/clips/:id/continue":              withNewFixture(withStatuses("401 404 404 403 403 403 201")), // only the one who recorded it
	"DELETE /api/v1/clips/:id/continue":            withStatuses("401 404 404 403 403 403 204"),
	"GET /api/v1/clips/:id/links":                  withStatuses(channelEditors),
	"POST /api/v1/clips/:id/links":                 withBody("401 404 404 403 403 201 201", map[string]any{}),
	"PATCH /api/v1/links/:id":                      {cell: cell{query: "{link}", body: map[string]any{"allow_download": true}, want: channelEditors}},
	"DELETE /api/v1/links/:id":                     withNewFixture(channelCell{cell: cell{query: "{link}", want: channelDeleters}}),

	"PUT /api/v1/clips/:id/transcript":                          withNewFixture(channelCell{cell: cell{body: "WEBVTT\n\n00:01.000 --> 00:02.000\nSo much\n", header: []string{"Content-Type: text/vtt"}, want: channelEditors}}),
	"POST /api/v1/clips/:id/transcript/retry":                   withNewFixture(withStatuses(channelEditors)),
	"PATCH /api/v1/clips/:id/transcript/segments/:segment":      withBody(channelEditors, map[string]any{"text": "So much"}),
	"POST /api/v1/clips/:id/transcript/segments/:segment/split": withNewFixture(withBody(channelEditors, map[string]any{"at_word": 1})),
	"POST /api/v1/clips/:id/transcript/segments/:segment/join":  withStatuses("401 404 404 403 403 400 400"), // the only segment
	"POST /api/v1/clips/:id/transcript/undo":                    withNewFixture(withStatuses(channelEditorsConflict)),
	"POST /api/v1/clips/:id/transcript/redo":                    withNewFixture(withStatuses(channelEditorsConflict)),
	"PATCH /api/v1/clips/:id/transcript/speakers":               withBody(channelEditors, map[string]any{"from": "", "to": "Ana"}),
	"POST /api/v1/clips/:id/transcript/glossary":                withBody(channelEditors, map[string]any{"action": "restore"}),

	"POST /api/v1/uploads":       {cell: cell{header: []string{"Upload-Length: 10", "Upload-Metadata: clip_id {empty}"}, want: "401 404 404 404 404 404 201"}, newFixture: true},
	"GET /api/v1/uploads/:id":    {cell: cell{query: "{upload}", want: "401 404 404 404 404 404 303"}},
	"HEAD /api/v1/uploads/:id":   {cell: cell{query: "{upload}", want: channelAuthors}},
	"PATCH /api/v1/uploads/:id":  {cell: cell{query: "{upload}", body: "\x1a\x45\xdf\xa3", header: []string{octetStream, "Upload-Offset: 0"}, want: "401 404 404 404 404 404 204"}, newFixture: true},
	"DELETE /api/v1/uploads/:id": {cell: cell{query: "{upload}", want: "401 404 404 404 404 404 204"}, newFixture: true},

	"GET /api/v1/workspaces/:ws/channels":       {cell: cell{query: "limit=100", want: channelListers}, listsClip: true},
	"GET /api/v1/channels/:id":                  {cell: cell{query: "{channel}", want: channelViewerAccounts}},
	"GET /api/v1/channels/:id/members":          {cell: cell{query: "{channel}", want: channelViewerAccounts}},
	"PATCH /api/v1/channels/:id":                {cell: cell{query: "{channel}", body: map[string]any{"topic": "New"}, want: channelEditors}},
	"DELETE /api/v1/channels/:id":               withNewFixture(channelCell{cell: cell{query: "{channel}", want: channelDeleters}}),
	"POST /api/v1/channels/:id/members":         withNewFixture(channelCell{cell: cell{query: "{channel}", body: map[string]any{"user": "{owner}"}, want: "401 404 404 403 200 200 200"}}),
	"PUT /api/v1/channels/:id/members/:user":    withNewFixture(channelCell{cell: cell{query: "{channel}", want: "401 404 404 403 200 200 200"}}),
	"DELETE /api/v1/channels/:id/members/:user": withNewFixture(channelCell{cell: cell{query: "{channel}", want: channelDeleters}}),
}

// channelExemptRoutes are clip routes to which channels do not apply;
// TestMatrix covers them.
var channelExemptRoutes = []string{"POST /api/v1/clips", "OPTIONS /api/v1/uploads", "OPTIONS /api/v1/uploads/:id", "GET /search", "POST /api/v1/workspaces/:ws/channels"}

// isChannelRoute reports whether a path leads to a clip or a channel.
func isChannelRoute(path string) bool {
	if strings.Contains(path, "/search-index") || strings.Contains(path, "/saved-searches") {
		return false
	}
	return slices.ContainsFunc([]string{"/clips", "/c/:", "/comments", "/links/:id", "/channels", "/uploads", "/events", "/search", "/oembed", "/embed/", "/s/:"}, func(part string) bool { return strings.Contains(path, part) })
}

// channelServer is the test server of the channel matrix.
type channelServer struct {
	*testServer
	author  *client
	clients []*client // in the order of channelSubjects
}

func newChannelServer(t *testing.T) *channelServer {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Web = webFiles() })
	h := &channelServer{testServer: w, author: w.addPerson("bo", tidings.RoleMember)}
	h.clients = []*client{w.anonymousClient(), w.addPerson("out", ""), w.addPerson("gus", tidings.RoleGuest), w.addPerson("gil", tidings.RoleGuest), w.addPerson("mem", tidings.RoleMember),
		w.addPerson("mia", tidings.RoleMember), w.addPerson("adi", tidings.RoleAdmin), w.ana, h.author}
	return h
}

// newChannelFixture creates the resources that the path needs in a new channel
// of the kind, with its two further members.
func (h *channelServer) newChannelFixture(kind tidings.ChannelKind, path string) clipFixture {
	h.Helper()
	ch := h.author.createChannel(string(kind))
	for _, i := range []int{3, 5} {
		h.author.do("PUT", channelsPath+string(ch.ID)+"/members/"+string(h.clients[i].user), nil).is(http.StatusOK, "")
	}

	th := clipFixture{author: h.author.user, channel: ch.ID}
	if strings.Contains(path, "/channels/") {
		return th
	}

	in := []any{"channel_id", string(ch.ID)}
	if strings.Contains(path, "/uploads") {
		th.emptyClip = h.author.createClip(in...).ID
		u := &tusClient{client: h.author.withHeaders("Tus-Resumable: 1.0.0"), clip: h.author.createClip(in...).ID}
		u.createUpload(10)
		th.upload = strings.TrimPrefix(u.location, uploadsPath+"/")
		return th
	}

	th.clip = h.author.recordClip(10, in...).ID
	th.link = h.author.createLink(th.clip)
	th.comment = h.author.addComment(th.clip).ID
	if path == "" || strings.Contains(path, "/transcript") {
		th.segment = h.transcribeClip(th.clip).ID
	}

	if path == "" {
		h.addAllAssets(th.clip)
	}

	return th
}

// addAllAssets gives a clip every file of assetNames.
func (h *channelServer) addAllAssets(clip tidings.ID) {
	h.Helper()
	run := h.startTranscode(clip, 2)
	for _, name := range assetNames {
		if name == "original" || name == "captions.vtt" || name == "poster.jpg" || name == "video.mp4" {
			continue
		}
		key := fmt.Sprintf("clips/%s/m%d/%s", clip, run.Attempt, name)
		h.putObject(key, "image/jpeg", []byte(name))
		h.ok(h.store.AddAsset(h.Context(), run, tidings.Asset{ClipID: clip, Name: name, ContentType: "image/jpeg", Bytes: int64(len(name)), Key: key}))
	}

	h.finishTranscode(run)
}

// TestMatrixOfChannels requests every route to a clip in a channel, and to the
// channel, as every kind of subject.
func TestMatrixOfChannels(t *testing.T) {
	h := newChannelServer(t)
	requests, rows := 0, 0
	for _, kind := range []tidings.ChannelKind{tidings.ChannelOpen, tidings.ChannelPrivate} {
		access := channelAccess[kind]
		shared, upload := h.newChannelFixture(kind, ""), h.newChannelFixture(kind, "/uploads")
		shared.emptyClip, shared.upload = upload.emptyClip, upload.upload
		h.search.clips = []tidings.ID{shared.clip}
		for _, r := range h.routes {
			row, ok := channelRow(t, r.Method, r.Path)
			if !ok {
				continue
			}

			rows++

			for i, c := range h.clients {
				requests += h.checkRoute(kind, access[i], c, r.Method, r.Path, row, shared)
			}
		}
	}

	writeMatrixSize(t, "channels", fmt.Sprintf("%d routes of clips and channels × %d people × %d kinds of channel: %d questions", rows/len(channelAccess), len(channelSubjects), len(channelAccess), requests))
}

// channelRow is the matrix row of a route; a route to clips or channels without
// one fails the test.
func channelRow(t *testing.T, method, path string) (channelCell, bool) {
	t.Helper()
	name := method + " " + path
	row, ok := channelMatrix[name]
	if get, have := channelMatrix["GET "+path]; !ok && have && method == http.MethodHead {
		row, ok = get, true
	}
	if asGet := strings.Replace(name, "HEAD ", "GET ", 1); !ok && isChannelRoute(path) && !slices.Contains(channelExemptRoutes, name) && !slices.Contains(channelExemptRoutes, asGet) {
		t.Errorf("%s has no row in the matrix of channels", name)
	}
	return row, ok
}

// checkRoute compares the statuses of a route, for each of its files, with the
// row. It returns the number of requests.
func (h *channelServer) checkRoute(kind tidings.ChannelKind, access byte, c *client, method, path string, row channelCell, th clipFixture) int {
	h.Helper()
	want := strings.Fields(row.want)[strings.IndexByte("so-gvea", access)]
	if row.newFixture && !slices.Contains([]string{"401", "403", "404"}, want) {
		th = h.newChannelFixture(kind, path)
	}

	names := row.files
	if len(names) == 0 {
		names = []string{""}
	}

	for _, file := range names {
		at := path
		if file != "" {
			at = strings.NewReplacer(":rendition/:file", file, ":file", file).Replace(path)
		}
		if got := h.requestRow(c, "", method, at, row.cell, th); fmt.Sprint(got) != want {
			h.Errorf("%s channel, %s %s as %q: %d, want %s", kind, method, at, access, got, want)
		}
	}

	if row.listsClip && method == http.MethodGet && want == "200" {
		h.checkList(kind, access, c, path, row, th)
	}

	return len(names)
}

// checkList checks that a list contains the clip or its channel exactly when
// the subject has access.
func (h *channelServer) checkList(kind tidings.ChannelKind, access byte, c *client, path string, row channelCell, th clipFixture) {
	h.Helper()
	fill := strings.NewReplacer("{ws}", string(h.ws), ":ws", string(h.ws))
	at := fill.Replace(path + "?" + row.query)
	var body string
	for next := at; next != ""; { // earlier rows have created newer clips
		page := c.get(next).is(http.StatusOK, "")
		body += string(page.body)
		more := decodeJSON[struct {
			Next *string `json:"next_cursor"`
		}](page).Next
		if next = ""; more != nil && *more != "" {
			next = at + "&cursor=" + url.QueryEscape(*more)
		}
	}

	id := string(th.clip)
	if strings.Contains(path, "/channels") {
		id = string(th.channel)
	}

	if got, want := strings.Contains(body, id), strings.IndexByte("gvea", access) >= 0; got != want {
		h.Errorf("%s channel, %s as %q: told of it: %v, want %v", kind, path, access, got, want)
	}
}

// TestEventsOfChannels: a stream of the workspace carries the events of a clip
// in a channel only to subjects with access.
func TestEventsOfChannels(t *testing.T) {
	h := newChannelServer(t)
	openClip := h.ana.createClip()
	for _, kind := range []tidings.ChannelKind{tidings.ChannelOpen, tidings.ChannelPrivate} {
		access := channelAccess[kind]
		th := h.newChannelFixture(kind, "/events")
		streams := make([]*eventStream, len(h.clients))
		for i, c := range h.clients {
			if access[i] != 's' && access[i] != 'o' {
				streams[i] = c.openEvents("?workspace=" + string(h.ws))
			}
		}

		h.author.addComment(th.clip, "body", "in the channel")
		for _, i := range []int{2, 3} { // guests receive only events of their channels
			ch := h.author.createChannel("private")
			h.author.do("PUT", channelsPath+string(ch.ID)+"/members/"+string(h.clients[i].user), nil).is(http.StatusOK, "")
			h.author.addComment(h.author.createClip("channel_id", string(ch.ID)).ID, "body", "the end")
		}

		h.ana.addComment(openClip.ID, "body", "the end")

		for i, l := range streams {
			if l == nil {
				continue
			}
			if got, want := l.hasComment("in the channel"), strings.IndexByte("gvea", access[i]) >= 0; got != want {
				t.Errorf("%s channel: %s hears of it: %v, want %v", kind, channelSubjects[i], got, want)
			}
			l.res.Body.Close()
		}
	}
}

// hasComment reads the stream up to the comment "the end" and reports whether a
// comment with the text came before it.
func (l *eventStream) hasComment(text string) (heard bool) {
	l.Helper()
	for e := range l.events {
		if e.data.Comment == nil {
			continue
		}
		if e.data.Comment.Body == "the end" {
			return heard
		}
		heard = heard || e.data.Comment.Body == text
	}

	l.Fatal("the stream ended early")
	return heard
}

// writeMatrixSize logs the size of a matrix, and writes it to a file that make
// test prints, because go test shows no log of a passing test.
func writeMatrixSize(t *testing.T, name, text string) {
	t.Helper()
	t.Log(text)
	dir := os.Getenv("TIDINGS_TEST_SIZES")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".size"), []byte("access matrix: "+text+"\n"), 0o600); err != nil {
		t.Error(err)
	}
}
