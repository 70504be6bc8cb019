package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// TestGuestsSeeOnlyWhoSpeaks reads every route as a visitor by a link and as a
// guest of the workspace: no email address, and no name of a member who has not
// said anything on their clip.
func TestGuestsSeeOnlyWhoSpeaks(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Web, d.Models = webFiles(), &fakeModels{} })
	author, speaker, silent := w.addPerson("Author", tidings.RoleMember), w.addPerson("Speaker", tidings.RoleMember), w.addPerson("Silent", tidings.RoleMember)
	gus := w.addPerson("gus", tidings.RoleGuest)
	th := w.newClipFixture(author, "")
	for _, c := range []*client{gus, speaker, silent} {
		author.do("PUT", channelsPath+string(th.channel)+"/members/"+string(c.user), nil).is(http.StatusOK, "")
	}
	author.do("PATCH", "/api/v1/clips/"+string(th.clip), map[string]any{"visibility": "channel", "channel_id": th.channel}).is(http.StatusOK, "")
	speaker.addComment(th.clip)
	link := author.createLink(th.clip, "allow_comments", true)

	mia, read := w.newGuest(link, "Mia"), 0
	for _, r := range w.routes {
		if r.Method != http.MethodGet || strings.HasSuffix(r.Path, "/events") {
			continue
		}
		for who, c := range map[string]*client{"?share=" + link.Token: mia, "?workspace=" + string(w.ws) + "&q=x": gus} {
			for _, id := range []tidings.ID{th.clip, th.channel, th.comment} {
				path := strings.NewReplacer(":id", string(id), ":ws", string(w.ws), ":token", link.Token, ":rendition/:file", "v360/index.m3u8", ":file", "poster.jpg").Replace(r.Path)
				a := c.get(path + who)
				body := strings.ReplaceAll(string(a.body), "gus-"+strings.ToLower(string(gus.user))+"@example.org", "")
				if strings.Contains(body, "Silent") || strings.Contains(body, "@example.org") {
					t.Errorf("%s%s: %s", path, who, body)
				}
				if a.StatusCode == http.StatusOK {
					read++
				}
			}
		}
	}
	if read < 50 {
		t.Errorf("only %d answers", read)
	}

	people := string(gus.get("/api/v1/clips/"+string(th.clip)+"/people").is(http.StatusOK, "").body)
	if !strings.Contains(people, "Author") || !strings.Contains(people, "Speaker") {
		t.Errorf("who speaks on the clip is missing: %s", people)
	}
	if all := string(speaker.get("/api/v1/workspaces/" + string(w.ws) + "/members").body); !strings.Contains(all, "Silent") {
		t.Errorf("a member sees %s", all)
	}
}

// TestGuestsSearchWhoSpeaks: to a guest's search there are only people who speak
// on what the guest may see, without email addresses, and only channels that the
// guest sees. All others are refused like names that do not exist.
func TestGuestsSearchWhoSpeaks(t *testing.T) {
	w := newTestServer(t)
	author, speaker, silent := w.addPerson("Author", tidings.RoleMember), w.addPerson("Speaker", tidings.RoleMember), w.addPerson("Silent", tidings.RoleMember)
	gus := w.addPerson("Gus", tidings.RoleGuest)
	th := w.newClipFixture(author, "")
	for _, c := range []*client{gus, speaker, silent} {
		author.do("PUT", channelsPath+string(th.channel)+"/members/"+string(c.user), nil).is(http.StatusOK, "")
	}
	author.do("PATCH", "/api/v1/clips/"+string(th.clip), map[string]any{"visibility": "channel", "channel_id": th.channel}).is(http.StatusOK, "")
	speaker.addComment(th.clip)

	// Silent speaks where the guest sees nothing, and in a comment that is hidden.
	elsewhere := w.newClipFixture(silent, "")
	silent.addComment(elsewhere.clip)
	hidden := silent.addComment(th.clip).ID
	author.do("POST", "/api/v1/comments/"+string(hidden)+"/hide", nil).is(http.StatusOK, "")

	search := func(c *client, q string) *response {
		return c.get("/api/v1/search?" + url.Values{"workspace": {string(w.ws)}, "q": {q}}.Encode())
	}
	email := func(c *client, name string) string {
		return name + "-" + strings.ToLower(string(c.user)) + "@example.org"
	}
	for _, name := range []string{"Author", "Speaker", "gus", "me", string(author.user), email(gus, "gus")} {
		search(gus, "from:"+name).is(http.StatusOK, "")
	}
	for _, name := range []string{"Silent", "sil", string(silent.user), email(silent, "silent"), email(author, "author"), email(speaker, "speaker")} {
		search(speaker, "from:"+name).is(http.StatusOK, "")
		a := search(gus, "from:"+name).is(http.StatusBadRequest, "invalid")
		if got := a.decodeProblem().Fields["q"]; !strings.HasPrefix(got, "Nobody here is called ") {
			t.Errorf("from:%s: %s", name, got)
		}
	}

	secret := decodeJSON[channelJSON](silent.do("POST", "/api/v1/workspaces/"+string(w.ws)+"/channels", map[string]any{"name": "secret", "kind": "private"}).is(http.StatusCreated, ""))
	search(silent, "in:#secret").is(http.StatusOK, "")
	a := search(gus, "in:#secret").is(http.StatusBadRequest, "invalid")
	if got := a.decodeProblem().Fields["q"]; got != `There is no channel "#secret".` {
		t.Error(got)
	}
	for _, filter := range []string{"channel=" + string(secret.ID), "channel=none", "author=" + string(silent.user), "author=none", "tag=none"} {
		a := gus.get("/api/v1/search?q=x&workspace="+string(w.ws)+"&"+filter).is(http.StatusOK, "")
		if got := decodeJSON[struct{ Items []any }](a); len(got.Items) != 0 {
			t.Errorf("%s: %v", filter, got.Items)
		}
	}
}
