package transcribe_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// validSettings are settings without a mistake.
func validSettings(speech string) transcribe.Settings {
	return transcribe.Settings{Speech: speech, SpeechWorkers: 1, SpeechSlots: 1, RefineSlots: 1, WorkerWait: time.Second, WorkerLease: time.Second,
		OpenAIPiece: time.Minute, OpenAIRequests: 1, OpenAITimeout: time.Minute, CommandPiece: time.Minute, CommandTimeout: time.Minute, CommandRuns: 1}
}

// settingsMistakes are the reports of Settings.Validate.
func settingsMistakes(s transcribe.Settings) (out []string) {
	s.Validate(func(setting, format string, args ...any) {
		out = append(out, setting+": "+fmt.Sprintf(format, args...))
	})
	return out
}

// TestRegistry: each engine has a name of its own, which its transcripts have
// too, is documented, and is named by the help text of the setting refine.
func TestRegistry(t *testing.T) {
	docs, err := os.ReadFile("../docs/transcription.md")
	if err != nil {
		t.Fatal(err)
	}

	field, _ := reflect.TypeFor[transcribe.Settings]().FieldByName("Refine")
	var names, live []string
	for _, e := range transcribe.Engines() {
		names = append(names, e.Name)

		if e.Live {
			live = append(live, e.Name)
		} else if !strings.Contains(field.Tag.Get("help"), e.Name) {
			t.Errorf("the help of refine does not name %s", e.Name)
		}

		if !regexp.MustCompile("(?m)^\\| +\\|.*`" + e.Name + "`").Match(docs) {
			t.Errorf("the table of engines in docs/transcription.md does not have %s", e.Name)
		}

		s := validSettings(t.TempDir())
		s.Command, s.OpenAIURL, s.Whisper = os.Args[0], "http://localhost:1", os.Args[0]
		engine, err := e.New(s)
		if err != nil || engine.Name() != e.Name || engine.Model() == "" {
			t.Errorf("%s: %v, %v", e.Name, engine, err)
		}
	}

	if slices.Sort(names); len(slices.Compact(names)) != len(transcribe.Engines()) || len(live) != 1 {
		t.Errorf("names %v, live %v", names, live)
	}
}

// TestAddEngine follows docs/how-to/add-an-engine.md: with one entry in the
// registry the engine keeps the contract, is validated, routed to and described.
func TestAddEngine(t *testing.T) {
	recogniser := lj050Recogniser(t)
	transcribe.RecogniseToy = recogniser.recognise
	transcribe.RegisterEngine(t, transcribe.ToySpec)

	s := validSettings(filepath.Dir(requireDetector(t)))
	s.Refine, s.SpeechRoute = "toy", "en=toy; *=toy,vosk"
	if wrong := settingsMistakes(s); wrong != nil || !s.Uses("toy") {
		t.Errorf("the settings: %q", wrong)
	}

	if s.Refine = "tov"; len(settingsMistakes(s)) != 1 || !strings.Contains(settingsMistakes(s)[0], "toy") {
		t.Errorf("an unknown engine: %q", settingsMistakes(s))
	}

	var c transcribe.Config
	engines := transcribe.OpenServerEngines(s)
	if err := c.UseEngines(engines, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}

	i := slices.IndexFunc(engines, func(e transcribe.ConfiguredEngine) bool { return e.EngineName == "toy" })
	if i < 0 || len(c.Others) != 1 || c.Others[0].Name() != "toy" {
		t.Fatalf("not opened: %+v", engines)
	}

	if d := engines[i].Describe(); d.Name != "toy" || d.Model != "toy-1" || d.Missing != "" || d.Live || !d.WordTimes {
		t.Errorf("described as %+v", d)
	}

	engine, err := transcribe.OpenWorkerEngine(validSettings(s.Speech), "toy")
	if err != nil {
		t.Fatalf("for a worker: %v", err)
	}

	enginetest.Run(t, enginetest.Subject{Engine: engine, Speech: readSamples(t, "lj050-0131.wav"), Text: lj050, MaxRate: 0})
}

// TestAddEnginePage: the code in docs/how-to/add-an-engine.md is that of the toy
// engine, which TestAddEngine runs.
func TestAddEnginePage(t *testing.T) {
	page, err := os.ReadFile("../docs/how-to/add-an-engine.md")
	if err != nil {
		t.Fatal(err)
	}

	code, err := os.ReadFile("toy_engine_test.go")
	if err != nil {
		t.Fatal(err)
	}

	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d blocks of code", len(blocks))
	}

	squeeze := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	for _, b := range blocks {
		if !strings.Contains(squeeze(string(code)), squeeze(b[1])) {
			t.Errorf("not in toy_engine_test.go:\n%s", b[1])
		}
	}
}
