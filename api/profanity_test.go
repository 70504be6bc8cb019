package api_test

import (
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// TestMaskProfanity: a workspace that masks profane words does so wherever a
// reader meets what was said; what is stored stays, and those who may edit read
// it, too.
func TestMaskProfanity(t *testing.T) {
	w := newTestServer(t)
	author, member, gus := w.addPerson("Author", tidings.RoleMember), w.addPerson("Member", tidings.RoleMember), w.addPerson("Gus", tidings.RoleGuest)
	th := w.newClipFixture(author, "")
	clip, ws := "/api/v1/clips/"+string(th.clip), "/api/v1/workspaces/"+string(w.ws)
	for _, c := range []*client{gus, member} {
		author.do("PUT", channelsPath+string(th.channel)+"/members/"+string(c.user), nil).is(http.StatusOK, "")
	}
	author.do("PATCH", clip, map[string]any{"visibility": "channel", "channel_id": th.channel}).is(http.StatusOK, "")
	author.do("PATCH", clip+"/transcript/segments/"+string(th.segment), map[string]any{"text": "So much shit on Monday in Scunthorpe"}).is(http.StatusOK, "")
	link, part := author.createLink(th.clip), author.createLink(th.clip, "start_ms", 0, "end_ms", 5000)

	for _, c := range []*client{member, gus} {
		c.do("PATCH", ws, map[string]any{"mask_profanity": true}).is(http.StatusForbidden, "forbidden")
	}
	if off := decodeJSON[struct {
		On *bool `json:"mask_profanity"`
	}](member.get(ws).is(http.StatusOK, "")); off.On == nil || *off.On {
		t.Error("it is not off at first")
	}

	stranger := w.anonymousClient()
	answers := func() map[string]*response {
		out := map[string]*response{}
		for _, file := range []string{"/transcript", "/media/captions.vtt", "/media/captions.srt", "/media/captions.txt", "/media/captions.json"} {
			out["member"+file], out["guest"+file] = member.get(clip+file), gus.get(clip+file)
			out["visitor"+file], out["visitor of a part"+file] = stranger.get(clip+file+"?share="+link.Token), stranger.get(clip+file+"?share="+part.Token)
		}
		return out
	}
	for at, a := range answers() {
		if body := string(a.is(http.StatusOK, "").body); !strings.Contains(body, "shit") || strings.Contains(body, "s***") {
			t.Errorf("unmasked, %s: %s", at, body)
		}
	}

	open, public := member.openEvents("?clip="+string(th.clip)), stranger.openEvents("?clip="+string(th.clip)+"&share="+link.Token)
	if on := decodeJSON[struct {
		On bool `json:"mask_profanity"`
	}](w.ana.do("PATCH", ws, map[string]any{"mask_profanity": true}).is(http.StatusOK, "")); !on.On {
		t.Error("it is not on")
	}
	if _, ok := open.nextEvent("resync"); !ok {
		t.Error("open pages do not load again")
	}

	for at, a := range answers() {
		if body := string(a.is(http.StatusOK, "").body); strings.Contains(body, "shit") || !strings.Contains(body, "s***") || !strings.Contains(body, "Scunthorpe") {
			t.Errorf("%s: %s", at, body)
		}
	}

	author.do("PATCH", clip+"/transcript/segments/"+string(th.segment), map[string]any{"text": "So much fucking shit"}).is(http.StatusOK, "")
	for name, l := range map[string]*eventStream{"a member": open, "a visitor": public} {
		if e, ok := l.nextEvent("transcript.segment"); !ok || e.data.Segment.Text != "So much f****** s***" {
			t.Errorf("the event of %s: %+v", name, e.data.Segment)
		}
	}

	expectTrueWords(t, author, clip)
	entries := string(w.ana.get(ws+"/audit?action=workspace.changed").is(http.StatusOK, "").body)
	if !strings.Contains(entries, `"mask_profanity":"true"`) {
		t.Errorf("the audit log has %s", entries)
	}

	w.ana.do("PATCH", ws, map[string]any{"mask_profanity": false}).is(http.StatusOK, "")
	if body := string(gus.get(clip + "/transcript").body); !strings.Contains(body, "fucking shit") {
		t.Errorf("switched off: %s", body)
	}
	if body := string(author.get(clip + "/media/captions.vtt?masked=true").body); !strings.Contains(body, "fucking shit") {
		t.Errorf("switched off, the author's player shows %s", body)
	}
}

// expectTrueWords: the author reads, corrects and downloads the true words, and
// is told how others read them; captions that are shown to the author are masked.
func expectTrueWords(t *testing.T, author *client, clip string) {
	t.Helper()
	got := decodeJSON[struct {
		Segments []struct {
			Text   string
			Masked string `json:"masked_text"`
			Words  []struct{ Text, Masked string }
		}
	}](author.get(clip+"/transcript").is(http.StatusOK, "")).Segments[0]
	if got.Text != "So much fucking shit" || got.Masked != "So much f****** s***" || got.Words[2].Text != "fucking" || got.Words[2].Masked != "f******" || got.Words[0].Masked != "" {
		t.Errorf("the author reads %+v", got)
	}
	if file := string(author.get(clip + "/media/captions.srt").body); !strings.Contains(file, "So much fucking shit") {
		t.Errorf("the author downloads %s", file)
	}
	if shown := string(author.get(clip+"/media/captions.vtt?masked=true").is(http.StatusOK, "").body); !strings.Contains(shown, "So much f****** s***") {
		t.Errorf("the author's player shows %s", shown)
	}
	if file := string(author.get(clip+"/media/captions.vtt?masked=false").is(http.StatusOK, "").body); !strings.Contains(file, "So much fucking shit") {
		t.Errorf("the author downloads %s", file)
	}
	author.get(clip+"/media/captions.vtt?masked=maybe").is(http.StatusBadRequest, "invalid")
}

// TestMaskProfanityInSearch: the words that are searched are the true ones; what
// is shown of what was said is masked, for everybody, and comments are not.
func TestMaskProfanityInSearch(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		d.Moments = search.NewFinder(d.Stores.Searches.(search.Transcripts), 1<<20).Moments
	})
	clip := w.ana.recordClip(20)
	seg := w.transcribeClip(clip.ID)
	path := "/api/v1/clips/" + string(clip.ID)
	w.ana.do("PATCH", path+"/transcript/segments/"+string(seg.ID), map[string]any{"text": "So much shit on Monday"}).is(http.StatusOK, "")
	w.ana.do("PATCH", path, map[string]any{"title": "Holy shit"}).is(http.StatusOK, "")
	w.search.clips = []tidings.ID{clip.ID}

	snippets := func(q string) map[string]string {
		t.Helper()
		a := w.ana.get("/api/v1/search?workspace="+string(w.ws)+"&q="+q).is(http.StatusOK, "")
		out := map[string]string{}
		for _, item := range decodeJSON[struct {
			Items []struct {
				Moments []struct {
					Source  string
					Snippet string `json:"snippet_html"`
				}
			}
		}](a).Items {
			for _, m := range item.Moments {
				out[m.Source] = m.Snippet
			}
		}
		return out
	}

	if got := snippets("monday")["transcript"]; got != "So much shit on <mark>Monday</mark>" {
		t.Fatal(got)
	}
	w.ana.do("PATCH", "/api/v1/workspaces/"+string(w.ws), map[string]any{"mask_profanity": true}).is(http.StatusOK, "")
	if got := snippets("monday")["transcript"]; got != "So much s*** on <mark>Monday</mark>" {
		t.Error(got)
	}
	if got := snippets("shit"); got["transcript"] != "So much <mark>s***</mark> on Monday" || got["title"] != "Holy <mark>shit</mark>" {
		t.Errorf("%+v", got)
	}
}
