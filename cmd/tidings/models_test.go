package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestModelsCommand: the table is printed; a broken model is reported and removed.
func TestModelsCommand(t *testing.T) {
	dir := t.TempDir()
	out, err := runCommand(t, "models", "list", "--data", dir)
	if err != nil || !strings.Contains(out, "base-q8_0") || !strings.Contains(out, "81.8 MB") || !strings.Contains(out, "the settings name it") || !strings.Contains(out, "Apache-2.0") {
		t.Errorf("%v\n%s", err, out)
	}

	path := filepath.Join(dir, "models", "ggml-tiny.bin")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 77_691_713); err != nil { // of the right size, and empty
		t.Fatal(err)
	}

	if out, err = runCommand(t, "models", "list", "--data", dir, "--log-level", "warn"); err != nil || !strings.Contains(out, "yes") {
		t.Errorf("%v\n%s", err, out)
	}

	if out, err = runCommand(t, "models", "verify", "--data", dir); err == nil || !strings.Contains(out, "tiny: ggml-tiny.bin has 77691713 bytes and the SHA-256 sum") {
		t.Errorf("%v\n%s", err, out)
	}

	if out, err = runCommand(t, "models", "rm", "tiny", "--data", dir); err != nil || !strings.Contains(out, "removed") {
		t.Errorf("%v\n%s", err, out)
	}

	if _, err := os.Stat(path); err == nil {
		t.Error("it is still there")
	}

	for _, args := range [][]string{{"models"}, {"models", "pull", "--data", dir}, {"models", "verify", "base-q8_0", "--data", dir}, {"models", "pull", "nothing", "--data", dir}, {"models", "eat", "tiny"}} {
		if out, err := runCommand(t, args...); err == nil {
			t.Errorf("%v: %s", args, out)
		}
	}
}

// TestModelComes: the built-in engine works as soon as its parts are there,
// without a restart; a clip that had to do without can have its transcript then.
func TestModelComes(t *testing.T) {
	if _, err := os.Stat(filepath.Join(speechDir(), "libvosk.so")); err != nil {
		t.Skipf("no speech engine to test: %v", err)
	}

	dir := t.TempDir()
	s := startServer(t, t.TempDir(), "--speech", dir).signIn()
	clip := s.pushFile("../../transcribe/testdata/jfk.wav", "Ask not")
	s.awaitClip(clip, "refused", func(c clipView) bool { return c.Steps["transcribe"].State == "failed" })
	available := func() bool {
		var engines struct {
			Items []struct {
				Name      string
				Available bool
			}
		}
		s.callAPI(http.MethodGet, "/api/v1/engines", nil, &engines)
		for _, e := range engines.Items {
			if e.Name == "vosk" {
				return e.Available
			}
		}
		return false
	}
	if available() {
		t.Error("it is there without its parts")
	}

	for _, part := range []string{"libvosk.so", "model", "silero_vad_v6.onnx"} { // a download is put in place whole
		if err := os.Symlink(filepath.Join(speechDir(), part), filepath.Join(dir, part)); err != nil {
			t.Fatal(err)
		}
	}

	if !available() {
		t.Error("its parts are there, and it is not")
	}

	s.callAPI(http.MethodPost, "/api/v1/clips/"+clip+"/transcript/retry", map[string]any{}, nil)
	s.awaitClip(clip, "transcribed", func(c clipView) bool { return c.Steps["transcribe"].State == "done" })
	if got := s.loadTranscript(clip); got.Engine != "vosk" || got.State != "done" || len(got.Segments) == 0 {
		t.Errorf("%+v", got)
	}
}
