package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// readNaughtyStrings reads the Big List of Naughty Strings: texts that often
// break programs (third_party/naughty; MIT).
func readNaughtyStrings(t testing.TB) (list []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testDir, "../third_party/naughty/blns.json"))
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil || len(list) < 500 {
		t.Fatalf("%d strings, %v", len(list), err)
	}
	return list
}

// textField is a field of the API that accepts free text.
type textField struct {
	name        string
	maxRunes    int                      // characters
	allowsBlank bool                     // accepts empty and blank texts
	normalize   func(text string) string // what is stored; nil = every byte
	write       func(text string) *response
	read        func(a *response) string // the field in a response to write or get
	get         func() *response
	rejects     func(text string) bool // a further rule that refuses the text
}

// expectStored is what the field should store of a text, and whether it should
// accept it at all.
func (d textField) expectStored(text string) (string, bool) {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }) || utf8.RuneCountInString(text) > d.maxRunes {
		return "", false
	}
	out := text
	if d.normalize != nil {
		out = d.normalize(text)
	}
	return out, (d.allowsBlank || strings.TrimSpace(out) != "") && (d.rejects == nil || !d.rejects(text))
}

// TestBigListOfNaughtyStrings sends every string through every textField: it is
// stored byte for byte (after the field's own normalization), or refused with a
// problem and nothing changes.
func TestBigListOfNaughtyStrings(t *testing.T) {
	w := newTestServer(t)
	list := readNaughtyStrings(t)
	for _, d := range w.textFields() {
		t.Run(d.name, func(t *testing.T) {
			stored := d.read(d.get())
			for _, text := range list {
				want, accepted := d.expectStored(text)
				a := d.write(text)
				if !accepted {
					if a.is(http.StatusBadRequest, "invalid"); d.read(d.get()) != stored {
						t.Fatalf("%+q was refused, and changed it", text)
					}
					continue
				}
				if a.StatusCode >= 300 {
					t.Fatalf("%+q: %d %s", text, a.StatusCode, a.body)
				}

				if stored = d.read(a); stored != want {
					t.Errorf("%+q came back as %+q", want, stored)
				}
			}

			if got := d.read(d.get()); got != stored {
				t.Errorf("%+q was answered, %+q is there", stored, got)
			}
		})
	}
}

// jsonField reads a value from a JSON response by the names that lead to it.
func jsonField(names ...string) func(a *response) string {
	return func(a *response) string {
		a.Helper()
		at := decodeJSON[any](a)
		for _, name := range names {
			switch v := at.(type) {
			case map[string]any:
				at = v[name]
			case []any:
				if at = nil; len(v) > 0 {
					at = v[0]
				}
			}
		}

		text, _ := at.(string)
		return text
	}
}

// textFields are the text fields of resources in Ana's workspace.
func (w *testServer) textFields() []textField {
	k := newTranscriptClient(w, w.ana)
	clip := strings.TrimSuffix(k.path, "/transcript")
	ws := "/api/v1/workspaces/" + string(w.ws)
	channel := channelsPath + string(w.ana.createChannel("open").ID)
	comments := clip + "/comments"
	one := commentPath(w.ana.addComment(tidings.ID(strings.TrimPrefix(clip, "/api/v1/clips/"))).ID, "")
	segment := k.segmentPath(0, "")

	// patch is a field whose PATCH returns the resource that GET at returns.
	patch := func(name, path, at string, limit int, read ...string) textField {
		last := read[len(read)-1]
		return textField{name: name, maxRunes: limit, read: func(a *response) string {
			if strings.HasPrefix(a.label, "PATCH") {
				return jsonField(last, "0")(a)
			}
			return jsonField(append(read, "0")...)(a)
		}, write: func(text string) *response { return w.ana.do("PATCH", path, map[string]any{last: text}) }, get: func() *response { return w.ana.get(at) }}
	}
	title := patch("title", clip, clip, tidings.MaxTitle, "title")
	description := patch("description", clip, clip, tidings.MaxDescription, "description")
	description.allowsBlank = true
	tag := patch("tag", clip, clip, tidings.MaxTag, "tags")
	tag.normalize = strings.TrimSpace
	tag.write = func(text string) *response {
		return w.ana.do("PATCH", clip, map[string]any{"tags": []string{text}})
	}

	name := patch("name", "/api/v1/me", "/api/v1/me", 100, "name")
	name.read = func(a *response) string { return jsonField("user", "name")(a) }
	workspace := patch("workspace", ws, ws, 100, "name")
	inChannel := patch("channel", channel, channel, tidings.MaxChannelName, "name")
	inChannel.rejects = func(text string) bool { return strings.ContainsAny(inChannel.normalize(text), "\r\n\t\"") }
	topic := patch("topic", channel, channel, tidings.MaxTopic, "topic")
	topic.allowsBlank = true
	name.normalize, workspace.normalize, topic.normalize = strings.TrimSpace, strings.TrimSpace, strings.TrimSpace
	inChannel.normalize = func(text string) string {
		return strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(text), "#"))
	}

	edited := patch("comment edited", one, comments+"?limit=1", tidings.MaxComment, "items", "0", "body")
	words := patch("transcript", segment, k.path, 10_000, "segments", "0", "text")
	speaker := patch("speaker", segment, k.path, 100, "segments", "0", "speaker")
	oneLine := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	words.normalize, speaker.normalize, speaker.allowsBlank = oneLine, oneLine, true
	return []textField{title, description, tag, name, workspace, inChannel, topic, edited, words, speaker, w.glossaryField("term"), w.glossaryField("note"), w.savedSearchField()}
}

