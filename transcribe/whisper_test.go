package transcribe_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// whisperStandIn is whisper-cli without weights: it accepts exactly the
// arguments of the real program, and transcribes with lj050Recogniser.
func whisperStandIn(t testing.TB, model string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	speech, err := filepath.Abs(filepath.Join("testdata", "lj050-0131.wav"))
	if err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(t.TempDir(), "whisper-cli")
	text := fmt.Sprintf(`#!/bin/sh
[ $# = 15 ] && [ "$1 $2" = "--model %s" ] && [ "$3" = --threads ] && [ "$4" -ge 1 ] && [ "$5 $6" = "--language auto" ] && [ "$7" = --prompt ] &&
[ "$9 ${10} ${11}" = "--suppress-nst --no-prints --output-json-full" ] && [ "${12}" = --output-file ] && [ "${14}" = --file ] || { echo "arguments: $*" >&2; exit 2; }
exec %s __ear %s "${15}" "${13}"
`, model, self, speech)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}

	return path
}

// whisperEngine is the engine with a stand-in program and a model that is only a
// name.
func whisperEngine(t testing.TB, model string) *transcribe.Whisper {
	t.Helper()
	e, err := transcribe.NewWhisper(transcribe.WhisperConfig{Program: whisperStandIn(t, model), Model: model, Detector: requireDetector(t), Dir: t.TempDir(), Runs: 2})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestWhisper tests everything but accuracy, which needs weights.
func TestWhisper(t *testing.T) {
	t.Parallel()
	model := filepath.Join(t.TempDir(), "ggml-base-q8_0.bin")
	e := whisperEngine(t, model)
	if err := transcribe.Ready(e); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "tidings models pull base-q8_0") {
		t.Errorf("without a model: %v", err)
	}

	pcm := readSamples(t, "lj050-0131.wav")
	if _, err := enginetest.Collect(t.Context(), e, bytes.NewReader(pcm)); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("without a model: %v", err)
	}

	if err := os.WriteFile(model, nil, 0o644); err != nil {
		t.Fatal(err)
	}

	if err := transcribe.Ready(e); err != nil || e.Name() != "whisper" || e.Model() != "base-q8_0" || len(e.Caps().Languages) != 0 {
		t.Errorf("%v, %s %s, %+v", err, e.Name(), e.Model(), e.Caps())
	}

	enginetest.Run(t, enginetest.Subject{Engine: e, Speech: pcm, Text: lj050, MaxRate: 0})
	english, err := transcribe.NewWhisper(transcribe.WhisperConfig{Program: "true", Model: "ggml-tiny.en.bin", Detector: requireDetector(t)})
	if err != nil || len(english.Caps().Languages) != 1 {
		t.Errorf("%v, an English model: %+v", err, english.Caps())
	}

	if _, err := transcribe.NewWhisper(transcribe.WhisperConfig{Program: "no-such-whisper", Detector: requireDetector(t)}); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("without the program: %v", err)
	}
}

// TestWhisperArguments checks our arguments against the real program, where it
// is built or installed.
func TestWhisperArguments(t *testing.T) {
	t.Parallel()
	program := filepath.Join("..", "bin", "whisper", "whisper-cli")
	if _, err := os.Stat(program); err != nil {
		if program, err = exec.LookPath("whisper-cli"); err != nil {
			t.Skip("whisper-cli is not here: `make whisper` builds it")
		}
	}

	help, err := exec.CommandContext(t.Context(), program, "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, help)
	}

	for _, flag := range []string{"--model", "--threads", "--language", "--prompt", "--suppress-nst", "--no-prints", "--output-json-full", "--output-file", "--file"} {
		if !bytes.Contains(help, []byte(flag+" ")) {
			t.Errorf("it has no %s", flag)
		}
	}
}
