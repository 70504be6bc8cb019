package server

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/metrics"
	"tidings.example/tidings/models"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
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
			needed, err := cfg.neededModels(cfg.ModelManager())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range needed {
				names = append(names, e.Name)
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// oldProcessor has no AVX2, as those made before 2013.
const oldProcessor = "processor\t: 0\nflags\t\t: fpu sse2 pni ssse3 sse4_1 avx f16c\nbugs\t\t:\n"

// TestUnsuitedProcessor: where the library cannot run nothing is fetched, and
// doctor, the page and the metrics say so and what to do.
func TestUnsuitedProcessor(t *testing.T) {
	cfg := soundConfig(t)
	cfg.WhisperModel, cfg.Processor = "base-q8_0", filepath.Join(t.TempDir(), "cpuinfo")
	if err := os.WriteFile(cfg.Processor, []byte(oldProcessor), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir()) // no whisper-cli

	manager := cfg.ModelManager()
	needed, err := cfg.neededModels(manager)
	if len(needed) > 0 || tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("%+v is fetched: %v", needed, err)
	}
	library, err := manager.Find(models.WhisperLibrary)
	if err == nil {
		err = manager.Pull(t.Context(), library, nil)
	}
	says := []string{"avx2, bmi2, fma", "`make whisper`", "--openai-url"}
	expectWords(t, "tidings models pull", tidings.Sentence(err), says)

	all := speechFindings(t, &cfg)
	if len(all) != 1 || all[0].State != "warn" {
		t.Fatalf("doctor: %+v", all)
	}
	expectWords(t, "doctor", all[0].Text, says)
	a := &App{Config: cfg, metrics: metrics.New(), engines: transcribe.OpenServerEngines(cfg.Settings), log: slog.New(slog.DiscardHandler)}
	for _, e := range a.speechEngines() {
		if e.Name == whisperEngine {
			expectWords(t, "the page", e.Missing, says)
		}
	}
	a.startFetching(t.Context())
	var out strings.Builder
	if err := a.metrics.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	expectWords(t, "the metrics", out.String(), []string{"tidings_speech_machine_unsuited 1", "tidings_speech_files_missing_bytes 0"})

	t.Run("a program", func(t *testing.T) {
		program := filepath.Join(os.Getenv("PATH"), "whisper-cli")
		if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		needed, err := cfg.neededModels(manager)
		if err != nil || len(needed) != 2 || needed[1].Name != "base-q8_0" {
			t.Errorf("%v, %+v", err, needed)
		}
	})
}

// expectWords checks that a text has all of some words.
func expectWords(t *testing.T, where, text string, words []string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s says %q, without %q", where, text, w)
		}
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

	a.addFetchMetrics(manager, []models.Model{e}, false)
	var out strings.Builder
	if err := a.metrics.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "tidings_speech_files_failed 0") || !strings.Contains(out.String(), "tidings_speech_files_missing_bytes 8.1768585e+07") {
		t.Errorf("%s", out.String())
	}
}
