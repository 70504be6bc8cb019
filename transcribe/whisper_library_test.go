package transcribe_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// findWhisperFiles finds the library and a model: those of
// TIDINGS_TEST_WHISPER_LIBRARY and TIDINGS_TEST_WHISPER_MODEL, or those of `make
// weights`.
func findWhisperFiles() (library, model string, err error) {
	weights := filepath.Join("..", "bin", "models")
	library = cmp.Or(os.Getenv("TIDINGS_TEST_WHISPER_LIBRARY"), transcribe.WhisperLibraryIn(weights))
	model = cmp.Or(os.Getenv("TIDINGS_TEST_WHISPER_MODEL"), filepath.Join(weights, "ggml-base-q8_0.bin"))
	for _, path := range []*string{&library, &model} {
		if *path, err = filepath.Abs(*path); err != nil {
			return "", "", err
		}
		if _, err := os.Stat(*path); err != nil {
			return "", "", err
		}
	}

	return library, model, nil
}

// whisperFiles are the library and a model. Tests of real recognition are skipped
// without them, but not where they are said to be, as `make test` does.
func whisperFiles(t testing.TB) (library, model string) {
	t.Helper()
	library, model, err := findWhisperFiles()
	if err == nil {
		return library, model
	}

	if os.Getenv("TIDINGS_TEST_WHISPER_LIBRARY") != "" && runtime.GOOS+runtime.GOARCH == "linuxamd64" {
		t.Fatal(err)
	}
	t.Skipf("no Whisper to test: %v", err)
	return "", ""
}

// libraryEngine is the engine by the library, without the program.
func libraryEngine(t testing.TB, change func(*transcribe.WhisperConfig)) *transcribe.Whisper {
	t.Helper()
	library, model := whisperFiles(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	c := transcribe.WhisperConfig{Library: []string{library}, Program: "no-such-whisper", Model: model, Threads: 1, Detector: requireDetector(t), Self: self}
	if change != nil {
		change(&c)
	}

	e, err := transcribe.NewWhisper(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := transcribe.Ready(e); err != nil {
		t.Skipf("no Whisper to test: %s", tidings.Sentence(err))
	}

	t.Cleanup(e.EndProcess)
	return e
}

// TestWhisperLibrary: the engine keeps the contract of engines by the library.
func TestWhisperLibrary(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, enginetest.Subject{Engine: libraryEngine(t, nil), Speech: readSamples(t, "lj050-0131.wav"), Text: lj050, MaxRate: 0.15})
}

// TestWhisperWordTimes: words begin when they are said.
func TestWhisperWordTimes(t *testing.T) {
	t.Parallel()
	segs, err := enginetest.Collect(t.Context(), libraryEngine(t, nil), bytes.NewReader(readSamples(t, "jfk.wav")))
	if err != nil {
		t.Fatal(err)
	}

	off := startOffsets(referenceStarts(t)["jfk.wav"], segs)
	slices.Sort(off)
	if len(off) < 20 || off[len(off)/2] > 60 || off[len(off)*90/100] > 220 {
		t.Errorf("starts are off by %v ms: %+v", off, segs)
	}

	if len(segs) == 0 || segs[0].Language != "en" || !strings.HasSuffix(enginetest.Text(segs), "country.") {
		t.Errorf("%+v", segs)
	}
}

// TestWhisperMemory: the process stays within its budget, and one that may have no
// more memory fails like any other.
func TestWhisperMemory(t *testing.T) {
	t.Parallel()
	const budget = 450 << 20
	pids := filepath.Join(t.TempDir(), "pids")
	e := libraryEngine(t, func(c *transcribe.WhisperConfig) {
		c.Self = writeScript(t, filepath.Dir(pids), fmt.Sprintf(`echo $$ >>%s; exec %s "$@"`, pids, c.Self))
	})
	if _, err := transcribeSpeech(t, e); err != nil {
		t.Fatal(err)
	}

	b, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.Fields(string(b))[0])
	if err != nil {
		t.Fatal(err)
	}
	if peak := peakMemory(t, pid); peak > budget || peak < 100<<20 {
		t.Errorf("peak memory: %d bytes", peak)
	}

	small := libraryEngine(t, func(c *transcribe.WhisperConfig) { c.Memory = 100 << 20 })
	if _, err := transcribeSpeech(t, small); err == nil || tidings.KindOf(err) != tidings.KindInternal || transcribe.Ready(small) != nil {
		t.Errorf("with 100 MiB: %v", err)
	}
}

// TestWhisperOtherVersion: a library of another version is refused before it is
// called.
func TestWhisperOtherVersion(t *testing.T) {
	t.Parallel()
	library, model := whisperFiles(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(library))); err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(dir, filepath.Base(library))
	code, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	other := bytes.ReplaceAll(code, []byte("\x001.8.5\x00"), []byte("\x001.7.9\x00"))
	if bytes.Equal(other, code) {
		t.Fatal("the library has no version")
	}
	if err := os.WriteFile(path, other, 0o644); err != nil {
		t.Fatal(err)
	}

	checkRefused(t, transcribe.WhisperConfig{Library: []string{path}, Model: model}, `"1.7.9" is not a tested version`)
}

// checkRefused checks that a library is refused with a sentence that names the
// remedy, and that the engine is not ready any more.
func checkRefused(t *testing.T, c transcribe.WhisperConfig, reason string) {
	t.Helper()
	c.Program, c.Detector = "no-such-whisper", requireDetector(t)
	e, err := transcribe.NewWhisper(c)
	if err != nil {
		t.Fatal(err)
	}

	_, err = enginetest.Collect(t.Context(), e, bytes.NewReader(readSamples(t, "lj050-0131.wav")))
	for _, err := range []error{err, transcribe.Ready(e)} {
		if s := tidings.Sentence(err); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(s, reason) || !strings.Contains(s, "make whisper") {
			t.Errorf("%v", err)
		}
	}
}
