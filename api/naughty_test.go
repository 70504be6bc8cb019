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

// bigList is the Big List of Naughty Strings: texts that have broken programs
// before (third_party/naughty; MIT).
func bigList(t testing.TB) (list []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(room, "../third_party/naughty/blns.json"))
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil || len(list) < 500 {
		t.Fatalf("%d strings, %v", len(list), err)
	}
	return list
}

// door is a field that takes somebody's text.
type door struct {
	name  string
	limit int                      // characters
	blank bool                     // nothing and spaces alone are taken
	tidy  func(text string) string // what is kept; nil = every byte
	write func(text string) *answer
	read  func(a *answer) string // the field in an answer to write or get
	get   func() *answer
	bad   func(text string) bool // a reason of its own to refuse a text
}

// kept is what the door keeps of a text, and whether it takes it at all.
func (d door) kept(text string) (string, bool) {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }) || utf8.RuneCountInString(text) > d.limit {
		return "", false
	}
	out := text
	if d.tidy != nil {
		out = d.tidy(text)
	}
	return out, (d.blank || strings.TrimSpace(out) != "") && (d.bad == nil || !d.bad(text))
}

// TestBigListOfNaughtyStrings sends every string through every field that
// takes text: it is kept byte for byte, or refused with a problem and nothing
// changed. What is a rule of a field (one line, no spaces around) is said.
func TestBigListOfNaughtyStrings(t *testing.T) {
	w := newWorld(t)
	list := bigList(t)
	for _, d := range w.doors() {
		t.Run(d.name, func(t *testing.T) {
			holds := d.read(d.get())
			for _, text := range list {
				want, taken := d.kept(text)
				a := d.write(text)
				if !taken {
					if a.is(http.StatusBadRequest, "invalid"); d.read(d.get()) != holds {
						t.Fatalf("%+q was refused, and changed it", text)
					}
					continue
				}
				if a.StatusCode >= 300 {
					t.Fatalf("%+q: %d %s", text, a.StatusCode, a.body)
				}

				if holds = d.read(a); holds != want {
					t.Errorf("%+q came back as %+q", want, holds)
				}
			}

			if got := d.read(d.get()); got != holds {
				t.Errorf("%+q was answered, %+q is there", holds, got)
			}
		})
	}
}

// field reads a member of a JSON object in the answer, by the names to it.
func field(names ...string) func(a *answer) string {
	return func(a *answer) string {
		a.Helper()
		at := read[any](a)
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

// doors are the fields, each of something in Ana's workspace.
func (w *world) doors() []door {
	k := newTalk(w, w.ana)
	clip := strings.TrimSuffix(k.path, "/transcript")
	ws := "/api/v1/workspaces/" + string(w.ws)
	channel := channelsPath + string(w.ana.channel("open").ID)
	comments := clip + "/comments"
	one := on(w.ana.say(tidings.ID(strings.TrimPrefix(clip, "/api/v1/clips/"))).ID, "")
	segment := k.at(0, "")

	// patch is a door whose answer to PATCH is the thing that GET at answers.
	patch := func(name, path, at string, limit int, read ...string) door {
		last := read[len(read)-1]
		return door{name: name, limit: limit, read: func(a *answer) string {
			if strings.HasPrefix(a.what, "PATCH") {
				return field(last, "0")(a)
			}
			return field(append(read, "0")...)(a)
		}, write: func(text string) *answer { return w.ana.do("PATCH", path, map[string]any{last: text}) }, get: func() *answer { return w.ana.get(at) }}
	}
	title := patch("title", clip, clip, tidings.MaxTitle, "title")
	description := patch("description", clip, clip, tidings.MaxDescription, "description")
	description.blank = true
	tag := patch("tag", clip, clip, tidings.MaxTag, "tags")
	tag.write = func(text string) *answer {
		return w.ana.do("PATCH", clip, map[string]any{"tags": []string{text}})
	}

	name := patch("name", "/api/v1/me", "/api/v1/me", 100, "name")
	name.read = func(a *answer) string { return field("user", "name")(a) }
	workspace := patch("workspace", ws, ws, 100, "name")
	inChannel := patch("channel", channel, channel, tidings.MaxChannelName, "name")
	inChannel.bad = func(text string) bool { return strings.ContainsAny(inChannel.tidy(text), "\r\n\t\"") }
	topic := patch("topic", channel, channel, tidings.MaxTopic, "topic")
	topic.blank = true
	name.tidy, workspace.tidy, topic.tidy = strings.TrimSpace, strings.TrimSpace, strings.TrimSpace
	inChannel.tidy = func(text string) string {
		return strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(text), "#"))
	}

	edited := patch("comment edited", one, comments+"?limit=1", tidings.MaxComment, "items", "0", "body")
	words := patch("transcript", segment, k.path, 10_000, "segments", "0", "text")
	speaker := patch("speaker", segment, k.path, 100, "segments", "0", "speaker")
	oneLine := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	words.tidy, speaker.tidy, speaker.blank = oneLine, oneLine, true
	return []door{title, description, tag, name, workspace, inChannel, topic, edited, words, speaker, w.glossaryDoor("term"), w.glossaryDoor("note"), w.saved()}
}

