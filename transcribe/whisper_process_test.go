package transcribe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// answerWhisper is a shell loop that reads requests and answers each with a word.
const answerWhisper = `echo '{"ready":true}'
while read -r line; do
	n=${line#*:}; n=${n%%,*}
	head -c $((2*n)) >/dev/null
	echo '{"result":{"language":"en","tokens":[{"text":"IEhlbGxv","p":0.9,"end_ms":500}]}}'
done`

// scriptedWhisper is the engine with a child that is a script, and the processes
// that were started, in order. The script has $dir.
func scriptedWhisper(t *testing.T, script string, change func(*transcribe.WhisperConfig)) (*transcribe.Whisper, func() []int) {
	t.Helper()
	dir := t.TempDir()
	c := transcribe.WhisperConfig{Library: []string{filepath.Join(dir, "libwhisper.so")}, Program: "no-such-whisper", Model: filepath.Join(dir, "ggml-base.bin"),
		Detector: requireDetector(t), Dir: dir, Self: writeScript(t, dir, fmt.Sprintf("dir=%s; echo $$ >>$dir/pids\n%s", dir, script))}
	for _, path := range []string{c.Library[0], c.Model, filepath.Join(dir, "pids")} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(&c)
	}

	e, err := transcribe.NewWhisper(c)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(e.EndProcess)
	return e, func() (pids []int) {
		b, err := os.ReadFile(filepath.Join(dir, "pids"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range strings.Fields(string(b)) {
			pid, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
		return pids
	}
}

// transcribeSpeech is the text of a short recording by the engine.
func transcribeSpeech(t *testing.T, e transcribe.Engine) (string, error) {
	t.Helper()
	segs, err := enginetest.Collect(t.Context(), e, bytes.NewReader(readSamples(t, "lj050-0131.wav")))
	return enginetest.Text(segs), err
}

// awaitEnd waits until a process has ended.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	for !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		select {
		case <-t.Context().Done():
			t.Fatalf("process %d is still there", pid)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestWhisperOneProcess: one process transcribes all pieces of several clips, and
// keeps its model.
func TestWhisperOneProcess(t *testing.T) {
	t.Parallel()
	e, pids := scriptedWhisper(t, answerWhisper, nil)
	for range 3 {
		if text, err := transcribeSpeech(t, e); err != nil || !strings.HasPrefix(text, "Hello") {
			t.Fatalf("%q, %v", text, err)
		}
	}
	if len(pids()) != 1 {
		t.Errorf("processes: %v", pids())
	}
}

// TestWhisperRequest: the process is asked for the clip's language, with the
// glossary as the text before.
func TestWhisperRequest(t *testing.T) {
	t.Parallel()
	dir := ""
	script := strings.Replace(answerWhisper, "n=${line#*:}", `echo "$line" >>$dir/lines; n=${line#*:}`, 1)
	e, _ := scriptedWhisper(t, script, func(c *transcribe.WhisperConfig) { dir, c.Threads = c.Dir, 3 })
	for _, opt := range []transcribe.Options{{Language: "de-AT", Vocabulary: []string{"Ana", "Grafana"}}, {}} {
		if err := e.Transcribe(t.Context(), bytes.NewReader(readSamples(t, "lj050-0131.wav")), opt, func(tidings.TranscriptSegment) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}

	lines, err := os.ReadFile(filepath.Join(dir, "lines"))
	if err != nil || !strings.Contains(string(lines), `"language":"de","prompt":"Ana, Grafana","threads":3}`) || strings.Count(string(lines), `"language"`) != 1 {
		t.Errorf("%s, %v", lines, err)
	}
}

// TestWhisperIdle: a process without work ends, and another one is started for
// the next clip.
func TestWhisperIdle(t *testing.T) {
	t.Parallel()
	e, pids := scriptedWhisper(t, answerWhisper, func(c *transcribe.WhisperConfig) { c.Idle = time.Millisecond })
	for i := range 2 {
		if _, err := transcribeSpeech(t, e); err != nil {
			t.Fatal(err)
		}
		awaitEnd(t, pids()[i])
	}
}

// TestWhisperReplaced: a model that was replaced is loaded for the next clip.
func TestWhisperReplaced(t *testing.T) {
	t.Parallel()
	model := ""
	e, pids := scriptedWhisper(t, answerWhisper, func(c *transcribe.WhisperConfig) { model = c.Model })
	for i := range 2 {
		if err := os.WriteFile(model, make([]byte, i), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := transcribeSpeech(t, e); err != nil {
			t.Fatal(err)
		}
	}
	if len(pids()) != 2 {
		t.Errorf("processes: %v", pids())
	}
}

// TestWhisperCrash: whatever the process does is an error of the clip, with the
// last lines of its log, and the next clip gets a process of its own.
func TestWhisperCrash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, says string }{
		"segfault":        {`echo '{"ready":true}'; read -r line; echo "deep inside libwhisper" >&2; kill -SEGV $$`, "deep inside libwhisper"},
		"before it loads": {`echo "no memory" >&2; exit 3`, "no memory"},
		"an early end":    {`echo '{"ready":true}'; read -r line; exit 0`, "ended early"},
		"no JSON":         {`echo "whisper_init: hello"; cat >/dev/null`, "whisper_init: hello"},
		"no answer":       {`echo '{"ready":true}'; cat >/dev/null & echo '{}'; wait`, "no answer"},
		"an endless line": {`while :; do printf '%0100000d' 0; done`, "token too long"},
		"its own error":   {`echo '{"error":"cannot load the model"}'; cat >/dev/null`, "cannot load the model"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := `if [ "$(wc -l <$dir/pids)" = 1 ]; then ` + c.script + "\nfi\n" + answerWhisper
			e, pids := scriptedWhisper(t, script, nil)
			if _, err := transcribeSpeech(t, e); err == nil || !strings.Contains(err.Error(), c.says) || tidings.KindOf(err) != tidings.KindInternal {
				t.Errorf("%v", err)
			}
			awaitEnd(t, pids()[0])
			if text, err := transcribeSpeech(t, e); err != nil || !strings.HasPrefix(text, "Hello") {
				t.Errorf("afterwards: %q, %v", text, err)
			}
		})
	}
}

// TestWhisperCancel: the end of a transcription ends a process that is busy.
func TestWhisperCancel(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"loading": `sleep 1000`, "transcribing": `echo '{"ready":true}'; read -r line; sleep 1000`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, pids := scriptedWhisper(t, script, nil)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := enginetest.Collect(ctx, e, bytes.NewReader(readSamples(t, "lj050-0131.wav")))
				ended <- err
			}()

			for len(pids()) == 0 {
				<-time.After(10 * time.Millisecond)
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			awaitEnd(t, pids()[0])
		})
	}
}

