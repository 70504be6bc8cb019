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

// inChannels are the columns of the matrix of channels: who they are to the
// workspace, and whether they are in the channel.
var inChannels = []string{"stranger", "outsider", "guest outside", "guest inside", "member outside", "member inside", "admin outside", "owner outside", "author"}

// standing is what each of them is to a clip in a channel of the kind:
// s, nobody; o, of another workspace; - of the workspace, but it is hidden
// from them; g, a guest who sees it; v, a member who sees it; e, somebody who
// may change it; a, its author. It is the rule of channels said once.
var standing = map[tidings.ChannelKind]string{
	tidings.ChannelOpen:    "so-gvveea",
	tidings.ChannelPrivate: "so-g-v--a", // owners and admins have no key
}

// ruled is a line of the matrix of channels: statuses by standing, in the
// order of s o - g v e a.
type ruled struct {
	cell
	files []string // the files the route is asked for; none = it names none
	fresh bool     // whoever may do it needs a new clip or channel each
	lists bool     // the answer's items hold the clip, or not
}

// Statuses by s o - g v e a.
const (
	watch    = "404 404 404 200 200 200 200"
	signedIn = "401 404 404 200 200 200 200" // whoever sees it and has an account
	says     = "401 404 404 201 201 201 201"
	alters   = "401 404 404 403 403 200 200"
	settled  = "401 404 404 403 403 409 409" // nothing there to do over
	drops    = "401 404 404 403 403 204 204"
	authors  = "401 404 404 404 404 404 200"
	everyone = "200 200 200 200 200 200 200"
	finds    = "401 404 200 200 200 200 200"
)

// made are all the files of a finished clip.
var made = []string{"poster.jpg", "preview.webp", "storyboard.jpg", "storyboard.vtt", "peaks.json", "share.jpg", "video.mp4", "audio.m4a", "original", "captions.vtt"}

func plain(want string) ruled { return ruled{cell: cell{want: want}} }

func sending(want string, body any) ruled { return ruled{cell: cell{body: body, want: want}} }

func onComment(want string) ruled { return ruled{cell: cell{query: "{comment}", want: want}} }

func fresh(r ruled) ruled { r.fresh = true; return r }

