package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// whisperLimit is how long a clip may wait for Whisper's transcript on a machine
// that is busy with other tests.
const whisperLimit = 10 * time.Minute

// dataWithWhisper is a data folder in which Whisper's files are installed, as a
// default installation has them a little after its first start.
func dataWithWhisper(t testing.TB) string {
	t.Helper()
	data := t.TempDir()
	if err := os.Mkdir(filepath.Join(data, "models"), 0o755); err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{"ggml-base-q8_0.bin", "whisper"} {
		from := filepath.Join(modelsDir(), name)
		if _, err := os.Stat(from); err != nil {
			t.Skipf("no weights to test with (make weights): %v", err)
		}
		if err := os.Symlink(from, filepath.Join(data, "models", name)); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// germanSpeech is spoken by a synthesiser.
func germanSpeech(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "woche.wav")
	runProgram(t, "espeak-ng", "-v", "de", "-s", "140", "-w", file, "Guten Morgen. Heute möchte ich kurz erklären, was wir in dieser Woche gemacht haben. "+
		"Am Montag haben wir die neue Version veröffentlicht, und am Mittwoch waren wir bei einem Kunden in Hamburg. Morgen besprechen wir die nächsten Schritte.")
	return file
}

// frenchSpeech is a recording of Debian's package asterisk-core-sounds-fr-g722.
func frenchSpeech(t *testing.T) (file string) {
	t.Helper()
	const recording = "/usr/share/asterisk/sounds/fr_CA_f_June/demo-congrats.g722"
	if _, err := os.Stat(recording); err != nil {
		t.Skipf("no French speech to test with (scripts/need.sh asterisk-core-sounds-fr-g722): %v", err)
	}
	file = filepath.Join(t.TempDir(), "bienvenue.webm")
	runProgram(t, "ffmpeg", "-v", "error", "-f", "g722", "-i", recording, "-c:a", "libopus", file)
	return file
}

func runProgram(t *testing.T, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is needed (scripts/need.sh %s): %v", name, name, err)
	}
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// TestOtherLanguages: a default installation transcribes German that nobody
// announced, and French whose language was chosen beforehand; both in punctuated
// text, and never says that nobody understands them.
func TestOtherLanguages(t *testing.T) {
	s := startServer(t, dataWithWhisper(t), "--whisper-model", "base-q8_0").signIn()
	german := s.pushFile(germanSpeech(t), "Woche")
	french := s.uploadInLanguage("fr", frenchSpeech(t))

	for _, c := range []struct {
		clip, language string
		words          []string
	}{
		{german, "de", []string{"woche", "montag", "hamburg", "schritte"}},
		{french, "fr", []string{"félicitations", "vous", "avec"}},
	} {
		got := s.awaitClipWithin(whisperLimit, c.clip, "transcribed", func(v clipView) bool {
			if step := v.Steps["transcribe"]; step.Failure != nil {
				t.Fatalf("%s: %s", c.language, *step.Failure)
			}
			return v.Steps["transcribe"].State == "done" && s.loadTranscript(c.clip).Engine == "whisper"
		})
		tr := s.loadTranscript(c.clip)
		if tr.Draft || tr.Language != c.language || got.Language == nil || *got.Language != c.language {
			t.Errorf("%s: %+v of %+v", c.language, tr, got)
		}

		var text strings.Builder
		for _, g := range tr.Segments {
			text.WriteString(strings.ToLower(g.Text) + " ")
		}
		for _, word := range c.words {
			if !strings.Contains(text.String(), word) {
				t.Errorf("%s: %q is not in %q", c.language, word, text.String())
			}
		}
	}
}

// uploadInLanguage uploads a WebM file as a clip of a chosen language.
func (s *testServer) uploadInLanguage(language, file string) string {
	s.t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}

	var c struct{ ID string }
	s.callAPI(http.MethodPost, "/api/v1/clips", map[string]any{"workspace_id": s.ws, "kind": "voice", "language": language}, &c)
	if _, err := s.patchUpload(s.createUpload(c.ID, "audio/webm"), 0, b, int64(len(b))); err != nil {
		s.t.Fatal(err)
	}
	return c.ID
}
