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
			os.Exit(transcribe.ChildMain(os.Args[2:]))
		case "__command":
			os.Exit(transcribe.CommandMain(os.Args[2:]))
		case "__ear":
			os.Exit(earMain(os.Args[2:]))
		}
	}

	os.Exit(m.Run())
}

// speechFiles are the built-in engine's. `make test` fetches them; without
// them a test of the engine has nothing to test.
func speechFiles(t testing.TB) transcribe.Files {
	t.Helper()
	dir := os.Getenv("TIDINGS_SPEECH_DIR")
	if dir == "" {
		dir = filepath.Join("..", "bin", "speech")
	}

	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}

	files, err := transcribe.Find(dir)
	if tidings.KindOf(err) == tidings.KindUnavailable {
		t.Skipf("no speech engine to test: %s", tidings.Sentence(err))
	}

	if err != nil {
		t.Fatal(err)
	}

	return files
}

// child is the built-in engine.
func child(t testing.TB) *transcribe.Child {
	return &transcribe.Child{Files: speechFiles(t), Workers: 2}
}

// samples are those of a file in testdata.
func samples(t testing.TB, name string) []byte {
	t.Helper()
	pcm, err := enginetest.WAV(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}
