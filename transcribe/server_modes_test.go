package transcribe_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// serverModes are answers that public servers of the transcription API give, as
// the reports about them have it: each is a 200.
var serverModes = map[string]struct {
	kind, body string // content type; "" = JSON
	want       string
	requests   int // of two transcriptions of one piece
}{
	"segments_empty":   {"", `{"text":"one two","segments":[],"words":[{"word":"one","start":1,"end":2},{"word":"two","start":2,"end":3}]}`, "one two", 2},
	"beyond":           {"", `{"text":"one Thanks for watching!","segments":[{"start":0,"end":2,"text":"one"},{"start":98,"end":99,"text":"Thanks for watching!"}]}`, "one", 2},
	"end_null":         {"", `{"text":"one two","segments":[{"start":0,"end":null,"text":"one"},{"start":2,"end":null,"text":"two"}]}`, "one two", 2},
	"times_null":       {"", `{"text":"one two","segments":[{"start":null,"end":null,"text":"one two"}]}`, "one two", 2},
	"times_strings":    {"", `{"text":"one two","segments":[{"start":"0.0","end":"2.5","text":"one two"}]}`, "one two", 2},
	"inf":              {"", `{"text":"one two","segments":[{"start":0,"end":2,"text":"one two","avg_logprob":-Infinity,"compression_ratio":NaN}]}`, "one two", 2},
	"speaker_num":      {"", `{"text":"one two","segments":[{"start":0,"end":2,"text":"one two","speaker":0}]}`, "one two", 2},
	"bom":              {"", "\uFEFF" + `{"text":"one two"}`, "one two", 2},
	"text_ct":          {"text/plain; charset=utf-8", "one two\n", "one two", 2},
	"vtt_ct":           {"text/vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nR&D <3", "R&D <3", 2},
	"segments_strings": {"", `{"text":"one two","segments":["one","two"]}`, "one two", 6},
	"segments_object":  {"", `{"text":"one two","segments":{"0":{"start":0,"end":2,"text":"one two"}}}`, "one two", 6},
	"error_empty":      {"", `{"text":"one two","error":""}`, "one two", 2},
	"unreadable":       {"", `{"status":"ok"}`, "", 6},
	"error":            {"", `{"error":{"message":"no"}}`, "", 6},
}

// TestServerModes: whatever a server answers is read as far as it can be read, or
// given up after a few tries.
func TestServerModes(t *testing.T) {
	t.Parallel()
	for name, c := range serverModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recogniser := lj050Recogniser(t)
			s := newAPIServer(t, recogniser)
			s.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				if _, _, err := readForm(r); err != nil {
					t.Error(err)
				}
				if c.kind != "" {
					w.Header().Set("Content-Type", c.kind)
				} else {
					w.Header().Set("Content-Type", "application/json")
				}
				w.Write([]byte(c.body))
				return true
			}

			e := newTestOpenAI(t, s)
			for range 2 {
				segs, err := enginetest.Collect(t.Context(), e, bytes.NewReader(recogniser.speech))
				if got := enginetest.Text(segs); got != c.want || (err != nil) != (c.want == "") || transcribe.IsUnreadable(err) != (c.want == "") {
					t.Errorf("%q, %v", got, err)
				}
				enginetest.CheckTimes(t, segs, enginetest.Millis(recogniser.speech), e.Caps())
			}

			if got := s.requestCount(); got != c.requests {
				t.Errorf("%d requests, not %d", got, c.requests)
			}
		})
	}
}

// TestDetailComesDownOnce: of a server whose rich answers cannot be read, they are
// requested for two pieces and then no more; one accident changes nothing.
func TestDetailComesDownOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		accidents, clips int
		want             string
	}{"one accident": {1, 3, "words segments words words"}, "always": {100, 4, "words segments json words segments json json json"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recogniser := lj050Recogniser(t)
			s := newAPIServer(t, recogniser)
			var formats []string
			s.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
				form, _, err := readForm(r)
				if err != nil {
					t.Error(err)
				}

				format := form["response_format"][0]
				switch {
				case len(form["timestamp_granularities[]"]) > 0:
					formats = append(formats, "words")
				case format == "verbose_json":
					formats = append(formats, "segments")
				default:
					formats = append(formats, format)
				}

				w.Header().Set("Content-Type", "application/json")
				if format == "verbose_json" && n < c.accidents {
					w.Write([]byte(`<garbage>`))
				} else {
					w.Write([]byte(`{"text":"one"}`))
				}
				return true
			}

			e := newTestOpenAI(t, s)
			for range c.clips {
				if _, err := enginetest.Collect(t.Context(), e, bytes.NewReader(recogniser.speech)); err != nil {
					t.Fatal(err)
				}
			}

			if got := strings.Join(formats, " "); got != c.want {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

// TestEngineCases reads captions as programs write them: those of testdata/cases,
// and of the folder engine in the one that TIDINGS_TEST_CASES names. That one says
// which modes of servers there are; serverModes has all.
func TestEngineCases(t *testing.T) {
	dirs := []string{filepath.Join("testdata", "cases")}
	if more := os.Getenv("TIDINGS_TEST_CASES"); more != "" {
		dirs = append(dirs, filepath.Join(more, "engine"))
		expectModesTested(t, filepath.Join(more, "engine", "expected.json"))
	}

	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.vtt"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no captions in %s: %v", dir, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) { expectCaptionsRead(t, file) })
		}
	}
}

// expectModesTested checks that serverModes has each mode that a file names.
func expectModesTested(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	var modes map[string]any
	if err := json.Unmarshal(b, &modes); err != nil {
		t.Fatal(err)
	}
	for mode := range modes {
		if _, ok := serverModes[mode]; !ok {
			t.Errorf("no test of the mode %s", mode)
		}
	}
}

// expectCaptionsRead checks that a program's captions become a transcript with
// all their words, in the order of their times.
func expectCaptionsRead(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	e := newTestCommand(t, []string{writeScript(t, t.TempDir(), "cat >/dev/null; cat <<'END'\n"+string(b)+"\nEND"), "-"})
	speech := readSamples(t, "lj050-0131.wav")
	segs, err := enginetest.Collect(t.Context(), e, bytes.NewReader(speech))
	if err != nil {
		t.Errorf("%s: %v", file, err)
	}

	words := 0
	for _, block := range strings.Split(strings.TrimSpace(string(b)), "\n\n")[1:] {
		_, text, _ := strings.Cut(block, "\n")
		words += len(strings.Fields(text))
	}
	if got := len(strings.Fields(enginetest.Text(segs))); got != words {
		t.Errorf("%s: %d words of %d: %q", file, got, words, enginetest.Text(segs))
	}
	enginetest.CheckTimes(t, segs, enginetest.Millis(speech), e.Caps())
}
