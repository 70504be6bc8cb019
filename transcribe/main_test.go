package transcribe_test

import (
	"os"
	"path/filepath"
	"testing"

	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// TestMain lets the test binary be its own children, as the product is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "__guard":
			os.Exit(media.SandboxMain(os.Args[2:]))
		case "__speech":
			os.Exit(transcribe.SpeechMain(os.Args[2:]))
		case "__whisper":
			os.Exit(transcribe.WhisperMain(os.Args[2:]))
		case "__command":
			os.Exit(transcribe.CommandMain(os.Args[2:]))
		case "__ear":
			os.Exit(fakeProgramMain(os.Args[2:]))
		}
	}

	os.Exit(m.Run())
}

// speechFiles are the built-in engine's files. `make test` fetches them; without
// them tests of the engine are skipped.
func speechFiles(t testing.TB) transcribe.VoskFiles {
	t.Helper()
	dir := os.Getenv("TIDINGS_SPEECH_DIR")
	if dir == "" {
		dir = filepath.Join("..", "bin", "speech")
	}

	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}

	files := transcribe.VoskFilesIn(dir)
	err = transcribe.Ready(&transcribe.Vosk{Files: files})
	if tidings.KindOf(err) == tidings.KindUnavailable {
		t.Skipf("no speech engine to test: %s", tidings.Sentence(err))
	}

	if err != nil {
		t.Fatal(err)
	}

	return files
}

// builtInEngine is the built-in engine.
func builtInEngine(t testing.TB) *transcribe.Vosk {
	return &transcribe.Vosk{Files: speechFiles(t), Workers: 2}
}

// readSamples are the samples of a file in testdata.
func readSamples(t testing.TB, name string) []byte {
	t.Helper()
	pcm, err := enginetest.WAV(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}
