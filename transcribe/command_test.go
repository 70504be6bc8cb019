package transcribe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// The probabilities of the words of fakeProgramMain, when it detects the language,
// and when it is asked for one.
const (
	heardInAny   = 0.75
	heardInAsked = 0.7
)

// fakeProgramMain is a speech program: __ear SPEECH [WAV OUT [LANGUAGE]]. It transcribes
// WAV, or its standard input, with lj050Recogniser, and writes whisper.cpp's
// JSON to OUT.json, or its standard output.
func fakeProgramMain(args []string) int {
	speech, err := enginetest.WAV(args[0])
	in, out := os.Stdin, os.Stdout
	if err == nil && len(args) >= 3 {
		if in, err = os.Open(args[1]); err == nil {
			out, err = os.Create(args[2] + ".json")
		}
	}

	var pcm []byte
	if err == nil {
		pcm, err = readWAV(in)
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}

	p := heardInAny
	if len(args) == 4 && args[3] != "auto" {
		p = heardInAsked
	}

	type object = map[string]any
	transcription := []object{}
	for part := range slices.Chunk(newFakeRecogniser(speech, lj050, 300, enginetest.Millis(speech)-400).recognise(pcm), 8) {
		var text string
		var tokens []object
		for _, w := range part {
			text += " " + w.Text
			tokens = append(tokens, object{"text": " " + w.Text, "offsets": object{"from": w.StartMS, "to": w.EndMS}, "p": p})
		}
		transcription = append(transcription, object{"text": text, "tokens": tokens, "offsets": object{"from": part[0].StartMS, "to": part[len(part)-1].EndMS}})
	}

	if err := json.NewEncoder(out).Encode(object{"result": object{"language": "en"}, "transcription": transcription}); err != nil {
		return 1
	}

	return 0
}

