package transcribe_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
[ $# = 15 ] && [ "$1 $2" = "--model %s" ] && [ "$3" = --threads ] && [ "$4" -ge 1 ] && [ "$5" = --language ] && { [ "$6" = auto ] || [ "$6" = en ]; } && [ "$7" = --prompt ] &&
[ "$9 ${10} ${11}" = "--suppress-nst --no-prints --output-json-full" ] && [ "${12}" = --output-file ] && [ "${14}" = --file ] || { echo "arguments: $*" >&2; exit 2; }
exec %s __ear %s "${15}" "${13}" "$6"
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
	return whisperEngineWith(t, model, 2)
}

func whisperEngineWith(t testing.TB, model string, runs int) *transcribe.Whisper {
	t.Helper()
	e, err := transcribe.NewWhisper(transcribe.WhisperConfig{Program: whisperStandIn(t, model), Model: model, Detector: requireDetector(t), Dir: t.TempDir(), Runs: runs})
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

// TestWhisperPacks: of a clip with long pauses the program gets as much speech at
// once as its model takes, and detects the language once; the words are where
// they are said, and no segment goes over a pause.
func TestWhisperPacks(t *testing.T) {
	t.Parallel()
	model := filepath.Join(t.TempDir(), "ggml-base-q8_0.bin")
	if err := os.WriteFile(model, nil, 0o644); err != nil {
		t.Fatal(err)
	}

	const times, pause = 6, 5 * time.Second
	speech := readSamples(t, "lj050-0131.wav")
	part := append(bytes.Clone(speech), enginetest.Silence(pause)...)
	got, err := enginetest.Collect(t.Context(), whisperEngineWith(t, model, 1), bytes.NewReader(bytes.Repeat(part, times)))
	if err != nil {
		t.Fatal(err)
	}

	alone, err := enginetest.Collect(t.Context(), whisperEngine(t, model), bytes.NewReader(speech))
	if err != nil {
		t.Fatal(err)
	}

	if len(got) != times*len(alone) {
		t.Fatalf("%d segments, not %d times %d: %+v", len(got), times, len(alone), got)
	}
	for i, s := range got {
		want, shift := alone[i%len(alone)], int64(i/len(alone))*enginetest.Millis(part)
		if s.Text != want.Text || max(s.StartMS-want.StartMS-shift, want.StartMS+shift-s.StartMS) > 32 {
			t.Errorf("%d ms: %q, not %d ms: %q", s.StartMS, s.Text, want.StartMS+shift, want.Text)
		}
	}

	var asked string // of each segment: whether its piece was read in any language, or in the one of the piece before
	for _, s := range got {
		asked += map[float64]string{heardInAny: "?", heardInAsked: "e"}[*s.Words[0].P]
	}
	if half := len(got) / 2; asked != strings.Repeat("?", half)+strings.Repeat("e", half) {
		t.Errorf("two pieces of three parts each are read in %s", asked)
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
