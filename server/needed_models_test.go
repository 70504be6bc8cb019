package server

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/metrics"
	"tidings.example/tidings/models"
)

// TestNeededModels: by default whisper's files are needed; an operator's own
// choice of engines, model or program wins.
func TestNeededModels(t *testing.T) {
	if runtime.GOOS+"-"+runtime.GOARCH != "linux-amd64" {
		t.Skip("whisper's library is for linux-amd64 alone")
	}

	for name, c := range map[string]struct {
		flags map[string]string
		want  string
	}{
		"default":           {map[string]string{"whisper-model": "base-q8_0"}, "silero-vad-v6 whisper-library base-q8_0"},
		"another model":     {map[string]string{"whisper-model": "small-q8_0"}, "silero-vad-v6 whisper-library small-q8_0"},
		"a model by path":   {map[string]string{"whisper-model": "/srv/mine.bin"}, "silero-vad-v6 whisper-library"},
		"a program":         {map[string]string{"whisper-model": "tiny", "whisper": "/usr/bin/whisper-cli"}, "silero-vad-v6 tiny"},
		"by a route":        {map[string]string{"whisper-model": "tiny", "speech-route": "de=whisper; *=vosk"}, "silero-vad-v6 whisper-library tiny"},
		"no refinement":     {map[string]string{"refine": "none"}, ""},
		"another engine":    {map[string]string{"refine": "openai", "openai-url": "http://localhost:1/v1"}, ""},
		"another route":     {map[string]string{"speech-route": "*=vosk"}, ""},
		"no transcriptions": {map[string]string{"roles": "api"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := Load(c.flags, func(string) string { return "" }, "")
			if err != nil {
				t.Fatal(err)
			}

			var names []string
			for _, e := range cfg.neededModels(cfg.ModelManager()) {
				names = append(names, e.Name)
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// speechFindings are what `tidings doctor` says of engines and their files.
func speechFindings(t *testing.T, cfg *Config) (out []admin.Finding) {
	t.Helper()
	for _, f := range admin.Examine(t.Context(), cfg.checkSpeech(), admin.CheckSpeechFiles(cfg.fetchState)) {
		if f.Name == "speech" && !strings.HasPrefix(f.Text, "vosk") {
			out = append(out, f)
		}
	}
	return out
}

// TestDoctorSpeechFiles: doctor says how far the files are, and names a missing
// engine once.
func TestDoctorSpeechFiles(t *testing.T) {
	expect := func(t *testing.T, cfg Config, state, says, fix string) {
		t.Helper()
		all := speechFindings(t, &cfg)
		if len(all) != 1 || all[0].State != state || !strings.Contains(all[0].Text, says) || !strings.Contains(all[0].Fix, fix) {
			t.Errorf("%+v", all)
		}
	}

	cfg := soundConfig(t)
	cfg.WhisperModel = "base-q8_0"
	cfg.Speech = cfg.Data
	t.Run("on their way", func(t *testing.T) {
		part := filepath.Join(cfg.Models, ".base-q8_0.part")
		if err := os.MkdirAll(cfg.Models, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(part, make([]byte, 40_000_000), 0o644); err != nil {
			t.Fatal(err)
		}
		expect(t, cfg, "ok", "40.0 MB of ", "")
	})

	t.Run("off", func(t *testing.T) {
		off := cfg
		off.FetchModels = false
		expect(t, off, "warn", "--fetch-models is off", "tidings models pull silero-vad-v6 whisper-library base-q8_0")
	})

	t.Run("failed", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(cfg.Models, ".fetch-failure.json"), []byte(`{"model":"base-q8_0","reason":"The network is down.","retry_at":"2026-01-02T12:00:00Z"}`), 0o644); err != nil {
			t.Fatal(err)
		}
		expect(t, cfg, "warn", "The network is down. tidings serve tries again at 2026-01-02", "--model-mirror")
	})

	t.Run("not wanted", func(t *testing.T) {
		none := cfg
		none.Refine = "none"
		if all := speechFindings(t, &none); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}

// TestFetchMetrics: what is missing can be seen, and whether it failed.
func TestFetchMetrics(t *testing.T) {
	a := &App{Config: soundConfig(t), metrics: metrics.New()}
	manager := a.Config.ModelManager()
	e, err := manager.Find("base-q8_0")
	if err != nil {
		t.Fatal(err)
	}

	a.addFetchMetrics(manager, []models.Model{e})
	var out strings.Builder
	if err := a.metrics.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "tidings_speech_files_failed 0") || !strings.Contains(out.String(), "tidings_speech_files_missing_bytes 8.1768585e+07") {
		t.Errorf("%s", out.String())
	}
}