// channelMatrix has a row for each route to a clip or a channel.
var channelMatrix = map[string]ruled{
	"GET /api/v1/clips":                            {cell: cell{query: "workspace={ws}", want: finds}, lists: true},
	"GET /api/v1/search":                           {cell: cell{query: "workspace={ws}&q=x", want: finds}, lists: true},
	"GET /api/v1/events":                           {cell: cell{query: "clip={clip}", want: watch}},
	"GET /api/v1/clips/:id":                        plain(watch),
	"GET /api/v1/clips/:id/health":                 plain(watch),
	"GET /api/v1/clips/:id/transcript":             plain(watch),
	"GET /api/v1/clips/:id/comments":               plain(watch),
	"GET /api/v1/clips/:id/reactions":              plain(watch),
	"GET /api/v1/clips/:id/media/master.m3u8":      plain(watch),
	"GET /api/v1/clips/:id/media/:file":            {cell: cell{want: watch}, files: made},
	"GET /api/v1/clips/:id/media/:rendition/:file": {cell: cell{want: watch}, files: []string{"v360/index.m3u8", "v360/init.mp4", "v360/0.m4s", "v360/1.m4s"}},
	"GET /c/:id":                                   plain("303 404 404 200 200 200 200"),
	"GET /s/:token":                                plain(everyone), // a link opens the clip to anyone, wherever it is
	"GET /embed/:token":                            plain(everyone),
	"GET /oembed":                                  {cell: cell{query: "url={page}", want: everyone}},
	"POST /api/v1/clips/:id/views":                 sending("404 404 404 204 204 204 204", map[string]any{"session": "s", "ranges": [][]int{{0, 1000}}}),
	"GET /api/v1/clips/:id/viewers":                plain(alters),
	"GET /api/v1/clips/:id/people":                 plain(signedIn),
	"POST /api/v1/clips/:id/comments":              sending(says, map[string]any{"body": "Yes."}),
	"POST /api/v1/clips/:id/reactions/:emoji":      plain(signedIn),
	"DELETE /api/v1/clips/:id/reactions/:emoji":    plain(signedIn),
	"PATCH /api/v1/comments/:id":                   {cell: cell{query: "{comment}", body: map[string]any{"body": "Yes."}, want: "401 404 404 403 403 403 200"}},
	"DELETE /api/v1/comments/:id":                  fresh(onComment(drops)),
	"POST /api/v1/comments/:id/reactions/:emoji":   onComment(signedIn),
	"DELETE /api/v1/comments/:id/reactions/:emoji": onComment(signedIn),
	"POST /api/v1/comments/:id/resolve":            onComment(signedIn),
	"DELETE /api/v1/comments/:id/resolve":          onComment(signedIn),
	"POST /api/v1/comments/:id/hide":               fresh(onComment(alters)),
	"DELETE /api/v1/comments/:id/hide":             onComment(alters),
	"PATCH /api/v1/clips/:id":                      sending(alters, map[string]any{"title": "New"}),
	"DELETE /api/v1/clips/:id":                     fresh(plain(drops)),
	"POST /api/v1/clips/:id/restore":               plain(alters),
	"POST /api/v1/clips/:id/retry":                 sending(settled, map[string]any{"step": "transcode"}),
	"GET /api/v1/clips/:id/links":                  plain(alters),
	"POST /api/v1/clips/:id/links":                 sending("401 404 404 403 403 201 201", map[string]any{}),
	"PATCH /api/v1/links/:id":                      {cell: cell{query: "{link}", body: map[string]any{"allow_download": true}, want: alters}},
	"DELETE /api/v1/links/:id":                     fresh(ruled{cell: cell{query: "{link}", want: drops}}),

	"PUT /api/v1/clips/:id/transcript":                          fresh(ruled{cell: cell{body: "WEBVTT\n\n00:01.000 --> 00:02.000\nSo much\n", header: []string{"Content-Type: text/vtt"}, want: alters}}),
	"POST /api/v1/clips/:id/transcript/retry":                   fresh(plain(alters)),
	"PATCH /api/v1/clips/:id/transcript/segments/:segment":      sending(alters, map[string]any{"text": "So much"}),
	"POST /api/v1/clips/:id/transcript/segments/:segment/split": fresh(sending(alters, map[string]any{"at_word": 1})),
	"POST /api/v1/clips/:id/transcript/segments/:segment/join":  plain("401 404 404 403 403 400 400"), // there is one only
	"POST /api/v1/clips/:id/transcript/undo":                    fresh(plain(settled)),
	"POST /api/v1/clips/:id/transcript/redo":                    fresh(plain(settled)),
	"PATCH /api/v1/clips/:id/transcript/speakers":               sending(alters, map[string]any{"from": "", "to": "Ana"}),
	"POST /api/v1/clips/:id/transcript/glossary":                sending(alters, map[string]any{"action": "restore"}),

	"POST /api/v1/uploads":       {cell: cell{header: []string{"Upload-Length: 10", "Upload-Metadata: clip_id {empty}"}, want: "401 404 404 404 404 404 201"}, fresh: true},
	"HEAD /api/v1/uploads/:id":   {cell: cell{query: "{upload}", want: authors}},
	"PATCH /api/v1/uploads/:id":  {cell: cell{query: "{upload}", body: "\x1a\x45\xdf\xa3", header: []string{octets, "Upload-Offset: 0"}, want: "401 404 404 404 404 404 204"}, fresh: true},
	"DELETE /api/v1/uploads/:id": {cell: cell{query: "{upload}", want: "401 404 404 404 404 404 204"}, fresh: true},

	"GET /api/v1/workspaces/:ws/channels":       {cell: cell{query: "limit=100", want: finds}, lists: true},
	"GET /api/v1/channels/:id":                  {cell: cell{query: "{channel}", want: signedIn}},
	"GET /api/v1/channels/:id/members":          {cell: cell{query: "{channel}", want: signedIn}},
	"PATCH /api/v1/channels/:id":                {cell: cell{query: "{channel}", body: map[string]any{"topic": "New"}, want: alters}},
	"DELETE /api/v1/channels/:id":               fresh(ruled{cell: cell{query: "{channel}", want: drops}}),
	"POST /api/v1/channels/:id/members":         fresh(ruled{cell: cell{query: "{channel}", body: map[string]any{"user": "{owner}"}, want: "401 404 404 403 200 200 200"}}),
	"PUT /api/v1/channels/:id/members/:user":    fresh(ruled{cell: cell{query: "{channel}", want: "401 404 404 403 200 200 200"}}),
	"DELETE /api/v1/channels/:id/members/:user": fresh(ruled{cell: cell{query: "{channel}", want: drops}}),
}

