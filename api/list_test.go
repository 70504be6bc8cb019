package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

type pageJSON struct {
	Items []struct {
		ID   string
		Name string
	}
	NextCursor *string `json:"next_cursor"`
}

// listAllIDs follows a list page by page and calls add between pages.
func listAllIDs(c *client, path string, add func()) (ids []string) {
	c.w.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}

	for at := path + sep + "limit=2"; ; {
		p := decodeJSON[pageJSON](c.get(at).is(http.StatusOK, ""))
		if len(p.Items) > 2 || len(p.Items) < 2 && p.NextCursor != nil {
			c.w.Fatalf("%s: %d items, next %v", at, len(p.Items), p.NextCursor)
		}

		for _, item := range p.Items {
			ids = append(ids, item.ID)
		}

		if p.NextCursor == nil {
			return ids
		}

		at = path + sep + "limit=2&cursor=" + *p.NextCursor
		add()
	}
}

func TestPaginationIsStable(t *testing.T) {
	w := newTestServer(t)
	var clips []string
	for range 5 {
		w.clock.Advance(time.Millisecond)
		clips = append([]string{string(w.ana.createClip().ID)}, clips...)
	}

	path := "/api/v1/clips/" + clips[0]
	var comments, links []string
	for i := range 5 {
		w.clock.Advance(time.Millisecond)
		comments = append(comments, decodeJSON[struct{ ID string }](w.ana.do("POST", path+"/comments", map[string]any{"body": fmt.Sprint(i)}).is(201, "")).ID)
		links = append([]string{string(w.ana.createLink(tidings.ID(clips[0])).ID)}, links...)
	}

	newest := func() { w.clock.Advance(time.Millisecond); w.ana.createClip(); w.ana.createLink(tidings.ID(clips[0])) }

	for at, want := range map[string][]string{"/api/v1/clips": clips, path + "/comments": comments, path + "/links": links} {
		if at == "/api/v1/clips" {
			want = append([]string{}, clips...)
		}
		if got := listAllIDs(w.ana, at, func() {}); !equalIDs(got, want) {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}

	if got := listAllIDs(w.ana, "/api/v1/clips", newest); !equalIDs(got, clips) {
		t.Errorf("with clips added meanwhile: %v, want %v", got, clips)
	}

	empty := w.addPerson("bo", tidings.RoleMember).get("/api/v1/clips?author=me").is(http.StatusOK, "")
	if string(empty.body) != `{"items":[],"next_cursor":null}`+"\n" {
		t.Errorf("an empty list is %q", empty.body)
	}
}

func equalIDs(a, b []string) bool { return strings.Join(a, " ") == strings.Join(b, " ") }

// TestCommentLifecycle follows a comment from its creation to the row that
// remains after deletion.
func TestCommentLifecycle(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("mem", tidings.RoleMember)
	path := "/api/v1/clips/" + string(w.ana.createClip().ID) + "/comments"
	type commentJSON struct {
		ID        tidings.ID
		Body      string
		ParentID  *string `json:"parent_id"`
		AtMS      *int64  `json:"at_ms"`
		EditedAt  *string `json:"edited_at"`
		Deleted   bool
		CanEdit   bool `json:"can_edit"`
		CanDelete bool `json:"can_delete"`
	}

	one := decodeJSON[commentJSON](mem.do("POST", path, map[string]any{"body": "<b>Here</b>", "at_ms": 93_500}).is(201, ""))
	if one.Body != "<b>Here</b>" || *one.AtMS != 93_500 || !one.CanEdit {
		t.Errorf("%+v", one)
	}

	reply := decodeJSON[commentJSON](w.ana.do("POST", path, map[string]any{"body": "Yes.", "parent_id": one.ID}).is(201, ""))
	if reply.ParentID == nil || *reply.ParentID != string(one.ID) {
		t.Errorf("%+v", reply)
	}

	at := "/api/v1/comments/" + string(one.ID)
	w.ana.do("PATCH", at, map[string]any{"body": "mine now"}).is(403, "forbidden")
	mem.do("DELETE", "/api/v1/comments/"+string(reply.ID), nil).is(403, "forbidden")
	if got := decodeJSON[commentJSON](mem.do("PATCH", at, map[string]any{"body": "There"}).is(200, "")); got.Body != "There" || got.EditedAt == nil {
		t.Errorf("%+v", got)
	}

	w.ana.do("DELETE", at, nil).is(204, "") // she is the clip's author
	list := decodeJSON[struct{ Items []commentJSON }](mem.get(path).is(200, "")).Items
	if len(list) != 2 || !list[0].Deleted || list[0].Body != "" || list[0].CanEdit || list[1].Body != "Yes." {
		t.Errorf("%+v", list)
	}

	if row, err := w.store.Comment(t.Context(), one.ID); err != nil || row.DeletedAt == nil || row.Body != "" {
		t.Errorf("%+v %v", row, err)
	}

	mem.do("DELETE", at, nil).is(404, "not_found")
}

func TestEditedSegmentKeepsWordTimes(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20)
	seg := w.transcribeClip(clip.ID)
	path := "/api/v1/clips/" + string(clip.ID) + "/transcript"
	w.ana.do("PATCH", path+"/segments/"+string(seg.ID), map[string]any{"text": " So  long, for Monday! "}).is(200, "")
	tr := decodeJSON[struct {
		State    string
		EditedAt *string `json:"edited_at"`
		Segments []struct {
			Text  string
			Words []tidings.Word
		}
	}](w.ana.get(path).is(200, ""))
	if tr.State != "done" || tr.EditedAt == nil || len(tr.Segments) != 1 || tr.Segments[0].Text != "So long, for Monday!" {
		t.Fatalf("%+v", tr)
	}

	words := tr.Segments[0].Words
	for i, want := range []tidings.Word{{StartMS: 1000, EndMS: 1200, Text: "So"}, {StartMS: 1200, EndMS: 1600, Text: "long,"}, {StartMS: 1600, EndMS: 2000, Text: "for"}, {StartMS: 2000, EndMS: 3000, Text: "Monday!"}} {
		if words[i].StartMS != want.StartMS || words[i].EndMS != want.EndMS || words[i].Text != want.Text {
			t.Errorf("word %d: %+v, want %+v", i, words[i], want)
		}
	}

	other := w.ana.recordClip(20)
	w.ana.do("PATCH", "/api/v1/clips/"+string(other.ID)+"/transcript/segments/"+string(seg.ID), map[string]any{"text": "x"}).is(404, "not_found")
}

