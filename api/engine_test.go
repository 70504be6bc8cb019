package api_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// testEngines are the speech engines that the test server offers.
func testEngines() []tidings.SpeechEngine {
	return []tidings.SpeechEngine{
		{Name: "whisper", Model: "base-q8_0", Punctuation: true, WordTimes: true},
		{Name: "openai", Model: "whisper-1", Remote: true, Missing: "Nobody answers."},
		{Name: "vosk", Model: "small", Languages: []string{"en"}, Live: true},
	}
}

func withEngines(_ *api.Config, d *api.Deps, _ *source.Config) { d.Engines = testEngines }

// engineView is an engine in an API response.
type engineView struct {
	Name, Model string
	Languages   []string
	Live        bool
	Available   bool
	Reason      *string
}

// TestEngines: every account sees the engines and the options for a transcript.
func TestEngines(t *testing.T) {
	w := newTestServer(t, withEngines)
	got := decodeJSON[struct{ Items []engineView }](w.ana.get("/api/v1/engines").is(http.StatusOK, "")).Items
	down := "Nobody answers."
	want := []engineView{{"whisper", "base-q8_0", []string{}, false, true, nil}, {"openai", "whisper-1", []string{}, false, false, &down}, {"vosk", "small", []string{"en"}, true, true, nil}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestRetryTranscript: the requested options are stored for the step, which
// runs again; an impossible request is refused with the choices and changes
// nothing.
func TestRetryTranscript(t *testing.T) {
	w := newTestServer(t, withEngines)
	clip := w.ana.recordClip(10).ID
	retry := "/api/v1/clips/" + string(clip) + "/transcript/retry"
	seg := w.transcribeClip(clip)

	for name, c := range map[string]struct {
		body any
		says string
	}{
		"unknown":          {map[string]any{"engine": "watson"}, "Choose one of: whisper, vosk."},
		"not available":    {map[string]any{"engine": "openai"}, "Nobody answers."},
		"another language": {map[string]any{"engine": "vosk", "language": "de"}, "understands only en"},
		"no language":      {map[string]any{"language": "no such"}, "language tag"},
	} {
		a := w.ana.do("POST", retry, c.body).is(http.StatusBadRequest, "invalid")
		if !strings.Contains(a.decodeProblem().Detail, c.says) {
			t.Errorf("%s: %q", name, a.decodeProblem().Detail)
		}
	}

	if _, err := w.store.TranscriptRequest(t.Context(), clip); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("a refused request stands: %v", err)
	}

	c := decodeJSON[clipJSON](w.ana.do("POST", retry, map[string]any{"engine": "vosk", "language": "en-GB"}).is(http.StatusOK, ""))
	if c.Steps["transcribe"].State != "waiting" {
		t.Errorf("the step is %q", c.Steps["transcribe"].State)
	}

	got, err := w.store.TranscriptRequest(t.Context(), clip)
	if err != nil || got.Engine != "vosk" || got.Language != "en-GB" || got.ReplaceEdits {
		t.Errorf("%+v, %v", got, err)
	}

	if tr, err := w.store.Transcript(t.Context(), clip); err != nil || len(tr.Segments) != 1 || tr.Segments[0].ID != seg.ID {
		t.Errorf("what is shown: %+v, %v", tr, err)
	}

	w.ana.do("PATCH", "/api/v1/clips/"+string(clip)+"/transcript/segments/"+string(seg.ID), map[string]any{"text": "So much"}).is(http.StatusOK, "")
	w.ana.do("POST", retry, map[string]any{"engine": "whisper"}).is(http.StatusConflict, "conflict")
	w.ana.do("POST", retry, map[string]any{"engine": "whisper", "replace_edits": true}).is(http.StatusOK, "")
	if got, err := w.store.TranscriptRequest(t.Context(), clip); err != nil || got.Engine != "whisper" || !got.ReplaceEdits {
		t.Errorf("%+v, %v", got, err)
	}
}