// glossaryField is a glossary term or its note.
func (w *testServer) glossaryField(name string) textField {
	at := "/api/v1/workspaces/" + string(w.ws) + "/glossary"
	d := textField{name: "glossary " + name, maxRunes: tidings.MaxGlossaryTerm, read: jsonField("entries", "0", name), get: func() *response { return w.ana.get(at) }, normalize: strings.TrimSpace}
	d.write = func(text string) *response {
		entry := map[string]any{"term": "Tidings", "sounds_like": []string{}}
		entry[name] = text
		return w.ana.do("PUT", at, map[string]any{"entries": []any{entry}})
	}
	if name == "term" {
		d.normalize = func(text string) string { return strings.Join(strings.Fields(text), " ") }
		d.rejects = func(text string) bool { return len(strings.Fields(text)) > tidings.MaxGlossaryWords }
	} else {
		d.maxRunes, d.allowsBlank = tidings.MaxGlossaryNote, true
	}

	return d
}

// savedSearchField is the query of a saved search.
func (w *testServer) savedSearchField() textField {
	at := "/api/v1/workspaces/" + string(w.ws) + "/saved-searches"
	d := textField{name: "saved search", maxRunes: 500, normalize: strings.TrimSpace, get: func() *response { return w.ana.get(at) }}
	d.read = func(a *response) string {
		if strings.HasPrefix(a.label, "POST") {
			return jsonField("query")(a)
		}
		return jsonField("items", "0", "query")(a)
	}
	d.write = func(text string) *response { // one at a time: their number is limited
		if _, accepted := d.expectStored(text); accepted {
			for _, old := range decodeJSON[struct{ Items []struct{ ID string } }](d.get()).Items {
				w.ana.do("DELETE", at+"/"+old.ID, nil).is(http.StatusNoContent, "")
			}
		}
		return w.ana.do("POST", at, map[string]any{"query": text, "name": "x"})
	}

	return d
}

// TestNaughtyThread: comments with all of these texts are listed byte for byte.
func TestNaughtyThread(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip().ID
	at := "/api/v1/clips/" + string(clip) + "/comments"
	d := textField{maxRunes: tidings.MaxComment}
	var stored []string
	for _, text := range readNaughtyStrings(t) {
		if _, accepted := d.expectStored(text); !accepted {
			w.ana.do("POST", at, map[string]any{"body": text}).is(http.StatusBadRequest, "invalid")
			continue
		}
		w.ana.do("POST", at, map[string]any{"body": text}).is(http.StatusCreated, "")
		stored = append(stored, text)
	}

	var got []string
	for query := "?limit=100"; query != ""; {
		page := decodeJSON[struct {
			Items []commentJSON
			Next  *string `json:"next_cursor"`
		}](w.ana.get(at+query).is(http.StatusOK, ""))
		for _, c := range page.Items {
			got = append(got, c.Body)
		}

		if query = ""; page.Next != nil {
			query = "?limit=100&cursor=" + url.QueryEscape(*page.Next)
		}
	}

	if len(got) != len(stored) {
		t.Fatalf("%d comments, %d were taken", len(got), len(stored))
	}

	for i := range got {
		if got[i] != stored[i] {
			t.Errorf("%+q is listed as %+q", stored[i], got[i])
		}
	}
}

// TestNaughtySearches: every query is answered or refused; none causes an
// internal error.
func TestNaughtySearches(t *testing.T) {
	w := newTestServer(t)
	for _, text := range readNaughtyStrings(t) {
		a := w.ana.get("/api/v1/search?workspace=" + string(w.ws) + "&q=" + url.QueryEscape(text))
		if a.StatusCode != http.StatusOK {
			a.is(http.StatusBadRequest, "invalid")
		}
	}
}