// glossaryDoor is a word of the glossary, or the note beside one.
func (w *world) glossaryDoor(name string) door {
	at := "/api/v1/workspaces/" + string(w.ws) + "/glossary"
	d := door{name: "glossary " + name, limit: tidings.MaxGlossaryTerm, read: field("entries", "0", name), get: func() *answer { return w.ana.get(at) }, tidy: strings.TrimSpace}
	d.write = func(text string) *answer {
		entry := map[string]any{"term": "Tidings", "sounds_like": []string{}}
		entry[name] = text
		return w.ana.do("PUT", at, map[string]any{"entries": []any{entry}})
	}
	if name == "term" {
		d.tidy = func(text string) string { return strings.Join(strings.Fields(text), " ") }
		d.bad = func(text string) bool { return len(strings.Fields(text)) > tidings.MaxGlossaryWords }
	} else {
		d.limit, d.blank = tidings.MaxGlossaryNote, true
	}

	return d
}

// saved is a search that is kept.
func (w *world) saved() door {
	at := "/api/v1/workspaces/" + string(w.ws) + "/saved-searches"
	d := door{name: "saved search", limit: 500, tidy: strings.TrimSpace, get: func() *answer { return w.ana.get(at) }}
	d.read = func(a *answer) string {
		if strings.HasPrefix(a.what, "POST") {
			return field("query")(a)
		}
		return field("items", "0", "query")(a)
	}
	d.write = func(text string) *answer { // one at a time: there may be so many only
		if _, taken := d.kept(text); taken {
			for _, old := range read[struct{ Items []struct{ ID string } }](d.get()).Items {
				w.ana.do("DELETE", at+"/"+old.ID, nil).is(http.StatusNoContent, "")
			}
		}
		return w.ana.do("POST", at, map[string]any{"query": text, "name": "x"})
	}

	return d
}

// TestNaughtyThread: a thread of all of them is listed byte for byte.
func TestNaughtyThread(t *testing.T) {
	w := newWorld(t)
	clip := w.ana.clip().ID
	at := "/api/v1/clips/" + string(clip) + "/comments"
	d := door{limit: tidings.MaxComment}
	var said []string
	for _, text := range bigList(t) {
		if _, taken := d.kept(text); !taken {
			w.ana.do("POST", at, map[string]any{"body": text}).is(http.StatusBadRequest, "invalid")
			continue
		}
		w.ana.do("POST", at, map[string]any{"body": text}).is(http.StatusCreated, "")
		said = append(said, text)
	}

	var got []string
	for query := "?limit=100"; query != ""; {
		page := read[struct {
			Items []saidJSON
			Next  *string `json:"next_cursor"`
		}](w.ana.get(at+query).is(http.StatusOK, ""))
		for _, c := range page.Items {
			got = append(got, c.Body)
		}

		if query = ""; page.Next != nil {
			query = "?limit=100&cursor=" + url.QueryEscape(*page.Next)
		}
	}

	if len(got) != len(said) {
		t.Fatalf("%d comments, %d were taken", len(got), len(said))
	}

	for i := range got {
		if got[i] != said[i] {
			t.Errorf("%+q is listed as %+q", said[i], got[i])
		}
	}
}

// TestNaughtySearches: whatever is searched for is found or refused; the
// server does not fall over.
func TestNaughtySearches(t *testing.T) {
	w := newWorld(t)
	for _, text := range bigList(t) {
		a := w.ana.get("/api/v1/search?workspace=" + string(w.ws) + "&q=" + url.QueryEscape(text))
		if a.StatusCode != http.StatusOK {
			a.is(http.StatusBadRequest, "invalid")
		}
	}
}
