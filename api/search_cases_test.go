package api_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"tidings.example/tidings/tidings"
)

// searchCases is a file of search/testdata/cases about names or dates.
type searchCases struct {
	People   []string
	Channel  string
	TimeZone string `json:"me.time_zone"`
	Created  string `json:"clip created_at"`
	Now      string // "" = the present
	Queries  []struct{ Q, Mention, Right string }
}

// caseKind is what the queries of a file of cases are about.
type caseKind string

const (
	nameCases caseKind = "names"
	dateCases caseKind = "dates"
	wordCases caseKind = "words" // those are of search/searchtest
)

// kindOfCases recognises a file of cases by its fields.
func kindOfCases(text []byte) (caseKind, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return "", err
	}

	for field, kind := range map[string]caseKind{"people": nameCases, "channel": nameCases, "me.time_zone": dateCases, "docs": wordCases} {
		if _, ok := fields[field]; ok {
			return kind, nil
		}
	}
	return "", errors.New("cases of no known kind")
}

// TestSearchCases runs the files of search/testdata/cases about names and dates,
// and those of the folder search in the one that TIDINGS_TEST_CASES names.
func TestSearchCases(t *testing.T) {
	files := map[caseKind]int{}
	for _, file := range caseFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind, err := kindOfCases(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}

		files[kind]++
		if kind != wordCases {
			t.Run(filepath.Base(file), func(t *testing.T) { testSearchCases(t, kind, text) })
		}
	}
	if files[nameCases] < 2 || files[dateCases] < 10 { // so many are in the repository
		t.Errorf("files of cases: %v", files)
	}
}

func testSearchCases(t *testing.T, kind caseKind, text []byte) {
	var cases searchCases
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases.Queries) == 0 {
		t.Fatal("no queries")
	}

	if kind == nameCases {
		testNameCases(t, cases)
	} else {
		testDateCases(t, cases)
	}
}

// caseFiles are the files with search cases.
func caseFiles(t *testing.T) (files []string) {
	t.Helper()
	dirs := []string{filepath.Join(testDir, "../search/testdata/cases")}
	if more := os.Getenv("TIDINGS_TEST_CASES"); more != "" {
		dirs = append(dirs, filepath.Join(more, "search"))
	}

	for _, dir := range dirs {
		more, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(more) == 0 {
			t.Fatalf("no cases in %s: %v", dir, err)
		}
		files = append(files, more...)
	}
	return files
}

// testNameCases checks which person or channel each name means.
func testNameCases(t *testing.T, cases searchCases) {
	w := newTestServer(t)
	ids := map[string]tidings.ID{}
	for i, name := range cases.People {
		c := w.addPerson("person"+string(rune('a'+i)), tidings.RoleMember)
		c.do("PATCH", "/api/v1/me", map[string]any{"name": name}).is(200, "")
		ids[name] = c.user
	}
	if cases.Channel != "" {
		ch := decodeJSON[channelJSON](w.ana.do("POST", "/api/v1/workspaces/"+string(w.ws)+"/channels", map[string]any{"name": cases.Channel}).is(201, ""))
		ids[cases.Channel] = ch.ID
	}

	clip := w.ana.createClip("visibility", "workspace").ID
	for _, c := range cases.Queries {
		name := namedIn(c.Right, ids)
		if c.Mention != "" {
			q := strings.TrimPrefix(c.Mention, "@")
			if plain, ok := strings.CutSuffix(q, " in NFD"); ok {
				q = norm.NFD.String(plain)
			}
			got := w.ana.get("/api/v1/clips/"+string(clip)+"/people?q="+url.QueryEscape(q)).is(200, "").body
			if !strings.Contains(string(got), string(ids[name])) || name == "" {
				t.Errorf("the mention %q offers %s, want %s", c.Mention, got, c.Right)
			}
			continue
		}

		w.search.lastQuery = tidings.Query{}
		w.ana.get("/api/v1/search?q="+url.QueryEscape(c.Q)).is(200, "")
		if got := w.search.lastQuery; name == "" || got.AuthorID != ids[name] && got.ChannelID != ids[name] {
			t.Errorf("%s finds the author %q or channel %q, want %s", c.Q, got.AuthorID, got.ChannelID, c.Right)
		}
	}
}

// namedIn is the longest name that a sentence has, or the first word of one.
func namedIn(sentence string, ids map[string]tidings.ID) (found string) {
	for name := range ids {
		if strings.Contains(sentence, name) && len(name) > len(found) {
			found = name
		}
	}
	if found != "" {
		return found
	}

	for name := range ids {
		if first, _, _ := strings.Cut(name, " "); strings.Contains(sentence, first) {
			return name
		}
	}

	return ""
}

// testDateCases checks whether the period of each query contains the clip.
func testDateCases(t *testing.T, cases searchCases) {
	w := newTestServer(t)
	w.ana.do("PATCH", "/api/v1/me", map[string]any{"time_zone": cases.TimeZone}).is(200, "")
	first, _, _ := strings.Cut(cases.Created, " ")
	created, err := time.Parse("2006-01-02T15:04Z07:00", first)
	if err != nil {
		t.Fatal(err)
	}

	if cases.Now != "" {
		now, err := time.Parse("2006-01-02T15:04Z07:00", cases.Now)
		w.ok(err)
		w.clock.Advance(now.Sub(w.clock.Now()))
	}

	for _, c := range cases.Queries {
		w.search.lastQuery = tidings.Query{}
		w.ana.get("/api/v1/search?q="+url.QueryEscape(c.Q)).is(200, "")
		q := w.search.lastQuery
		found := (q.From == nil || !created.Before(*q.From)) && (q.To == nil || created.Before(*q.To))
		if found != (c.Right == "found") {
			t.Errorf("%s looks between %v and %v, want the clip of %v %s", c.Q, q.From, q.To, created, c.Right)
		}
	}
}
