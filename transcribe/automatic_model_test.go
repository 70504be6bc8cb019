package transcribe

import (
	"os"
	"path/filepath"
	"testing"
)

func writeText(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAutomaticModel: a machine with little memory or one core gets the little
// model, whether the machine or its control group is small.
func TestAutomaticModel(t *testing.T) {
	meminfo := func(total string) string {
		return writeText(t, filepath.Join(t.TempDir(), "meminfo"), "MemFree:  1 kB\nMemTotal:       "+total+" kB\nSwapTotal: 9 kB\n")
	}
	limit := func(text string) string { return writeText(t, filepath.Join(t.TempDir(), "memory.max"), text) }
	for name, c := range map[string]struct {
		cores          int
		meminfo, limit string
		want           string
	}{
		"8 GB":                  {4, meminfo("8000000"), limit("max\n"), "base-q8_0"},
		"4 GiB, as Linux shows": {2, meminfo("3990000"), limit("max\n"), "base-q8_0"},
		"2 GB":                  {4, meminfo("2000000"), limit("max\n"), "tiny.en-q8_0"},
		"one core":              {1, meminfo("8000000"), limit("max\n"), "tiny.en-q8_0"},
		"a small container":     {4, meminfo("8000000"), limit("1073741824\n"), "tiny.en-q8_0"},
		"no control group":      {4, meminfo("8000000"), "/nowhere", "base-q8_0"},
		"not Linux":             {4, "/nowhere", "/nowhere", "base-q8_0"},
	} {
		if got := automaticModel(c.cores, totalMemory(c.meminfo, c.limit)); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}

	if got := (Settings{WhisperModel: "small-q8_0"}).WhisperModelName(); got != "small-q8_0" {
		t.Errorf("the operator's model is %s", got)
	}
}

// TestWhisperModelPath: the model is looked for in the folder of models, then in
// that of the speech engine.
func TestWhisperModelPath(t *testing.T) {
	s := Settings{Models: t.TempDir(), Speech: t.TempDir(), WhisperModel: "tiny"}
	expect := func(want string) {
		t.Helper()
		if got := s.WhisperModelPath(); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}

	downloaded := filepath.Join(s.Models, "ggml-tiny.bin")
	expect(downloaded) // where it would be
	expect(writeText(t, filepath.Join(s.Speech, "ggml-tiny.bin"), ""))
	expect(writeText(t, downloaded, ""))

	s.WhisperModel = "/srv/mine.bin"
	expect("/srv/mine.bin")
}
