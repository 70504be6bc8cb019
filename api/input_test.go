package api_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// pagedListPaths are the paths of every list that has pages, from the
// description.
func (w *testServer) pagedListPaths() (out []string) {
	w.Helper()
	doc := decodeJSON[struct {
		Paths map[string]struct {
			Get *struct {
				Parameters []struct {
					Ref string `json:"$ref"`
				}
			}
		}
	}](w.ana.get("/api/v1/openapi.json").is(http.StatusOK, ""))

	clip, channel := w.ana.createClip(), w.ana.createChannel("open")
	for path, item := range doc.Paths {
		if item.Get == nil {
			continue
		}

		for _, p := range item.Get.Parameters {
			if p.Ref != "#/components/parameters/Cursor" {
				continue
			}

			id := string(clip.ID)
			if strings.HasPrefix(path, "/channels") {
				id = string(channel.ID)
			}

			out = append(out, "/api/v1"+strings.NewReplacer("{ws}", string(w.ws), "{id}", id).Replace(path)+"?q=x&workspace="+string(w.ws))
		}
	}

	sort.Strings(out)
	return out
}

// TestForgedCursors: every list refuses a cursor that the server did not make.
func TestForgedCursors(t *testing.T) {
	w := newTestServer(t)
	all := w.pagedListPaths()
	if len(all) < 15 {
		t.Fatalf("only %d lists: %v", len(all), all)
	}

	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, at := range all {
		for _, forged := range []string{"!!", "x", "null", "-1", encode("x"), encode("\x00\xff"), encode("' OR 1=1 --"), encode("01ARZ3NDEKTSV4RRFFQ69G5FAV"), encode("99999999999999999999.01ARZ3NDEKTSV4RRFFQ69G5FAV"),
			encode("-5.01ARZ3NDEKTSV4RRFFQ69G5FAV"), encode("5.../../etc"), encode(strings.Repeat("x", 3000))} {
			a := w.ana.get(at + "&cursor=" + url.QueryEscape(forged))
			if a.StatusCode != http.StatusBadRequest || a.decodeProblem().Fields["cursor"] == "" {
				t.Errorf("%s, cursor %.40q: %d %s", at, forged, a.StatusCode, a.body)
			}
		}
	}
}

