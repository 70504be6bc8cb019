package api_test

import (
	"fmt"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

type segJSON struct {
	ID       tidings.ID
	StartMS  int64 `json:"start_ms"`
	EndMS    int64 `json:"end_ms"`
	Text     string
	Speaker  *string
	Language *string
	Words    []tidings.Word
	Version  int64
}

type trJSON struct {
	State    string
	Engine   *string
	Language *string
	EditedAt *string `json:"edited_at"`
	Segments []segJSON
	Silences []tidings.Span
}

func (t trJSON) texts() string {
	var out []string
	for _, g := range t.Segments {
		out = append(out, g.Text)
	}
	return strings.Join(out, " | ")
}

// commentRoutes is a clip with a transcript, and asks for it.
type commentRoutes struct {
	*client
	path string
	seg  tidings.TranscriptSegment
}

func newTalk(w *world, c *client) commentRoutes {
	clip := c.record(20)
	return commentRoutes{c, "/api/v1/clips/" + string(clip.ID) + "/transcript", w.transcribe(clip.ID)}
}

func (t commentRoutes) now() trJSON { return read[trJSON](t.get(t.path).is(200, "")) }
func (t commentRoutes) at(i int, do string) string {
	return t.path + "/segments/" + string(t.now().Segments[i].ID) + do
}

func (t commentRoutes) shows(want string) {
	t.w.Helper()
	if got := t.now().texts(); got != want {
		t.w.Errorf("%q, want %q", got, want)
	}
}

func TestSegmentsAreSplitAndJoined(t *testing.T) {
	w := newWorld(t)
	k := newTalk(w, w.ana)
	change := read[struct {
		Segments []segJSON
		Removed  []tidings.ID
	}](k.do("POST", k.at(0, "/split"), map[string]any{"at_word": 2}).is(200, ""))
	a, b := change.Segments[0], change.Segments[1]
	if a.ID != k.seg.ID || a.Version != 2 || a.EndMS != 1600 || b.StartMS != 1600 || b.EndMS != 3000 || b.Version != 1 || len(change.Removed) != 0 {
		t.Errorf("%+v", change)
	}

	k.shows("So much | for Monday")
	k.do("POST", k.at(1, "/split"), map[string]any{"at_char": 8, "text": "  for  a Monday, yes"}).is(200, "") // the caret stands before "Monday"
	k.shows("So much | for a | Monday, yes")
	k.do("POST", k.at(2, "/join"), map[string]any{"text": "Monday"}).is(200, "")
	k.shows("So much | for a Monday")
	gone := read[struct{ Removed []tidings.ID }](k.do("POST", k.at(0, "/join"), map[string]any{"with": "next"}).is(200, ""))
	if len(gone.Removed) != 1 || gone.Removed[0] != b.ID {
		t.Errorf("%+v", gone)
	}

	k.shows("So much for a Monday")
	for _, bad := range []map[string]any{{}, {"at_word": 1, "at_char": 1}, {"at_word": 9}, {"at_char": 2000}, {"at_char": 1, "text": " "}, {"at_word": 0}} {
		k.do("POST", k.at(0, "/split"), bad).is(400, "invalid")
	}

	k.do("POST", k.at(0, "/join"), nil).is(400, "invalid")
	k.do("POST", k.path+"/segments/01ARYZ6S41TSV4RRFFQ69G5FAV/split", map[string]any{"at_word": 1}).is(404, "not_found")
	k.shows("So much for a Monday")
}

func TestTranscriptVersionsAndUndo(t *testing.T) {
	w := newWorld(t)
	k := newTalk(w, w.ana)
	stale := `If-Match: "7"`
	k.do("PATCH", k.at(0, ""), map[string]any{"text": "x"}, stale).is(412, "")
	k.do("POST", k.at(0, "/split"), map[string]any{"at_word": 1}, stale).is(412, "")
	k.do("POST", k.at(0, "/join"), nil, stale).is(412, "")
	k.do("PATCH", k.at(0, ""), map[string]any{"text": "x"}, "If-Match: yes").is(400, "invalid")
	k.do("PATCH", k.at(0, ""), map[string]any{}).is(400, "invalid")
	if got := read[segJSON](k.do("PATCH", k.at(0, ""), map[string]any{"text": "So much for Tuesday"}, `If-Match: "1"`).is(200, "")); got.Version != 2 {
		t.Errorf("%+v", got)
	}

	k.do("PATCH", k.at(0, ""), map[string]any{"text": "So much for Tuesday"}).is(200, "") // nothing new
	k.do("POST", k.at(0, "/split"), map[string]any{"at_word": 3}).is(200, "")
	undone := read[trJSON](k.do("POST", k.path+"/undo", nil).is(200, ""))
	if undone.texts() != "So much for Tuesday" {
		t.Errorf("%+v", undone)
	}

	k.do("POST", k.path+"/undo", nil).is(200, "")
	if got := k.now().Segments[0]; got.Text != k.seg.Text || got.Words[3].EndMS != 3000 || got.Words[3].Estimated {
		t.Errorf("%+v", got)
	}

	k.do("POST", k.path+"/undo", nil).is(409, "conflict")
	k.do("POST", k.path+"/redo", nil).is(200, "")
	k.do("POST", k.path+"/redo", nil).is(200, "")
	k.shows("So much for | Tuesday")
	k.do("POST", k.path+"/redo", nil).is(409, "conflict")
}

func TestSpeakersAndLanguages(t *testing.T) {
	w := newWorld(t)
	k := newTalk(w, w.ana)
	k.do("POST", k.at(0, "/split"), map[string]any{"at_word": 2}).is(200, "")
	k.do("PATCH", k.at(0, ""), map[string]any{"speaker": " Ana  Lovelace ", "language": "ar"}).is(200, "")
	k.do("PATCH", k.at(1, ""), map[string]any{"speaker": "Ana Lovelace"}).is(200, "")
	got := k.now().Segments
	if *got[0].Speaker != "Ana Lovelace" || *got[0].Language != "ar" || got[0].Text != "So much" || got[1].Language != nil {
		t.Errorf("%+v", got)
	}

	all := read[trJSON](k.do("PATCH", k.path+"/speakers", map[string]any{"from": "Ana Lovelace", "to": "Ana"}).is(200, ""))
	if *all.Segments[0].Speaker != "Ana" || *all.Segments[1].Speaker != "Ana" {
		t.Errorf("%+v", all)
	}

	k.do("POST", k.path+"/undo", nil).is(200, "")
	if got := k.now().Segments; *got[0].Speaker != "Ana Lovelace" || *got[1].Speaker != "Ana Lovelace" {
		t.Errorf("%+v", got)
	}

	k.do("PATCH", k.at(0, ""), map[string]any{"speaker": nil}).is(200, "")
	k.do("PATCH", k.at(0, ""), map[string]any{"language": "not a tag"}).is(400, "invalid")
	if got := k.now().Segments[0]; got.Speaker != nil {
		t.Errorf("%+v", got)
	}
}

func TestCaptionsBecomeTheTranscript(t *testing.T) {
	w := newWorld(t)
	k := newTalk(w, w.ana)
	vtt, srt := "Content-Type: text/vtt; charset=utf-8", "Content-Type: application/x-subrip"
	for name, c := range map[string]struct {
		body, kind, code, says string
		status                 int
	}{
		"no captions":   {"WEBVTT\n", vtt, "invalid", "no caption", 400},
		"wrong line":    {"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n\n00:03.000 -> 4\ny", vtt, "invalid", "Line 7", 400},
		"other format":  {"WEBVTT\n", srt, "invalid", "Line 1", 400},
		"not said what": {"WEBVTT\n", "Content-Type: text/plain", "unsupported_media", "WebVTT", 415},
		"too large":     {"WEBVTT\n\nNOTE " + strings.Repeat("x", 4<<20), vtt, "too_large", "4 MiB", 413},
	} {
		if got := string(k.do("PUT", k.path, c.body, c.kind).is(c.status, c.code).body); !strings.Contains(got, c.says) {
			t.Errorf("%s: %s", name, got)
		}
	}

	k.do("PUT", k.path+"?language=no-tag!", "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n", vtt).is(400, "invalid")
	k.shows("So much for Monday")
	got := read[trJSON](k.do("PUT", k.path+"?language=de", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>Guten Tag.\n\n00:02.500 --> 00:03.000\nJa.\n", vtt).is(200, ""))
	if got.texts() != "Guten Tag. | Ja." || *got.Engine != "import" || *got.Language != "de" || *got.Segments[0].Speaker != "Ana" || !got.Segments[0].Words[1].Estimated || got.EditedAt == nil {
		t.Errorf("%+v", got)
	}

	k.do("PUT", k.path, "1\n00:00:01,000 --> 00:00:02,000\nHello.\n", srt).is(200, "")
	k.shows("Hello.")
}

// TestCaptionsOfAnotherClip: times beyond the end belong to another clip.
func TestCaptionsOfAnotherClip(t *testing.T) {
	w := newWorld(t)
	k := newTalk(w, w.ana)
	clip, _ := tidings.ParseID(strings.Split(k.path, "/")[4])
	w.finish(w.transcode(clip, 2))
	row, err := w.store.Clip(t.Context(), clip)
	w.ok(err)
	at := func(ms int64) string {
		return fmt.Sprintf("WEBVTT\n\n00:00.000 --> %02d:%02d.%03d\nHi\n", ms/60_000, ms/1000%60, ms%1000)
	}
	k.do("PUT", k.path, at(*row.DurationMS+2001), "Content-Type: text/vtt").is(400, "invalid")
	got := read[trJSON](k.do("PUT", k.path, at(*row.DurationMS+2000), "Content-Type: text/vtt").is(200, ""))
	if got.Segments[0].EndMS != *row.DurationMS {
		t.Errorf("%+v", got)
	}
}
