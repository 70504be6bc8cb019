package search_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest/fakemeili"
	"tidings.example/tidings/tidings"
)

// askMeili sends a search past the engine, with a token and a filter of one's
// own.
func askMeili(t *testing.T, s *fakemeili.Server, token, filter string) (status int, clips []string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"federation": map[string]any{"limit": 100}, "queries": []any{
		map[string]any{"indexUid": "clips", "q": "", "matchingStrategy": "all", "filter": filter, "federationOptions": map[string]any{"weight": 1}}}})
	if err != nil {
		t.Fatal(err)
	}

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/multi-search", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}

	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()

	var answer struct {
		Hits []struct {
			ClipID string `json:"clip_id"`
		}
	}

	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode == http.StatusOK && json.Unmarshal(text, &answer) != nil {
		t.Fatalf("%v: %s", err, text)
	}

	for _, h := range answer.Hits {
		clips = append(clips, h.ClipID)
	}

	return res.StatusCode, clips
}

// TestMeilisearchToken: the rights are in the token of each search, for a
// minute. A client with the token finds only what it allows, whatever the
// query.
func TestMeilisearchToken(t *testing.T) {
	s := fakemeili.New(t)
	e := openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey})
	mine, private, other := newDocument(1, "kubernetes"), newDocument(2, "kubernetes"), newDocument(3, "kubernetes")
	private.ACL = []string{"u:somebody"}
	other.WorkspaceID = "elsewhere"
	putAll(t, e, mine, private, other)
	if n := countFound(t, e, "kubernetes"); n != 1 {
		t.Fatalf("%d hits", n)
	}

	token := s.Searches()[len(s.Searches())-1]
	parts := strings.Split(token, ".")
	if len(parts) != 3 || token == fakemeili.MasterKey {
		t.Fatalf("a search with %d parts of a token", len(parts))
	}

	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}

	var c struct {
		Exp         int64
		SearchRules map[string]struct{ Filter string }
	}
	if err := json.Unmarshal(claims, &c); err != nil {
		t.Fatal(err)
	}

	if left := time.Until(time.Unix(c.Exp, 0)); left <= 0 || left > time.Minute {
		t.Errorf("the token lives for %s", left)
	}

	for _, index := range []string{"clips", "comments"} {
		if f := c.SearchRules[index].Filter; !strings.Contains(f, `ws = "ws"`) || !strings.Contains(f, "acl IN") {
			t.Errorf("the rule for %s is %q", index, f)
		}
	}

	for _, filter := range []string{"version > 0", `ws = "elsewhere" OR version > 0`, `NOT acl = "x"`} {
		if status, clips := askMeili(t, s, token, filter); status != http.StatusOK || len(clips) != 1 || clips[0] != string(mine.ClipID) {
			t.Errorf("filter %q with the token: %d %v", filter, status, clips)
		}
	}

	wider := bytes.Replace(claims, []byte(`ws = \"ws\"`), []byte(`ws = \"elsewhere\"`), 1)
	if bytes.Equal(wider, claims) {
		t.Fatalf("no filter to widen in %s", claims)
	}

	forged := parts[0] + "." + base64.RawURLEncoding.EncodeToString(wider) + "." + parts[2]
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	for _, bad := range []string{forged, unsigned, token + "x", ""} {
		if status, clips := askMeili(t, s, bad, "version > 0"); status == http.StatusOK {
			t.Errorf("token %q finds %v", bad, clips)
		}
	}
}

// TestMeilisearchDocuments: texts are stored analyzed, rights so that no filter
// can take one for another.
func TestMeilisearchDocuments(t *testing.T) {
	s := fakemeili.New(t)
	e := openMeilisearch(t, search.MeilisearchConfig{URL: s.URL, Key: fakemeili.MasterKey})
	d := newDocument(1, "Kubernetes, Straße: 会議!")
	d.ACL = []string{"u:01K3T9V5N2M8Q4R6S7W0X1Y2Z3", `u:" OR ws != "x`, "U:loud"}
	d.Comments = []tidings.Comment{{ID: "c1", Body: "see the chart."}, {ID: "c2", Body: "?!"}}
	putAll(t, e, d)
	clip, comment := s.Documents("clips")[string(d.ClipID)+"_0"], s.Documents("comments")[string(d.ClipID)+"-c1"]
	if clip["title"] != "kubernetes strasse 会 議" || comment["body"] != "see the chart" || clip["comments"] != "see the chart" {
		t.Errorf("texts are %v, %v, %v", clip["title"], comment["body"], clip["comments"])
	}

	if len(s.Documents("comments")) != 1 {
		t.Error("a comment without a word is stored")
	}

	acl := clip["acl"].([]any)
	if acl[0] != d.ACL[0] || strings.ContainsAny(acl[1].(string)+acl[2].(string), `"' ABCDEFGHIJKLMNOPQRSTUVWXYZ:`) {
		t.Errorf("rights are stored as %v", acl)
	}
}