// elsewhere are routes about clips that no channel matters to, which the great
// matrix asks.
var elsewhere = []string{"POST /api/v1/clips", "OPTIONS /api/v1/uploads", "OPTIONS /api/v1/uploads/:id", "GET /search", "POST /api/v1/workspaces/:ws/channels"}

// ofChannels reports whether a route leads to a clip or a channel.
func ofChannels(path string) bool {
	if strings.Contains(path, "/search-index") || strings.Contains(path, "/saved-searches") {
		return false
	}
	return slices.ContainsFunc([]string{"/clips", "/c/:", "/comments", "/links/:id", "/channels", "/uploads", "/events", "/search", "/oembed", "/embed/", "/s/:"}, func(part string) bool { return strings.Contains(path, part) })
}

// house is the world of the matrix of channels.
type house struct {
	*world
	author *client
	people []*client // by inChannels
}

func newHouse(t *testing.T) *house {
	w := newWorld(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Web = files() })
	h := &house{world: w, author: w.person("bo", tidings.RoleMember)}
	h.people = []*client{w.stranger(), w.person("out", ""), w.person("gus", tidings.RoleGuest), w.person("gil", tidings.RoleGuest), w.person("mem", tidings.RoleMember),
		w.person("mia", tidings.RoleMember), w.person("adi", tidings.RoleAdmin), w.ana, h.author}
	return h
}

// place makes a thing in a new channel of the kind, with the two people who
// are in it.
func (h *house) place(kind tidings.ChannelKind, path string) thing {
	h.Helper()
	ch := h.author.channel(string(kind))
	for _, i := range []int{3, 5} {
		h.author.do("PUT", channelsPath+string(ch.ID)+"/members/"+string(h.people[i].user), nil).is(http.StatusOK, "")
	}

	th := thing{author: h.author.user, channel: ch.ID}
	if strings.Contains(path, "/channels/") {
		return th
	}

	in := []any{"channel_id", string(ch.ID)}
	if strings.Contains(path, "/uploads") {
		th.empty = h.author.clip(in...).ID
		u := &tus{client: h.author.with("Tus-Resumable: 1.0.0"), clip: h.author.clip(in...).ID}
		u.create(10)
		th.upload = strings.TrimPrefix(u.at, uploads+"/")
		return th
	}

	th.clip = h.author.record(10, in...).ID
	th.link = h.author.link(th.clip)
	th.comment = h.author.say(th.clip).ID
	if path == "" || strings.Contains(path, "/transcript") {
		th.segment = h.transcribe(th.clip).ID
	}

	if path == "" {
		h.dress(th.clip)
	}

	return th
}

// dress gives a clip every file there is.
func (h *house) dress(clip tidings.ID) {
	h.Helper()
	run := h.transcode(clip, 2)
	for _, name := range made {
		if name == "original" || name == "captions.vtt" || name == "poster.jpg" || name == "video.mp4" {
			continue
		}
		key := fmt.Sprintf("clips/%s/m%d/%s", clip, run.Attempt, name)
		h.put(key, "image/jpeg", []byte(name))
		h.ok(h.store.AddAsset(h.Context(), run, tidings.Asset{ClipID: clip, Name: name, ContentType: "image/jpeg", Bytes: int64(len(name)), Key: key}))
	}

	h.finish(run)
}

// TestMatrixOfChannels asks every route to a clip in a channel, and to the
// channel, in the name of everybody who stands to it in another way.
func TestMatrixOfChannels(t *testing.T) {
	h := newHouse(t)
	asked, rows := 0, 0
	for _, kind := range []tidings.ChannelKind{tidings.ChannelOpen, tidings.ChannelPrivate} {
		stand := standing[kind]
		shared, upload := h.place(kind, ""), h.place(kind, "/uploads")
		shared.empty, shared.upload = upload.empty, upload.upload
		h.search.clips = []tidings.ID{shared.clip}
		for _, r := range h.routes {
			row, ok := channelRow(t, r.Method, r.Path)
			if !ok {
				continue
			}

			rows++

			for i, c := range h.people {
				asked += h.asks(kind, stand[i], c, r.Method, r.Path, row, shared)
			}
		}
	}

	printSize(t, "channels", fmt.Sprintf("%d routes of clips and channels × %d people × %d kinds of channel: %d questions", rows/len(standing), len(inChannels), len(standing), asked))
}

