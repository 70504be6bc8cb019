package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/search/searchtest/fakemeili"
)

// TestSearchInput sends hostile queries to both engines over HTTP: each gets a
// clear answer, none an internal error, and no answer reveals what its caller may
// not find.
func TestSearchInput(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) { searchInput(t) })
	t.Run("meilisearch", func(t *testing.T) {
		searchInput(t, "--search", "meilisearch", "--meili-url", fakemeili.New(t).URL, "--meili-key", fakemeili.MasterKey)
	})
}

// inputCase is a query with the titles it finds, or the field that is refused.
type inputCase struct {
	name, ask string
	status    int
	found     []string
	field     string
}

func searchInput(t *testing.T, flags ...string) {
	s := startServer(t, t.TempDir(), append([]string{"--roles", "api,index"}, flags...)...).signIn()
	defer s.stop()

	made := map[string]string{}
	for _, title := range []string{"harbour harbour AND rope", "harbour NEAR tide", "rope OR 1=1 --"} {
		var c struct{ ID string }
		s.callAPI(http.MethodPost, "/api/v1/clips", map[string]any{"workspace_id": s.ws, "kind": "voice", "title": title}, &c)
		made[title] = c.ID
	}

	var channel struct{ ID string }
	s.callAPI(http.MethodPost, "/api/v1/workspaces/"+s.ws+"/channels", map[string]any{"name": "ops"}, &channel)
	s.callAPI(http.MethodDelete, "/api/v1/channels/"+channel.ID, nil, nil)
	s.awaitSettled()
	var first struct {
		Cursor string `json:"next_cursor"`
	}
	s.callAPI(http.MethodGet, "/api/v1/search?limit=1&workspace="+s.ws+"&q=harbour", nil, &first)
	if first.Cursor == "" {
		t.Fatal("a list of two has no second page")
	}

	for _, a := range searchInputs(s.ws, channel.ID, first.Cursor) {
		t.Run(a.name, func(t *testing.T) { s.checkAnswer(t, a) })
	}

	s.checkNoLeak(t)
}

// searchInputs are the bad inputs of the list that search has to stand.
func searchInputs(ws, deleted, cursor string) []inputCase {
	q := func(text string) string { return "workspace=" + ws + "&q=" + url.QueryEscape(text) }
	both := []string{"harbour NEAR tide", "harbour harbour AND rope"}
	all := append(slices.Clone(both), "rope OR 1=1 --")
	ropes := []string{"harbour harbour AND rope", "rope OR 1=1 --"}
	return []inputCase{
		{"empty", q(""), 200, all, ""},
		{"blank", q(" \t "), 200, all, ""},
		{"no letter", q("!!! --- ((("), 200, nil, ""},
		{"a thousand words", q(strings.Repeat("harbour ", 1000)), 400, nil, "q"},
		{"as many words as fit", q(strings.Repeat("a ", 249)), 200, nil, ""},
		{"one word of the full length", q(strings.Repeat("a", 500)), 200, nil, ""},
		{"100 kB", q(strings.Repeat("harbour", 14_300)), 431, nil, ""},
		{"NUL", q("harbour\x00"), 400, nil, "q"},
		{"NUL within a word", q("har\x00bour "), 400, nil, "q"},
		{"no UTF-8", "workspace=" + ws + "&q=%ff%fe", 400, nil, "q"},
		{"an unmatched quote", q(`"harbour`), 200, both, ""},
		{"an unmatched quote at the end", q(`harbour"`), 200, both, ""},
		{"an unmatched quote of a filter", q(`harbour from:"ana`), 200, both, ""},
		{"a filter nobody is meant by", q(`harbour from:"`), 200, nil, ""},
		{"FTS5: AND", q("harbour AND rope "), 200, []string{"harbour harbour AND rope"}, ""},
		{"FTS5: OR", q("rope OR harbour "), 200, nil, ""},
		{"FTS5: NEAR", q("NEAR(harbour tide, 5) "), 200, nil, ""},
		{"FTS5: a column", q("title:harbour"), 200, nil, ""},
		{"FTS5: columns and ^", q("{title} : ^harbour "), 200, nil, ""},
		{"FTS5: *", q("* rope *"), 200, ropes, ""},
		{"FTS5: another workspace's word", q("\ue000" + ws), 200, nil, ""},
		{"SQL", q("rope' OR 1=1 -- "), 200, []string{"rope OR 1=1 --"}, ""},
		{"a Meilisearch filter", q(`ws = "x" OR acl EXISTS `), 200, nil, ""},
		{"a Meilisearch filter as a tag", "workspace=" + ws + "&tag=" + url.QueryEscape(`x" OR ws EXISTS OR tags = "`), 200, nil, ""},
		{"a Meilisearch filter as an author", "workspace=" + ws + "&author=" + url.QueryEscape(`x" OR ws EXISTS OR author_id = "`), 200, nil, ""},
		{"a filter that means nothing", q("kind:film"), 400, nil, "q"},
		{"a forged workspace", "q=harbour&workspace=01ARYZ6S41TSV4RRFFQ69G5FAV", 404, nil, ""},
		{"a workspace that is none", "q=harbour&workspace=" + url.QueryEscape(`" OR ws EXISTS`), 404, nil, ""},
		{"two workspaces", q("harbour") + "&workspace=01ARYZ6S41TSV4RRFFQ69G5FAV", 400, nil, "workspace"},
		{"a cursor of another query", q("rope") + "&limit=1&cursor=" + cursor, 400, nil, "cursor"},
		{"a cursor of another order", q("harbour") + "&sort=newest&limit=1&cursor=" + cursor, 400, nil, "cursor"},
		{"a cursor that is none", q("harbour") + "&cursor=" + url.QueryEscape("' OR 1=1"), 400, nil, "cursor"},
		{"a deleted channel", q("harbour") + "&channel=" + deleted, 200, nil, ""},
		{"a deleted channel by name", q("harbour in:#ops"), 400, nil, "q"},
		{"a channel that is none", q("harbour") + "&channel=" + url.QueryEscape(`" OR ws EXISTS`), 200, nil, ""},
		{"no such page size", q("harbour") + "&limit=100000", 400, nil, "limit"},
	}
}

