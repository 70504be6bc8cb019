package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// longerThanAnyGrace is a wait after which a limit of time on reading the rest of
// an output would have struck. A busy machine makes it longer, which is no harm.
const longerThanAnyGrace = 4 * time.Second

// TestPCMSlowReader: sound is whole although its reader is busy long after ffmpeg
// has written the last of it.
func TestPCMSlowReader(t *testing.T) {
	t.Parallel()
	m := newMedia(t, newFakeBackend(nil))
	original, err := os.ReadFile("testdata/voice.webm")
	if err != nil {
		t.Fatal(err)
	}

	want := readPCM(t, m, original, func(int) {})
	waited := false
	got := readPCM(t, m, original, func(n int) {
		if !waited && len(want)-n <= 32<<10 { // the rest is in the pipe, and ffmpeg has ended
			waited = true
			<-time.After(longerThanAnyGrace)
		}
	})
	if !waited || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d", len(got), len(want))
	}
}

// readPCM decodes an original, a KiB at a time; after each read is called with
// the bytes so far.
func readPCM(t *testing.T, m *Media, original []byte, after func(int)) []byte {
	t.Helper()
	r, err := m.PCM(t.Context(), bytes.NewReader(original))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()

	var all []byte
	buf := make([]byte, 1<<10)
	for {
		n, err := io.ReadFull(r, buf)
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return all
		}
		if err != nil {
			t.Fatalf("after %d bytes: %v", len(all), err)
		}
		after(len(all))
	}
}

// TestPCMCancelledReader: a reader that has stopped keeps nothing: the context
// ends the decoder, whether ffmpeg still runs or has left bytes in its pipe.
func TestPCMCancelledReader(t *testing.T) {
	t.Parallel()
	original, err := os.ReadFile("testdata/voice.webm")
	if err != nil {
		t.Fatal(err)
	}

	m := newMedia(t, newFakeBackend(nil))
	ctx, cancel := context.WithCancel(t.Context())
	r, err := m.PCM(ctx, bytes.NewReader(original))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1<<10)); err != nil {
		t.Fatal(err)
	}

	cancel()
	<-r.(*pcmReader).ended // hangs if somebody has to read first
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		t.Errorf("after it: %v", err)
	}
}

// TestRunLeavesNoProcess: a process that the program left behind does not keep
// its run, and what the program wrote is whole.
func TestRunLeavesNoProcess(t *testing.T) {
	t.Parallel()
	p := bashScript("sleep 1000 & echo written")
	var out strings.Builder
	p.stdout = &out
	if _, err := newMedia(t, newFakeBackend(nil)).runProcess(t.Context(), p); err != nil || out.String() != "written\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// TestSlowConsumerIsNoStall: a process waits for whoever takes its output, but may
// not keep them waiting.
func TestSlowConsumerIsNoStall(t *testing.T) {
	w := newStallWatchdog(time.Minute)
	late := time.Now().Add(time.Hour)
	if !w.isStalled(late) {
		t.Error("a process that does nothing for an hour goes on")
	}

	fast, slow := w.touchOnRead(strings.NewReader("ab")), w.touchOnRead(strings.NewReader("ab"))
	for _, r := range []io.Reader{fast, slow} {
		if _, err := r.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if w.isStalled(late) {
		t.Error("both consumers are busy, and the process is ended")
	}

	fast.setBusy(false)
	if w.isStalled(late) {
		t.Error("a consumer is busy, and the process is ended")
	}
	if _, err := io.Copy(io.Discard, slow); err != nil || !w.isStalled(late) {
		t.Errorf("the consumers wait for the process, and it goes on (%v)", err)
	}
}
