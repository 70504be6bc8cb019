package transcribe_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

const lj050 = "unless a system is established for the frequent formal review of activities thereunder. in this regard"

// TestChild: the built-in engine keeps the contract of engines.
func TestChild(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, enginetest.Subject{Engine: builtInEngine(t), Speech: readSamples(t, "lj050-0131.wav"), Text: lj050, MaxRate: 0.35})
}

// TestAfresh: a window gives the same words whatever its recogniser decoded
// before, with the times at which they were said.
func TestAfresh(t *testing.T) {
	t.Parallel()
	const step = 100_000 // ms between the windows
	rounds, err := transcribe.Windows(speechFiles(t), readSamples(t, "lj050-0131.wav"), 3, step)
	if err != nil {
		t.Fatal(err)
	}

	for i, segs := range rounds {
		if len(segs) == 0 || enginetest.Text(segs) != enginetest.Text(rounds[0]) {
			t.Fatalf("first %q, then %q", enginetest.Text(rounds[0]), enginetest.Text(segs))
		}

		for j, seg := range segs {
			for k, w := range seg.Words {
				if off := w.StartMS - rounds[0][j].Words[k].StartMS - int64(i)*step; off < -2 || off > 2 {
					t.Errorf("%q is %d ms from where it was said", w.Text, off)
				}
			}
		}
	}
}

// TestChildKilled: the death of the process is an ordinary error, reported at
// once although more sound may come.
func TestChildKilled(t *testing.T) {
	t.Parallel()
	engine, pid := trackedEngine(t)
	r, w := io.Pipe()
	defer w.Close()

	go w.Write(append(readSamples(t, "lj050-0131.wav"), enginetest.Silence(3*time.Second)...))
	err := engine.Transcribe(t.Context(), r, transcribe.Options{}, func(tidings.TranscriptSegment) error {
		return syscall.Kill(pid(), syscall.SIGKILL)
	})
	if err == nil || !strings.Contains(err.Error(), "killed") || tidings.KindOf(err) != tidings.KindInternal {
		t.Errorf("%v", err)
	}
}

// trackedEngine is the built-in engine and the process it last started.
func trackedEngine(t testing.TB) (*transcribe.Vosk, func() int) {
	t.Helper()
	engine := builtInEngine(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	engine.Self = writeScript(t, dir, fmt.Sprintf(`echo $$ >%s/pid; exec %s "$@"`, dir, self))
	return engine, func() int {
		b, err := os.ReadFile(filepath.Join(dir, "pid"))
		if err != nil {
			t.Fatal(err)
		}

		pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}
}

// writeScript writes a program.
func writeScript(t testing.TB, dir, text string) string {
	t.Helper()
	path := filepath.Join(dir, "engine")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestChildCrash: whatever a process that is not our engine does is an error
// with the last lines of its log.
func TestChildCrash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, says string }{
		"segfault":        {`head -c 100000 >/dev/null; echo "deep inside libvosk" >&2; kill -SEGV $$`, "deep inside libvosk"},
		"an early end":    {`head -c 100000 >/dev/null; exit 0`, "ended early"},
		"an exit code":    {`exit 3`, "exit status 3"},
		"no JSON":         {`echo "LOG (VoskAPI) hello"; cat >/dev/null`, "LOG (VoskAPI) hello"},
		"an endless line": {`while :; do printf '%0100000d' 0; done`, "token too long"},
		"its own error":   {`echo '{"error":"no memory for the model"}'; cat >/dev/null`, "no memory for the model"},
		"dies after work": {`echo '{"segment":{"Text":"one"}}'; exit 9`, "exit status 9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engine := &transcribe.Vosk{Self: writeScript(t, t.TempDir(), c.script)}
			_, err := enginetest.Collect(t.Context(), engine, enginetest.Repeat(enginetest.Silence(time.Second), 1000))
			if err == nil || !strings.Contains(err.Error(), c.says) || tidings.KindOf(err) != tidings.KindInternal {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestChildFiles: invalid files are errors and do not end the process.
func TestChildFiles(t *testing.T) {
	t.Parallel()
	good := speechFiles(t)
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	for name, files := range map[string]transcribe.VoskFiles{
		"library":  {Library: empty, Model: good.Model, VAD: good.VAD},
		"model":    {Library: good.Library, Model: t.TempDir(), VAD: good.VAD},
		"detector": {Library: good.Library, Model: good.Model, VAD: empty},
		"missing":  {Library: good.Library, Model: good.Model, VAD: empty + "s"},
	} {
		if _, err := enginetest.Collect(t.Context(), &transcribe.Vosk{Files: files}, bytes.NewReader(nil)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}

	if err := transcribe.Ready(&transcribe.Vosk{Files: transcribe.VoskFilesIn(t.TempDir())}); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "fetch-speech.sh") {
		t.Errorf("an empty folder: %v", err)
	}
}

// TestChildMemory: a child with one worker stays within its budget and does not
// keep sound: twenty minutes of silence, 37 MiB of samples, add next to nothing
// to the memory that the speech before them took. (The decoder's arenas grow for
// half an hour of speech, to about 300 MiB, and then no more.)
func TestChildMemory(t *testing.T) {
	t.Parallel()
	const budget, slack = 450 << 20, 16 << 20
	engine, pid := trackedEngine(t)
	part := enginetest.Pink(2*time.Minute, 0.001)
	copy(part[len(part)/2:], readSamples(t, "lj050-0131.wav"))
	var talked, silent int64
	n := 0
	// A busy engine reads behind: it has heard all of the speech once minutes of silence fit into the pipe behind it.
	pcm := io.MultiReader(enginetest.Repeat(part, 5), enginetest.Repeat(enginetest.Silence(time.Minute), 3), hookReader(func() { talked = peakMemory(t, pid()) }),
		enginetest.Repeat(enginetest.Silence(time.Minute), 20), hookReader(func() { silent = peakMemory(t, pid()) }))
	err := engine.Transcribe(t.Context(), pcm, transcribe.Options{}, func(tidings.TranscriptSegment) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}

	if talked == 0 || silent > budget || silent-talked > slack {
		t.Errorf("peak memory: %d bytes after speech, %d after silence", talked, silent)
	}

	if n < 5 {
		t.Errorf("only %d utterances in five times the speech", n)
	}
}

// hookReader is an empty reader that calls itself when it is read.
type hookReader func()

// Read implements io.Reader.
func (h hookReader) Read([]byte) (int, error) {
	h()
	return 0, io.EOF
}

// peakMemory is the largest resident set of a process so far, in bytes.
func peakMemory(t testing.TB, pid int) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}

	_, rest, found := strings.Cut(string(b), "VmHWM:")
	if !found {
		t.Fatalf("process %d has no memory", pid)
	}

	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}

	return kb << 10
}