// checkAnswer sends the query and checks the answer.
func (s *testServer) checkAnswer(t *testing.T, a inputCase) {
	res, b := s.request(http.MethodGet, "/api/v1/search?"+a.ask, nil, nil)
	if res.StatusCode != a.status {
		t.Fatalf("%s: %s", res.Status, b)
	}
	if a.status == http.StatusOK {
		var got struct {
			Items []struct{ Clip struct{ Title string } }
		}
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}

		titles := []string(nil)
		for _, i := range got.Items {
			titles = append(titles, i.Clip.Title)
		}

		slices.Sort(titles)
		if !slices.Equal(titles, a.found) {
			t.Errorf("found are %q, want %q", titles, a.found)
		}

		return
	}
	if a.status == http.StatusRequestHeaderFieldsTooLarge { // net/http refuses it before anything of ours sees it
		return
	}

	var p struct {
		Detail string
		Fields map[string]string
	}
	if err := json.Unmarshal(b, &p); err != nil || p.Detail == "" || a.field != "" && p.Fields[a.field] == "" {
		t.Errorf("%v: %s", err, b)
	}
}

// checkNoLeak compares the answer to a word that occurs only in a clip the caller
// may not see with that to a word that occurs nowhere: they are equal byte for
// byte, except for the word and the time. No answer has totals or scores.
func (s *testServer) checkNoLeak(t *testing.T) {
	t.Helper()
	if out, err := runCommand(t, "user", "create", "--data", s.data, "--email", otherEmail, "--name", "Ben", "--workspace", s.ws); err != nil {
		t.Fatalf("user create: %v %s", err, out)
	}

	token, err := runCommand(t, "token", "create", "--user", otherEmail, "--scope", "write", "--data", s.data)
	if err != nil {
		t.Fatal(err)
	}

	ben := *s
	ben.token = strings.TrimSpace(token)
	for i := range 3 {
		ben.callAPI(http.MethodPost, "/api/v1/clips", map[string]any{"workspace_id": s.ws, "kind": "voice", "title": fmt.Sprint("acquisition ", i), "visibility": "private"}, nil)
	}

	s.awaitSettled()

	if _, _, clips := ben.searchClips("acquisition"); len(clips) != 3 {
		t.Fatalf("Ben finds %v", clips)
	}

	took := regexp.MustCompile(`"took_ms":\d+`)
	for _, how := range []string{"", "&limit=1", "&sort=newest", "&in=titles"} {
		var bodies []string
		for _, word := range []string{"acquisition", "acquisitoin", "prestidigitation"} { // a word of his clips, with a typo, and one of no clip
			res, b := s.request(http.MethodGet, "/api/v1/search?workspace="+s.ws+"&q="+word+how, nil, nil)
			if res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s", res.Status, b)
			}
			bodies = append(bodies, took.ReplaceAllString(string(b), ""))
		}

		if bodies[0] != bodies[2] || bodies[1] != bodies[2] {
			t.Errorf("%q tells of what is hidden: %q", how, bodies)
		}
	}

	var open struct {
		Items []map[string]any
	}
	s.callAPI(http.MethodGet, "/api/v1/search?workspace="+s.ws+"&q=harbour", nil, &open)
	for _, item := range open.Items {
		for field := range item {
			if !slices.Contains([]string{"clip", "moments", "match", "score_order"}, field) {
				t.Errorf("an answer has %q", field)
			}
		}
	}
}

// TestSearchOfAWrongMeilisearch: another version or another key is reported in the
// answer, without the key.
func TestSearchOfAWrongMeilisearch(t *testing.T) {
	t.Parallel()
	const wrong = "not the key of this server"
	for _, c := range []struct{ name, version, key, says string }{
		{"too old", "1.10.2", fakemeili.MasterKey, "too old"},
		{"the next major version", "2.0.0", fakemeili.MasterKey, ""},
		{"a wrong key", "1.50.0", wrong, "does not accept"},
	} {
		meili := fakemeili.New(t)
		meili.SetVersion(c.version)
		s := startServer(t, t.TempDir(), "--roles", "api,index", "--search", "meilisearch", "--meili-url", meili.URL, "--meili-key", c.key).signIn()
		res, b := s.request(http.MethodGet, "/api/v1/search?q=harbour", nil, nil)
		var p struct{ Code, Detail string }
		if err := json.Unmarshal(b, &p); err != nil || res.StatusCode != http.StatusServiceUnavailable || p.Code != "unavailable" || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s: %s %s", c.name, res.Status, b)
		}

		if text := string(b) + s.log.String(); strings.Contains(text, c.key) || strings.Contains(string(b), meili.URL) {
			t.Errorf("%s: the answer or the log tells too much: %s", c.name, text)
		}

		s.stop()
	}
}
