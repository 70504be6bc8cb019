package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func requireLandlock(t *testing.T) {
	t.Helper()
	if strings.Contains(Confinement(), "not available") {
		t.Skip("this kernel has no Landlock: " + Confinement())
	}
}

// TestSandboxConfines: a sandboxed program sees its own folder and the system's
// libraries, and nothing else of the disk.
func TestSandboxConfines(t *testing.T) {
	requireLandlock(t)
	m := newMedia(t, newFakeBackend(nil))
	dir, remove, err := m.tempDir()
	if err != nil {
		t.Fatal(err)
	}
	defer remove()

	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}

	inside := filepath.Join(dir, "mine")
	if err := os.WriteFile(inside, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}

	for path, readable := range map[string]bool{inside: true, outside: false, "/etc/passwd": false, "/proc/1/environ": false} {
		var out bytes.Buffer
		_, err := m.runProcess(t.Context(), process{program: "/usr/bin/cat", args: []string{path}, dir: dir, stdout: &out, timeout: time.Minute})
		if (err == nil) != readable || out.Len() > 0 != readable {
			t.Errorf("%s: read %q, error %v", path, out.String(), err)
		}
	}

	for path, writable := range map[string]bool{filepath.Join(dir, "new"): true, filepath.Join(filepath.Dir(outside), "new"): false, filepath.Join(filepath.Dir(dir), "new"): false} {
		_, err := m.runProcess(t.Context(), process{program: "/usr/bin/touch", args: []string{path}, dir: dir, timeout: time.Minute})
		if _, serr := os.Stat(path); (err == nil) != writable || (serr == nil) != writable {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSandboxNetwork: an ffmpeg that is instructed to use the network cannot.
func TestSandboxNetwork(t *testing.T) {
	requireLandlock(t)
	if !strings.Contains(Confinement(), "TCP") {
		t.Skip("this kernel's Landlock does not know TCP: " + Confinement())
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()

	called := make(chan struct{})
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Close()
			close(called)
		}
	}()

	m := newMedia(t, newFakeBackend(nil))
	_, err = m.runProcess(t.Context(), process{program: m.ffmpeg, args: []string{"-v", "error", "-f", "wav", "-i", "tcp://" + l.Addr().String(), "-f", "null", "-"}, timeout: time.Minute})
	if err == nil || !strings.Contains(err.Error(), "Permission denied") {
		t.Errorf("%v", err)
	}

	select {
	case <-called:
		t.Error("it did connect")
	default:
	}
}

func TestSandboxLimits(t *testing.T) {
	m := newMedia(t, newFakeBackend(nil))
	var out bytes.Buffer
	script := "ulimit -v; ulimit -n; ulimit -c; ulimit -t; nice; echo $HOME $TIDINGS_SECRET"
	t.Setenv("TIDINGS_SECRET", "leaked")
	if _, err := m.runProcess(t.Context(), process{program: "/usr/bin/bash", args: []string{"-c", script}, stdout: &out, timeout: time.Minute}); err != nil {
		t.Fatal(err)
	}

	got := strings.Fields(out.String())
	if len(got) != 6 || got[0] != strconv.Itoa(limitMemory>>10) || got[1] != strconv.Itoa(limitFiles) || got[2] != "0" || got[3] == "unlimited" || got[5] != m.cfg.Dir {
		t.Errorf("%v", got)
	}

	if n := got[4]; n != strconv.Itoa(niceness) && n != "19" && n != "20" { // the tests may be nice themselves
		t.Errorf("niceness %s", n)
	}
}

// TestSandboxProgramAnywhere: ffmpeg may be installed outside of /usr.
func TestSandboxProgramAnywhere(t *testing.T) {
	b, err := os.ReadFile("/usr/bin/true")
	if err != nil {
		t.Fatal(err)
	}

	program := filepath.Join(t.TempDir(), "true")
	if err := os.WriteFile(program, b, 0o755); err != nil {
		t.Fatal(err)
	}

	m := newMedia(t, newFakeBackend(nil))
	if _, err := m.runProcess(t.Context(), process{program: program, timeout: time.Minute}); err != nil {
		t.Errorf("%v", err)
	}
}

func TestSandboxMainRefuses(t *testing.T) {
	for _, args := range [][]string{nil, {"dir", "1"}, {"", "many", "/usr/bin/true"}} {
		if code := SandboxMain(args); code == 0 {
			t.Errorf("%v: exit 0", args)
		}
	}
}

// bashScript is a process that runs a script.
func bashScript(script string) process {
	return process{program: "/usr/bin/bash", args: []string{"-c", script}}
}

// TestRunStalls: a run ends when it takes no more of its input, not while it waits
// for some.
func TestRunStalls(t *testing.T) {
	m := newMedia(t, newFakeBackend(nil))
	m.stallTimeout = 300 * time.Millisecond
	t.Run("stall", func(t *testing.T) {
		p := bashScript("sleep 1000")
		p.stdin = bytes.NewReader(make([]byte, 1<<20))
		if _, err := m.runProcess(t.Context(), p); !errors.Is(err, errStalled) || !isFFmpegFault(t.Context(), err) {
			t.Errorf("%v", err)
		}
	})
	t.Run("waiting for the recorder is no stall", func(t *testing.T) {
		r, w := io.Pipe()
		p := bashScript("cat >/dev/null")
		p.stdin = r
		time.AfterFunc(4*m.stallTimeout, func() { w.Close() })
		if _, err := m.runProcess(t.Context(), p); err != nil {
			t.Errorf("%v", err)
		}
	})
}

// TestRunEnds: whatever a program does, its run ends: by its context with all
// its children, by its timeout, and when it dies.
func TestRunEnds(t *testing.T) {
	m := newMedia(t, newFakeBackend(nil))
	t.Run("cancel", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r, w := io.Pipe()
		p := bashScript("sleep 1000 & echo started; sleep 1000")
		p.stdout = w
		done := make(chan error, 1)
		go func() { _, err := m.runProcess(ctx, p); done <- err }()
		if _, err := r.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	t.Run("timeout", func(t *testing.T) {
		p := bashScript("sleep 1000")
		p.timeout = 100 * time.Millisecond
		if _, err := m.runProcess(t.Context(), p); !errors.Is(err, errTooLong) || isFFmpegFault(t.Context(), err) {
			t.Errorf("%v", err)
		}
	})
	t.Run("killed", func(t *testing.T) {
		if _, err := m.runProcess(t.Context(), bashScript("kill -9 $$")); err == nil || isFFmpegFault(t.Context(), err) {
			t.Errorf("a process that somebody killed: %v", err)
		}
	})
	t.Run("crash", func(t *testing.T) {
		if _, err := m.runProcess(t.Context(), bashScript("kill -SEGV $$")); !isFFmpegFault(t.Context(), err) {
			t.Errorf("a process that crashed: %v", err)
		}
	})
	t.Run("full disk", func(t *testing.T) {
		if _, err := m.runProcess(t.Context(), bashScript("echo av_interleaved_write_frame: No space left on device >&2; exit 1")); tidings.KindOf(err) != tidings.KindStorageFull || isFFmpegFault(t.Context(), err) {
			t.Errorf("a full disk: %v", err)
		}
	})
	t.Run("chatter", func(t *testing.T) {
		u, err := newMedia(t, newFakeBackend(nil)).runProcess(t.Context(), bashScript("yes | head -c 3000000 >&2; echo last >&2")) // patient: it takes a while
		if err != nil || len(u.Log) != stderrKept || !strings.HasSuffix(u.Log, "last\n") {
			t.Errorf("%d bytes of log, %v", len(u.Log), err)
		}
	})
	t.Run("an output says no", func(t *testing.T) {
		no := errors.New("no")
		p := bashScript("yes >&3")
		p.outputs = []func(io.Reader) error{func(io.Reader) error { return no }}
		if _, err := m.runProcess(t.Context(), p); !errors.Is(err, no) {
			t.Errorf("%v", err)
		}
	})
	t.Run("an output nobody reads", func(t *testing.T) {
		p := bashScript("yes | head -c 3000000 >&3")
		p.outputs = []func(io.Reader) error{func(io.Reader) error { return nil }}
		if _, err := m.runProcess(t.Context(), p); err != nil {
			t.Errorf("%v", err)
		}
	})
}

// TestSlots: there are never more processes than slots, and one that waits for a
// slot ends with its context.
func TestSlots(t *testing.T) {
	m := newMedia(t, newFakeBackend(nil))
	m.shortSlots = make(chan struct{}, 1)
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := m.runProcess(t.Context(), process{program: "/usr/bin/cat", stdin: r, timeout: time.Minute})
		done <- err
	}()

	if _, err := w.Write([]byte("it runs")); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()

	if _, err := m.runProcess(ctx, process{program: "/usr/bin/true", timeout: time.Minute}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second process: %v", err)
	}

	w.Close()

	if err := <-done; err != nil {
		t.Error(err)
	}

	if _, err := m.runProcess(t.Context(), process{program: "/usr/bin/true", timeout: time.Minute}); err != nil {
		t.Errorf("after the first: %v", err)
	}
}