// TestSearchRespectsAccess: whatever clips the search engine returns.
func TestSearchRespectsAccess(t *testing.T) {
	w := newTestServer(t)
	open, hidden := w.ana.createClip("title", "Open"), w.ana.createClip("title", "Hidden", "visibility", "private")
	w.search.clips = []tidings.ID{hidden.ID, "01ARYZ6S41TSV4RRFFQ69G5FAV", open.ID}
	type found struct {
		Items []struct {
			Clip       struct{ ID tidings.ID }
			ScoreOrder int `json:"score_order"`
			Moments    []struct{ URL string }
		}
		Engine string
	}

	got := decodeJSON[found](w.addPerson("mem", tidings.RoleMember).get("/api/v1/search?q=x").is(200, ""))
	if len(got.Items) != 1 || got.Items[0].Clip.ID != open.ID || got.Items[0].ScoreOrder != 1 || got.Items[0].Moments[0].URL != "/c/"+string(open.ID)+"?t=93.5" || got.Engine != "test" {
		t.Errorf("%+v", got)
	}

	if got := decodeJSON[found](w.ana.get("/api/v1/search?q=x").is(200, "")); len(got.Items) != 2 {
		t.Errorf("%+v", got)
	}

	if got := decodeJSON[found](w.addPerson("gus", tidings.RoleGuest).get("/api/v1/search?q=x").is(200, "")); len(got.Items) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestTrash(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20)
	link := w.ana.createLink(clip.ID)
	at := "/api/v1/clips/" + string(clip.ID)
	w.ana.do("DELETE", at, nil).is(204, "")
	w.ana.do("DELETE", at, nil).is(204, "")
	w.addPerson("mem", tidings.RoleMember).get(at).is(404, "not_found")
	w.anonymousClient().get("/s/"+link.Token).is(404, "not_found")
	w.anonymousClient().get(at+"?share="+link.Token).is(404, "not_found")
	if p := decodeJSON[pageJSON](w.ana.get("/api/v1/clips").is(200, "")); len(p.Items) != 0 {
		t.Errorf("%+v", p)
	}

	if p := decodeJSON[pageJSON](w.ana.get("/api/v1/clips?trashed=true").is(200, "")); len(p.Items) != 1 {
		t.Errorf("%+v", p)
	}

	w.ana.do("POST", at+"/restore", nil).is(200, "")
	w.anonymousClient().get("/s/"+link.Token).is(200, "")
}