// TestCommentsOutOfRange: times beyond the end of the clip once that is known,
// and replies to comments that are missing or deleted, are refused. Nothing is
// stored.
func TestCommentsOutOfRange(t *testing.T) {
	w := newTestServer(t)
	clip, other := w.ana.recordClip(10).ID, w.ana.createClip().ID
	at := "/api/v1/clips/" + string(clip) + "/comments"
	early := w.ana.addComment(clip, "at_ms", 7_000) // the duration is not known yet
	w.ana.do("POST", at, map[string]any{"body": "x", "at_ms": tidings.MaxClipMS + 1}).is(http.StatusBadRequest, "invalid")
	w.ana.do("POST", at, map[string]any{"body": "x", "at_ms": 0, "until_ms": tidings.MaxClipMS + 1}).is(http.StatusBadRequest, "invalid")
	w.finishTranscode(w.startTranscode(clip, 2)) // eight seconds
	deleted, otherComment, reply := w.ana.addComment(clip), w.ana.addComment(other), w.ana.addComment(clip, "parent_id", early.ID)
	w.ana.do("DELETE", commentPath(deleted.ID, ""), nil).is(http.StatusNoContent, "")
	before := len(w.ana.listComments(clip, ""))

	for name, c := range map[string]struct {
		body  map[string]any
		field string
	}{
		"after the end":            {map[string]any{"at_ms": 8_001}, "at_ms"},
		"much after the end":       {map[string]any{"at_ms": int64(1) << 62}, "at_ms"},
		"a range beyond the end":   {map[string]any{"at_ms": 7_000, "until_ms": 8_001}, "until_ms"},
		"a range of nothing":       {map[string]any{"at_ms": 7_000, "until_ms": 7_000}, "until_ms"},
		"a range without a start":  {map[string]any{"until_ms": 7_000}, "until_ms"},
		"before the start":         {map[string]any{"at_ms": -1}, "at_ms"},
		"a fraction":               {map[string]any{"at_ms": 0.5}, "at_ms"},
		"a number too large":       {map[string]any{"at_ms": 1e300}, "at_ms"},
		"under a deleted one":      {map[string]any{"parent_id": deleted.ID}, "parent_id"},
		"under one of another":     {map[string]any{"parent_id": otherComment.ID}, "parent_id"},
		"under nothing":            {map[string]any{"parent_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "parent_id"},
		"under what is no id":      {map[string]any{"parent_id": "' OR 1=1 --"}, "parent_id"},
		"10,001 characters":        {map[string]any{"body": strings.Repeat("é", 10_001)}, "body"},
		"10,001 emoji of one rune": {map[string]any{"body": strings.Repeat("👍", 10_001)}, "body"},
	} {
		if c.body["body"] == nil {
			c.body["body"] = "x"
		}
		if p := w.ana.do("POST", at, c.body).is(http.StatusBadRequest, "invalid").decodeProblem(); p.Fields[c.field] == "" {
			t.Errorf("%s: %v", name, p.Fields)
		}
	}

	w.ana.do("PATCH", commentPath(deleted.ID, ""), map[string]any{"body": "x"}).is(http.StatusNotFound, "not_found")
	w.ana.do("POST", commentPath(deleted.ID, "/resolve"), nil).is(http.StatusNotFound, "not_found")
	w.ana.do("POST", commentPath(deleted.ID, "/reactions/%F0%9F%91%8D"), nil).is(http.StatusNotFound, "not_found")
	if after := len(w.ana.listComments(clip, "")); after != before {
		t.Errorf("%d comments, then %d", before, after)
	}

	// A reply stays in its thread after the first comment is deleted.
	w.ana.do("DELETE", commentPath(early.ID, ""), nil).is(http.StatusNoContent, "")
	if all := w.ana.listComments(clip, ""); all[len(all)-1].ID != reply.ID || *all[len(all)-1].ParentID != early.ID {
		t.Errorf("%+v", all)
	}
}

// TestUnknownMentions: mentions of unknown users stay plain text in any number
// and notify no one; a user without access to the clip is not notified.
func TestUnknownMentions(t *testing.T) {
	w := newTestServer(t)
	out, gus := w.addPerson("out", ""), w.addPerson("gus", tidings.RoleGuest)
	clip := w.ana.createClip().ID
	body := strings.Repeat("@[x](01ARZ3NDEKTSV4RRFFQ69G5FAV) ", 250)
	for _, c := range []*client{out, gus} {
		body += "@[Anybody](" + string(c.user) + ") "
	}

	for _, malformed := range []string{"@[]()", "@[x]()", "@[x](" + strings.ToLower(string(w.ana.user)) + ")", "@[[x]](" + string(out.user) + ")", "@[x\n](" + string(out.user) + ")", "@[x](" + string(out.user)} {
		body += malformed + " "
	}

	// A mention of a guest shows their name, though they have no access to this clip.
	if c := w.ana.addComment(clip, "body", body); c.Body != body || len(c.Mentions) != 1 || c.Mentions[0].ID != string(gus.user) {
		t.Errorf("%+v", c.Mentions)
	}

	for _, c := range []*client{out, gus} {
		if got := decodeJSON[struct{ Items []struct{} }](c.get("/api/v1/notifications").is(http.StatusOK, "")).Items; len(got) != 0 {
			t.Errorf("%d are told of what they may not see", len(got))
		}
	}
}

// TestConcurrentEdits: of two concurrent changes of one version one succeeds
// and the other gets 412, for every resource that has a version.
func TestConcurrentEdits(t *testing.T) {
	w := newTestServer(t)
	k := newTranscriptClient(w, w.ana)
	clip := strings.TrimSuffix(k.path, "/transcript")
	comment := commentPath(w.ana.addComment(tidings.ID(strings.TrimPrefix(clip, "/api/v1/clips/"))).ID, "")
	channel := channelsPath + string(w.ana.createChannel("open").ID)
	for at, body := range map[string]func(n string) map[string]any{
		clip:                                 func(n string) map[string]any { return map[string]any{"title": n} },
		comment:                              func(n string) map[string]any { return map[string]any{"body": n} },
		channel:                              func(n string) map[string]any { return map[string]any{"topic": n} },
		"/api/v1/me":                         func(n string) map[string]any { return map[string]any{"name": n} },
		"/api/v1/workspaces/" + string(w.ws): func(n string) map[string]any { return map[string]any{"name": n} },
	} {
		version := decodeJSON[struct{ Version int64 }](w.ana.do("PATCH", at, body("zero")).is(http.StatusOK, "")).Version
		match := `If-Match: "` + itoa(int(version)) + `"`

		if version == 0 {
			t.Errorf("%s has no version", at)
		}

		done := make(chan int, 2)
		for _, n := range []string{"first", "second"} {
			go func() { done <- w.ana.requestStatus("PATCH", at, body(n), match) }()
		}

		if a, b := <-done, <-done; a+b != http.StatusOK+http.StatusPreconditionFailed {
			t.Errorf("%s: %d and %d", at, a, b)
		}
	}
}

// TestTimesOfRFC3339: bodies and queries take every time of RFC 3339.
func TestTimesOfRFC3339(t *testing.T) {
	w := newTestServer(t)
	for _, at := range []string{"2099-01-01T00:00:00Z", "2099-01-01t00:00:00z", "2098-12-31T23:59:60Z", "2099-01-01t01:00:00.000+01:00"} {
		w.ana.do("POST", "/api/v1/tokens", map[string]any{"name": "ci", "scope": "read", "expires_at": at}).is(http.StatusCreated, "")
		w.ana.get("/api/v1/search?q=x&workspace="+string(w.ws)+"&to="+url.QueryEscape(at)).is(http.StatusOK, "")
	}

	if list := string(w.ana.get("/api/v1/tokens").is(http.StatusOK, "").body); strings.Count(list, "2099-01-01T00:00:00.000Z") != 4 {
		t.Errorf("%s", list)
	}
	w.ana.do("POST", "/api/v1/tokens", map[string]any{"name": "ci", "scope": "read", "expires_at": "2099-01-01T12:00:60Z"}).is(http.StatusBadRequest, "invalid")
}
