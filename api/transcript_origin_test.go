package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// origin is who wrote a segment, as the answer says it.
func (g segmentJSON) origin() string {
	if g.Origin == nil {
		return "unknown"
	}
	text := *g.Origin
	if g.EditedBy != nil {
		text += " by " + g.EditedBy.Name
	}
	if (g.EditedAt != nil) != (text != "machine") {
		text += fmt.Sprintf(" at %v", g.EditedAt)
	}
	return text
}

// TestSegmentOrigins: each line says who wrote it, in every answer that carries
// it; the other lines of a corrected transcript stay a machine's.
func TestSegmentOrigins(t *testing.T) {
	w := newTestServer(t)
	k := newTranscriptClient(w, w.ana)
	expect := func(want ...string) {
		t.Helper()
		var got []string
		for _, g := range k.fetch().Segments {
			got = append(got, g.origin())
		}
		if strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("%q, want %q", got, want)
		}
	}

	expect("machine")
	k.do("POST", k.segmentPath(0, "/split"), map[string]any{"at_word": 2}).is(http.StatusOK, "")
	expect("machine", "machine")
	if got := decodeJSON[segmentJSON](k.do("PATCH", k.segmentPath(1, ""), map[string]any{"text": "for Tuesday"}).is(http.StatusOK, "")); got.origin() != "edited by Ana" {
		t.Errorf("%+v", got)
	}
	expect("machine", "edited by Ana")

	joined := decodeJSON[struct{ Segments []segmentJSON }](k.do("POST", k.segmentPath(0, "/join"), map[string]any{"with": "next"}).is(http.StatusOK, ""))
	if got := joined.Segments[0].origin(); got != "edited by Ana" {
		t.Error(got)
	}

	for range 2 {
		k.do("POST", k.path+"/undo", nil).is(http.StatusOK, "")
	}
	expect("machine", "machine")
	if again := decodeJSON[transcriptJSON](k.do("POST", k.path+"/redo", nil).is(http.StatusOK, "")); again.Segments[1].origin() != "edited by Ana" {
		t.Errorf("%+v", again.Segments)
	}
}

// TestWhoEditedIsShown: members read who edited a line. Guests and visitors by a
// link, also to a part, read that somebody did, and the name only if it is the
// author's, who is named above the clip.
func TestWhoEditedIsShown(t *testing.T) {
	w := newTestServer(t)
	author, silent, member, gus := w.addPerson("Author", tidings.RoleMember), w.addPerson("Silent", tidings.RoleAdmin), w.addPerson("Member", tidings.RoleMember), w.addPerson("Gus", tidings.RoleGuest)
	th := w.newClipFixture(author, "")
	path := "/api/v1/clips/" + string(th.clip)
	for _, c := range []*client{gus, silent, member} {
		author.do("PUT", channelsPath+string(th.channel)+"/members/"+string(c.user), nil).is(http.StatusOK, "")
	}
	author.do("PATCH", path, map[string]any{"visibility": "channel", "channel_id": th.channel}).is(http.StatusOK, "")
	link := author.createLink(th.clip)
	part := author.createLink(th.clip, "start_ms", 0, "end_ms", 5000)

	for _, by := range []struct {
		editor              *client
		text, inside, other string
	}{
		{silent, "So much for Tuesday", "edited by Silent", "edited"},
		{author, "So much for Friday", "edited by Author", "edited by Author"},
	} {
		l := member.openEvents("?clip=" + string(th.clip))
		visitor := w.anonymousClient().openEvents("?clip=" + string(th.clip) + "&share=" + link.Token)
		by.editor.do("PATCH", path+"/transcript/segments/"+string(th.segment), map[string]any{"text": by.text}).is(http.StatusOK, "")
		for name, c := range map[string]struct {
			got  *response
			want string
		}{
			"a member":                       {member.get(path + "/transcript"), by.inside},
			"a guest":                        {gus.get(path + "/transcript"), by.other},
			"a visitor by link":              {w.anonymousClient().get(path + "/transcript?share=" + link.Token), by.other},
			"a visitor by link to a part":    {w.anonymousClient().get(path + "/transcript?share=" + part.Token), by.other},
			"a member by the link to a part": {member.get(path + "/transcript?share=" + part.Token), by.inside},
		} {
			tr := decodeJSON[transcriptJSON](c.got.is(http.StatusOK, ""))
			if len(tr.Segments) != 1 || tr.Segments[0].origin() != c.want {
				t.Errorf("%s reads %s, want %s", name, c.got.body, c.want)
			}
			if c.want == by.other && strings.Contains(string(c.got.body), "Silent") {
				t.Errorf("%s reads %s", name, c.got.body)
			}
		}

		for who, stream := range map[string]struct {
			l    *eventStream
			want string
		}{"a member": {l, by.inside}, "a visitor": {visitor, by.other}} {
			if e, ok := stream.l.nextEvent("transcript.segment"); !ok || e.data.Segment == nil || e.data.Segment.origin() != stream.want {
				t.Errorf("the event of %s: %+v", who, e.data.Segment)
			}
		}
	}
}