// TestWhisperTimeout: a process that hangs is ended.
func TestWhisperTimeout(t *testing.T) {
	t.Parallel()
	e, pids := scriptedWhisper(t, `echo '{"ready":true}'; sleep 1000`, func(c *transcribe.WhisperConfig) { c.Timeout = 100 * time.Millisecond })
	if _, err := transcribeSpeech(t, e); err == nil || !strings.Contains(err.Error(), "takes too long") {
		t.Errorf("%v", err)
	}
	for _, pid := range pids() {
		awaitEnd(t, pid)
	}
}

// TestWhisperRefused: a library that is not made for this machine is tried once;
// then the program is run, or a sentence says what is missing.
func TestWhisperRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, reason string }{
		"another version":     {`echo '{"refused":"it is of another version"}'; cat >/dev/null`, "another version"},
		"illegal instruction": {`echo '{"ready":true}'; read -r line; kill -ILL $$`, "another processor"},
		"reported by Go":      {`echo "SIGILL: illegal instruction" >&2; seq 5000 >&2; exit 2`, "another processor"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, pids := scriptedWhisper(t, c.script, nil)
			_, err := transcribeSpeech(t, e)
			for _, err := range []error{err, transcribe.Ready(e)} {
				if s := tidings.Sentence(err); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(s, c.reason) || !strings.Contains(s, "make whisper") {
					t.Errorf("%v", err)
				}
			}

			if _, err := transcribeSpeech(t, e); err == nil || len(pids()) != 1 {
				t.Errorf("again: %v, processes %v", err, pids())
			}
		})
	}

	t.Run("before it is opened", func(t *testing.T) {
		t.Parallel()
		e, pids := scriptedWhisper(t, answerWhisper, func(c *transcribe.WhisperConfig) {
			if err := os.WriteFile(filepath.Join(filepath.Dir(c.Library[0]), "libggml-cpu.so"), []byte("not a library"), 0o600); err != nil {
				t.Fatal(err)
			}
		})
		_, err := transcribeSpeech(t, e)
		for _, err := range []error{err, transcribe.Ready(e)} {
			if s := tidings.Sentence(err); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(s, "make whisper") {
				t.Errorf("%v", err)
			}
		}
		if len(pids()) != 0 {
			t.Errorf("processes: %v", pids())
		}
	})

	t.Run("the program", func(t *testing.T) {
		t.Parallel()
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}

		// Only the child of the library refuses; the program gets a real sandbox.
		script := fmt.Sprintf(`case " $* " in *" __whisper "*) echo '{"refused":"other"}'; cat >/dev/null;; *) exec %s "$@";; esac`, self)
		e, _ := scriptedWhisper(t, script, func(c *transcribe.WhisperConfig) { c.Program = whisperStandIn(t, c.Model) })
		text, err := transcribeSpeech(t, e)
		if err != nil || enginetest.Compare(enginetest.Words(lj050), enginetest.Words(text)).Rate() > 0 {
			t.Errorf("%q, %v", text, err)
		}
	})
}

// TestWhisperMissing: without library and program a sentence says what fetches it.
func TestWhisperMissing(t *testing.T) {
	t.Parallel()
	e, _ := scriptedWhisper(t, answerWhisper, func(c *transcribe.WhisperConfig) {
		if err := os.Remove(c.Library[0]); err != nil {
			t.Fatal(err)
		}
	})
	_, err := transcribeSpeech(t, e)
	for _, err := range []error{err, transcribe.Ready(e)} {
		if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "tidings models pull whisper-library") {
			t.Errorf("%v", err)
		}
	}
}
