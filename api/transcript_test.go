package api_test

import (
	"fmt"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

type segmentJSON struct {
	ID       tidings.ID
	StartMS  int64 `json:"start_ms"`
	EndMS    int64 `json:"end_ms"`
	Text     string
	Speaker  *string
	Language *string
	Words    []tidings.Word
	Version  int64
	Origin   *string
	EditedBy *struct{ Name string } `json:"edited_by"`
	EditedAt *string                `json:"edited_at"`
}

type transcriptJSON struct {
	State    string
	Engine   *string
	Language *string
	EditedAt *string `json:"edited_at"`
	Segments []segmentJSON
	Silences []tidings.Span
}

func (t transcriptJSON) joinTexts() string {
	var out []string
	for _, g := range t.Segments {
		out = append(out, g.Text)
	}
	return strings.Join(out, " | ")
}

// transcriptClient is a client with a clip that has a transcript.
type transcriptClient struct {
	*client
	path    string
	segment tidings.TranscriptSegment
}

func newTranscriptClient(w *testServer, c *client) transcriptClient {
	clip := c.recordClip(20)
	return transcriptClient{c, "/api/v1/clips/" + string(clip.ID) + "/transcript", w.transcribeClip(clip.ID)}
}

func (t transcriptClient) fetch() transcriptJSON {
	return decodeJSON[transcriptJSON](t.get(t.path).is(200, ""))
}
func (t transcriptClient) segmentPath(i int, do string) string {
	return t.path + "/segments/" + string(t.fetch().Segments[i].ID) + do
}

func (t transcriptClient) expectTexts(want string) {
	t.w.Helper()
	if got := t.fetch().joinTexts(); got != want {
		t.w.Errorf("%q, want %q", got, want)
	}
}

func TestSegmentsAreSplitAndJoined(t *testing.T) {
	w := newTestServer(t)
	k := newTranscriptClient(w, w.ana)
	change := decodeJSON[struct {
		Segments []segmentJSON
		Removed  []tidings.ID
	}](k.do("POST", k.segmentPath(0, "/split"), map[string]any{"at_word": 2}).is(200, ""))
	a, b := change.Segments[0], change.Segments[1]
	if a.ID != k.segment.ID || a.Version != 2 || a.EndMS != 1600 || b.StartMS != 1600 || b.EndMS != 3000 || b.Version != 1 || len(change.Removed) != 0 {
		t.Errorf("%+v", change)
	}

	k.expectTexts("So much | for Monday")
	k.do("POST", k.segmentPath(1, "/split"), map[string]any{"at_char": 8, "text": "  for  a Monday, yes"}).is(200, "") // the caret is before "Monday"
	k.expectTexts("So much | for a | Monday, yes")
	k.do("POST", k.segmentPath(2, "/join"), map[string]any{"text": "Monday"}).is(200, "")
	k.expectTexts("So much | for a Monday")
	gone := decodeJSON[struct{ Removed []tidings.ID }](k.do("POST", k.segmentPath(0, "/join"), map[string]any{"with": "next"}).is(200, ""))
	if len(gone.Removed) != 1 || gone.Removed[0] != b.ID {
		t.Errorf("%+v", gone)
	}

	k.expectTexts("So much for a Monday")
	for _, bad := range []map[string]any{{}, {"at_word": 1, "at_char": 1}, {"at_word": 9}, {"at_char": 2000}, {"at_char": 1, "text": " "}, {"at_word": 0}} {
		k.do("POST", k.segmentPath(0, "/split"), bad).is(400, "invalid")
	}

	k.do("POST", k.segmentPath(0, "/join"), nil).is(400, "invalid")
	k.do("POST", k.path+"/segments/01ARYZ6S41TSV4RRFFQ69G5FAV/split", map[string]any{"at_word": 1}).is(404, "not_found")
	k.expectTexts("So much for a Monday")
}

func TestTranscriptVersionsAndUndo(t *testing.T) {
	w := newTestServer(t)
	k := newTranscriptClient(w, w.ana)
	stale := `If-Match: "7"`
	k.do("PATCH", k.segmentPath(0, ""), map[string]any{"text": "x"}, stale).is(412, "")
	k.do("POST", k.segmentPath(0, "/split"), map[string]any{"at_word": 1}, stale).is(412, "")
	k.do("POST", k.segmentPath(0, "/join"), nil, stale).is(412, "")
	k.do("PATCH", k.segmentPath(0, ""), map[string]any{"text": "x"}, "If-Match: yes").is(400, "invalid")
	k.do("PATCH", k.segmentPath(0, ""), map[string]any{}).is(400, "invalid")
	if got := decodeJSON[segmentJSON](k.do("PATCH", k.segmentPath(0, ""), map[string]any{"text": "So much for Tuesday"}, `If-Match: "1"`).is(200, "")); got.Version != 2 {
		t.Errorf("%+v", got)
	}

	k.do("PATCH", k.segmentPath(0, ""), map[string]any{"text": "So much for Tuesday"}).is(200, "") // no change
	k.do("POST", k.segmentPath(0, "/split"), map[string]any{"at_word": 3}).is(200, "")
	undone := decodeJSON[transcriptJSON](k.do("POST", k.path+"/undo", nil).is(200, ""))
	if undone.joinTexts() != "So much for Tuesday" {
		t.Errorf("%+v", undone)
	}

	k.do("POST", k.path+"/undo", nil).is(200, "")
	if got := k.fetch().Segments[0]; got.Text != k.segment.Text || got.Words[3].EndMS != 3000 || got.Words[3].Estimated {
		t.Errorf("%+v", got)
	}

	k.do("POST", k.path+"/undo", nil).is(409, "conflict")
	k.do("POST", k.path+"/redo", nil).is(200, "")
	k.do("POST", k.path+"/redo", nil).is(200, "")
	k.expectTexts("So much for | Tuesday")
	k.do("POST", k.path+"/redo", nil).is(409, "conflict")
}

func TestSpeakersAndLanguages(t *testing.T) {
	w := newTestServer(t)
	k := newTranscriptClient(w, w.ana)
	k.do("POST", k.segmentPath(0, "/split"), map[string]any{"at_word": 2}).is(200, "")
	k.do("PATCH", k.segmentPath(0, ""), map[string]any{"speaker": " Ana  Lovelace ", "language": "ar"}).is(200, "")
	k.do("PATCH", k.segmentPath(1, ""), map[string]any{"speaker": "Ana Lovelace"}).is(200, "")
	got := k.fetch().Segments
	if *got[0].Speaker != "Ana Lovelace" || *got[0].Language != "ar" || got[0].Text != "So much" || got[1].Language != nil {
		t.Errorf("%+v", got)
	}

	all := decodeJSON[transcriptJSON](k.do("PATCH", k.path+"/speakers", map[string]any{"from": "Ana Lovelace", "to": "Ana"}).is(200, ""))
	if *all.Segments[0].Speaker != "Ana" || *all.Segments[1].Speaker != "Ana" {
		t.Errorf("%+v", all)
	}

	k.do("POST", k.path+"/undo", nil).is(200, "")
	if got := k.fetch().Segments; *got[0].Speaker != "Ana Lovelace" || *got[1].Speaker != "Ana Lovelace" {
		t.Errorf("%+v", got)
	}

	k.do("PATCH", k.segmentPath(0, ""), map[string]any{"speaker": nil}).is(200, "")
	k.do("PATCH", k.segmentPath(0, ""), map[string]any{"language": "not a tag"}).is(400, "invalid")
	if got := k.fetch().Segments[0]; got.Speaker != nil {
		t.Errorf("%+v", got)
	}
}

func TestImportCaptions(t *testing.T) {
	w := newTestServer(t)
	k := newTranscriptClient(w, w.ana)
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
	k.expectTexts("So much for Monday")
	got := decodeJSON[transcriptJSON](k.do("PUT", k.path+"?language=de", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>Guten Tag.\n\n00:02.500 --> 00:03.000\nJa.\n", vtt).is(200, ""))
	if got.joinTexts() != "Guten Tag. | Ja." || *got.Engine != "import" || *got.Language != "de" || *got.Segments[0].Speaker != "Ana" || !got.Segments[0].Words[1].Estimated || got.EditedAt == nil {
		t.Errorf("%+v", got)
	}

	k.do("PUT", k.path, "1\n00:00:01,000 --> 00:00:02,000\nHello.\n", srt).is(200, "")
	k.expectTexts("Hello.")
}

// TestCaptionsOfAnotherClip: cues beyond the end of the clip are refused.
func TestCaptionsOfAnotherClip(t *testing.T) {
	w := newTestServer(t)
	k := newTranscriptClient(w, w.ana)
	clip, _ := tidings.ParseID(strings.Split(k.path, "/")[4])
	w.finishTranscode(w.startTranscode(clip, 2))
	row, err := w.store.Clip(t.Context(), clip)
	w.ok(err)
	at := func(ms int64) string {
		return fmt.Sprintf("WEBVTT\n\n00:00.000 --> %02d:%02d.%03d\nHi\n", ms/60_000, ms/1000%60, ms%1000)
	}
	k.do("PUT", k.path, at(*row.DurationMS+2001), "Content-Type: text/vtt").is(400, "invalid")
	got := decodeJSON[transcriptJSON](k.do("PUT", k.path, at(*row.DurationMS+2000), "Content-Type: text/vtt").is(200, ""))
	if got.Segments[0].EndMS != *row.DurationMS {
		t.Errorf("%+v", got)
	}
}