// channelRow is the row of a route; a route of clips or channels without one fails.
func channelRow(t *testing.T, method, path string) (ruled, bool) {
	t.Helper()
	name := method + " " + path
	row, ok := channelMatrix[name]
	if get, have := channelMatrix["GET "+path]; !ok && have && method == http.MethodHead {
		row, ok = get, true
	}
	if asGet := strings.Replace(name, "HEAD ", "GET ", 1); !ok && ofChannels(path) && !slices.Contains(elsewhere, name) && !slices.Contains(elsewhere, asGet) {
		t.Errorf("%s has no row in the matrix of channels", name)
	}
	return row, ok
}

// asks holds what a route answers somebody against the row, for each of its
// files, and returns how many questions that took.
func (h *house) asks(kind tidings.ChannelKind, standing byte, c *client, method, path string, row ruled, th thing) int {
	h.Helper()
	want := strings.Fields(row.want)[strings.IndexByte("so-gvea", standing)]
	if row.fresh && !slices.Contains([]string{"401", "403", "404"}, want) {
		th = h.place(kind, path)
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
		if got := h.ask(c, "", method, at, row.cell, th); fmt.Sprint(got) != want {
			h.Errorf("%s channel, %s %s as %q: %d, want %s", kind, method, at, standing, got, want)
		}
	}

	if row.lists && method == http.MethodGet && want == "200" {
		h.told(kind, standing, c, path, row, th)
	}

	return len(names)
}

// told holds what a list tells of the clip or its channel against the rule.
func (h *house) told(kind tidings.ChannelKind, standing byte, c *client, path string, row ruled, th thing) {
	h.Helper()
	fill := strings.NewReplacer("{ws}", string(h.ws), ":ws", string(h.ws))
	at := fill.Replace(path + "?" + row.query)
	var body string
	for next := at; next != ""; { // the rows before have made others, which are newer
		page := c.get(next).is(http.StatusOK, "")
		body += string(page.body)
		more := read[struct {
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

	if got, want := strings.Contains(body, id), strings.IndexByte("gvea", standing) >= 0; got != want {
		h.Errorf("%s channel, %s as %q: told of it: %v, want %v", kind, path, standing, got, want)
	}
}

// TestEventsOfChannels: a stream of the workspace tells of a clip in a channel
// to whoever sees it, and to nobody else.
func TestEventsOfChannels(t *testing.T) {
	h := newHouse(t)
	hall := h.ana.clip()
	for _, kind := range []tidings.ChannelKind{tidings.ChannelOpen, tidings.ChannelPrivate} {
		stand := standing[kind]
		th := h.place(kind, "/events")
		streams := make([]*live, len(h.people))
		for i, c := range h.people {
			if stand[i] != 's' && stand[i] != 'o' {
				streams[i] = c.listen("?workspace=" + string(h.ws))
			}
		}

		h.author.say(th.clip, "body", "in the channel")
		for _, i := range []int{2, 3} { // guests hear of what they are a member of only
			ch := h.author.channel("private")
			h.author.do("PUT", channelsPath+string(ch.ID)+"/members/"+string(h.people[i].user), nil).is(http.StatusOK, "")
			h.author.say(h.author.clip("channel_id", string(ch.ID)).ID, "body", "the end")
		}

		h.ana.say(hall.ID, "body", "the end")

		for i, l := range streams {
			if l == nil {
				continue
			}
			if got, want := l.hears("in the channel"), strings.IndexByte("gvea", stand[i]) >= 0; got != want {
				t.Errorf("%s channel: %s hears of it: %v, want %v", kind, inChannels[i], got, want)
			}
			l.res.Body.Close()
		}
	}
}

// hears reads a stream up to the comment "the end" and reports whether the
// text was said before.
func (l *live) hears(text string) (heard bool) {
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

// printSize says how large a matrix is: in the test's log, and in a file that
// make test shows, for go test keeps the logs of what went well.
func printSize(t *testing.T, name, text string) {
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