// newTestCommand is an engine that runs a command.
func newTestCommand(t testing.TB, args []string, change ...func(*transcribe.CommandConfig)) *transcribe.Command {
	t.Helper()
	c := transcribe.CommandConfig{Args: args, Detector: requireDetector(t), Dir: t.TempDir(), Runs: 2, Piece: 30 * time.Second}
	for _, f := range change {
		f(&c)
	}
	e, err := transcribe.NewCommand(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestCommand: a program keeps the contract of engines, whichever way it gets
// its sound.
func TestCommand(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	speech, err := filepath.Abs(filepath.Join("testdata", "lj050-0131.wav"))
	if err != nil {
		t.Fatal(err)
	}

	for name, args := range map[string][]string{"pipe": {self, "__ear", speech}, "files": {self, "__ear", speech, "{wav}", "{out}"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := ""
			e := newTestCommand(t, args, func(c *transcribe.CommandConfig) {
				c.Dir = filepath.Join(c.Dir, "removed") // since the start
				dir = c.Dir
			})
			pcm := readSamples(t, "lj050-0131.wav")
			if name == "pipe" {
				enginetest.Run(t, enginetest.Subject{Engine: e, Speech: pcm, Text: lj050, MaxRate: 0})
				return
			}

			segs, err := enginetest.Collect(t.Context(), e, bytes.NewReader(pcm))
			if err != nil || enginetest.Text(segs) != lj050 || *segs[0].Words[0].P != 0.75 {
				t.Errorf("%v, %+v", err, segs)
			}

			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestCommandOutput: all formats, from a program with a constant output.
func TestCommandOutput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"vtt":                {`printf 'WEBVTT\n\n00:00.500 --> 00:01.000\n<v Ana>hello there'`, "hello there"},
		"srt":                {`printf '1\n00:00:00,500 --> 00:00:01,000\nhello\n'`, "hello"},
		"json":               {`printf '{"segments":[{"start":0.5,"end":1,"text":"hello"}]}'`, "hello"},
		"nothing":            {`:`, ""},
		"does not read":      {`exec 0<&-; printf '{"text":"hello"}'`, "hello"},
		"a file":             {`printf 'WEBVTT\n\n00:00.500 --> 00:01.000\nhello' >"${2}.vtt"`, "hello"},
		"language, as asked": {`printf '{"text":"%s"}' "$3"`, "auto"},
		"its own folder":     {`[ "$PWD" = "$HOME" ] && printf '{"text":"%s"}' "$(stat -c %a .)"`, "700"},
		"no environment":     {`printf '{"text":"none%s"}' "$TIDINGS_SPEECH_DIR"`, "none"},
		"quotes are kept":    {`printf '{"text":"%s"}' "$4"`, "a b"},
		"a child left over":  {`sleep 1000 & printf '{"text":"hello"}'`, "hello"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{writeScript(t, t.TempDir(), c.script), "-f", "-", "{language}", "a b"}
			if name == "a file" {
				args = []string{args[0], "{wav}", "{out}"}
			}

			segs, err := enginetest.Collect(t.Context(), newTestCommand(t, args), bytes.NewReader(readSamples(t, "lj050-0131.wav")))
			if got := enginetest.Text(segs); err != nil || got != c.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestCommandFaults: whatever a program does is an ordinary error, and the
// program is confined.
func TestCommandFaults(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	for name, c := range map[string]struct{ script, says string }{
		"exit code":     {`echo "no such model" >&2; exit 3`, "exit status 3: no such model"},
		"crash":         {`kill -SEGV $$`, "segmentation fault"},
		"garbage":       {`echo "whisper_init: loading"`, "whisper_init"},
		"cut off":       {`printf '{"segments":[{"start":0,'`, "unexpected end"},
		"without end":   {`yes`, "more than"},
		"too slow":      {`sleep 1000`, "too long"},
		"memory":        {`dd if=/dev/zero of=/dev/null bs=700M count=1 && printf '{"text":"all of it"}'`, "memory"},
		"writes abroad": {`echo x >` + outside + `/x && printf '{"text":"written"}'`, "failed"},
		"no file":       {`:`, "none of"},
		"a link":        {`ln -s /etc/passwd "$2.json"`, "too many levels"},
		"a huge file":   {`head -c 17000000 /dev/zero >"$2.json"`, "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{writeScript(t, t.TempDir(), c.script), "{wav}"}
			if slices.Contains([]string{"no file", "a link", "a huge file"}, name) {
				args = append(args, "{out}")
			}

			e := newTestCommand(t, args, func(c *transcribe.CommandConfig) {
				c.Memory = 512 << 20
				if name == "too slow" {
					c.Timeout = 100 * time.Millisecond
				}
			})
			segs, err := enginetest.Collect(t.Context(), e, bytes.NewReader(readSamples(t, "lj050-0131.wav")))
			if err == nil || !strings.Contains(strings.ToLower(err.Error()), c.says) || len(segs) > 0 {
				t.Errorf("%q, %v", enginetest.Text(segs), err)
			}
		})
	}

	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("written outside: %v, %v", left, err)
	}
}

// TestCommandCancelled: the program and all processes that it started end with
// the context.
func TestCommandCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := newTestCommand(t, []string{writeScript(t, dir, `sleep 1000 & wait`), "{wav}"}, func(c *transcribe.CommandConfig) { c.Dir = dir })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := enginetest.Collect(ctx, e, bytes.NewReader(readSamples(t, "lj050-0131.wav")))
		ended <- err
	}()

	pids := childrenOf(t, dir)
	cancel()

	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	case <-time.After(2 * time.Minute):
		t.Error("still there")
	}

	for _, pid := range pids {
		waitForEnd(t, pid)
	}
}

// waitForEnd waits until a process that was killed has ended: what it had open
// is closed a moment before.
func waitForEnd(t *testing.T, pid int) {
	t.Helper()
	var stat []byte
	for began := time.Now(); time.Since(began) < time.Minute; runtime.Gosched() {
		var err error
		if stat, err = os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d is still there: %s", pid, stat)
}

// childrenOf waits until processes run whose working folder is below dir, and
// returns them.
func childrenOf(t *testing.T, dir string) (pids []int) {
	t.Helper()
	for len(pids) < 2 && t.Context().Err() == nil {
		pids = nil
		all, err := filepath.Glob("/proc/[0-9]*/cwd")
		if err != nil {
			t.Fatal(err)
		}

		for _, link := range all {
			if to, err := os.Readlink(link); err == nil && strings.HasPrefix(to, dir) {
				pid, err := strconv.Atoi(strings.Split(link, "/")[2])
				if err != nil {
					t.Fatal(err)
				}
				pids = append(pids, pid)
			}
		}
	}

	return pids
}

func TestCommandMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		kind tidings.Kind
	}{{nil, tidings.KindInvalid}, {[]string{"/nowhere/whisper-cli"}, tidings.KindUnavailable}} {
		if _, err := transcribe.NewCommand(transcribe.CommandConfig{Args: c.args, Detector: requireDetector(t)}); tidings.KindOf(err) != c.kind {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}

func TestSplitCommand(t *testing.T) {
	for in, want := range map[string][]string{
		"": nil, "  ": nil, "a": {"a"}, ` a  b	"c d" 'e "f' g"h i"j "" `: {"a", "b", "c d", `e "f`, "gh ij", ""}, `a\ b`: {`a\`, "b"},
	} {
		if got, err := transcribe.SplitCommand(in); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}

	for _, bad := range []string{`"a`, `a 'b`} {
		if _, err := transcribe.SplitCommand(bad); tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
