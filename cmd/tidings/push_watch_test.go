package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// watchProcess is a `tidings push --watch` of a test.
type watchProcess struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err chan string // lines
}

func (s *testServer) startWatch(t *testing.T, server, dir string) *watchProcess {
	t.Helper()
	w := &watchProcess{t: t, cmd: exec.Command(programPath(t), "push", "--watch", dir, "--every", "30ms")}
	w.cmd.Env = append(os.Environ(), "TIDINGS_URL="+server, "TIDINGS_TOKEN="+s.token)
	lines := func(r io.Reader, err error) chan string {
		if err != nil {
			t.Fatal(err)
		}

		c := make(chan string, 1000)
		go func() {
			defer close(c)

			for s := bufio.NewScanner(r); s.Scan(); {
				c <- s.Text()
			}
		}()

		return c
	}
	w.out, w.err = lines(w.cmd.StdoutPipe()), lines(w.cmd.StderrPipe())
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { w.cmd.Process.Kill() })
	return w
}

// nextLink waits for the next line on stdout and returns the clip in it.
func (w *watchProcess) nextLink() string {
	w.t.Helper()
	_, id, ok := strings.Cut(w.awaitLine(w.out, ""), "/c/")
	if !ok {
		w.t.Fatal("a line without a link")
	}
	return id
}

// awaitLine waits for the next line with words in it.
func (w *watchProcess) awaitLine(from chan string, words string) string {
	w.t.Helper()
	for end := time.After(time.Minute); ; {
		select {
		case text, more := <-from:
			if !more {
				w.t.Fatalf("it has ended without saying %q", words)
			}
			w.t.Log(text)
			if strings.Contains(text, words) {
				return text
			}
		case <-end:
			w.cmd.Process.Kill()
			for text := range w.err {
				w.t.Log(text)
			}
			w.t.Fatalf("it never says %q", words)
		}
	}
}

// stopWatch interrupts the process and returns the rest of stderr.
func (w *watchProcess) stopWatch() (rest string) {
	w.t.Helper()
	w.cmd.Process.Signal(os.Interrupt)
	for text := range w.err {
		rest += text + "\n"
	}

	for text := range w.out {
		w.t.Errorf("also uploaded: %s", text)
	}

	if err := w.cmd.Wait(); err != nil {
		w.t.Errorf("stopped: %v", err)
	}

	return rest
}

// copyFile copies a recording into a folder in one step.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b := readRecording(t, from)
	if err := os.WriteFile(to+".tmp", b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(to+".tmp", to); err != nil {
		t.Fatal(err)
	}
}

// clipTitles counts the titles of all clips.
func (s *testServer) clipTitles() map[string]int {
	var page struct{ Items []struct{ Title string } }
	s.callAPI(http.MethodGet, "/api/v1/clips?workspace="+s.ws, nil, &page)
	out := map[string]int{}
	for _, c := range page.Items {
		out[c.Title]++
	}
	return out
}

func checkTitles(t *testing.T, s *testServer, want ...string) {
	t.Helper()
	got := s.clipTitles()
	for _, w := range want {
		if got[w] != 1 {
			t.Errorf("%d clips %q, want one", got[w], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("clips %v, want %v", got, want)
	}
}

// TestPushWatch: recordings that are in the folder or appear there are sent once,
// also across restarts; files that are no complete recordings are not.
func TestPushWatch(t *testing.T) {
	s, dir := startServer(t, t.TempDir()).signIn(), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	copyFile(t, "voice.webm", at("first.webm"))
	copyFile(t, "vp8-opus.webm", at("second.webm.part"))
	copyFile(t, "vp8-opus.webm", at(".hidden.webm"))
	if err := os.WriteFile(at("notes.txt"), []byte("Buy milk, and bread, and something to read."), 0o600); err != nil {
		t.Fatal(err)
	}

	w := s.startWatch(t, s.base, dir)
	first := w.nextLink()
	w.awaitLine(w.err, "notes.txt: This is not a recording")

	if _, got := s.request(http.MethodGet, "/api/v1/clips/"+first+"/media/original", nil, nil); string(got) != string(readRecording(t, "voice.webm")) {
		t.Errorf("%d bytes arrived", len(got))
	}

	if out, err := runCommandEnv(t, []string{"TIDINGS_URL=" + s.base, "TIDINGS_TOKEN=" + s.token}, "push", "--watch", dir); err == nil || !strings.Contains(out, "another `tidings push --watch`") {
		t.Errorf("a second one: %v %s", err, out)
	}

	if err := os.Rename(at("second.webm.part"), at("second.webm")); err != nil {
		t.Fatal(err)
	}

	w.nextLink()
	copyFile(t, "resized.webm", at("notes.txt")) // it has changed, so it is tried again
	w.nextLink()
	copyFile(t, "voice.webm", at("copy.webm"))
	w.awaitLine(w.err, "the same as first.webm")
	if rest := w.stopWatch(); strings.Contains(rest, "notes.txt") {
		t.Errorf("named twice: %s", rest)
	}

	if err := os.WriteFile(at("list.txt"), []byte("Buy milk."), 0o600); err != nil {
		t.Fatal(err)
	}

	copyFile(t, "vp9-opus.webm", at("third.webm"))
	w = s.startWatch(t, s.base, dir)
	w.nextLink()
	w.awaitLine(w.err, "list.txt")
	w.stopWatch()
	w = s.startWatch(t, s.base, dir)
	w.awaitLine(w.err, "Watching")
	s.kill()
	copyFile(t, "paused.webm", at("fourth.webm"))
	for away := false; !away; {
		said := w.awaitLine(w.err, "")
		if away = strings.Contains(said, "does not answer"); !away && !strings.HasPrefix(said, "fourth.webm: sending") {
			t.Errorf("after a restart: %s", said) // list.txt was named before
		}
	}

	s = s.restart("--listen", strings.TrimPrefix(s.base, "http://"))
	w.nextLink()
	w.awaitLine(w.err, "It works again.")
	w.stopWatch()
	checkTitles(t, s, "first", "second", "notes", "third", "fourth")
	s.stop() // its ffmpeg may still write into the folder that is removed
}

// TestPushOptions: what does not go together is said before anything happens.
func TestPushOptions(t *testing.T) {
	for args, say := range map[string]string{
		"":                            "which file?",
		"a.webm --watch d":            "FILE… and --watch do not go together",
		"--watch d --title T":         "--title does not go with --watch",
		"--watch=":                    "which folder?",
		"a.webm --every 5s":           "--every goes with --watch",
		"--watch d --every 0s":        "--every is between",
		"--watch ../../no/such/place": "no such file",
		"--watch push_watch_test.go":  "is no folder",
	} {
		out, err := runCommandEnv(t, []string{"TIDINGS_TOKEN=tdg_x"}, append([]string{"push"}, strings.Fields(args)...)...)
		if err == nil || !strings.Contains(out, say) {
			t.Errorf("push %s: %v %s, want %q", args, err, out, say)
		}
	}
}
