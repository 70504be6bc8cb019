package source_test

import (
	"context"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// slowBody blocks its reader until it is interrupted, and takes a while for the
// interrupt itself.
type slowBody struct {
	reading     chan struct{} // closed by the first read
	interrupted chan struct{} // closed by SetReadDeadline
	done        atomic.Bool   // SetReadDeadline has returned
}

func newSlowBody() *slowBody {
	return &slowBody{reading: make(chan struct{}), interrupted: make(chan struct{})}
}

func (b *slowBody) Read([]byte) (int, error) {
	close(b.reading)
	<-b.interrupted
	return 0, io.ErrUnexpectedEOF
}

func (b *slowBody) SetReadDeadline(time.Time) error {
	close(b.interrupted)
	for range 10_000 {
		runtime.Gosched() // an Append that does not wait returns meanwhile
	}
	b.done.Store(true)
	return nil
}

// TestAppendWaitsForItsInterrupt: an interrupt that runs on after Append would
// set a deadline on the connection of another request.
func TestAppendWaitsForItsInterrupt(t *testing.T) {
	for name, end := range map[string]func(r *testSource, cancel func()){
		"the request ends":         func(_ *testSource, cancel func()) { cancel() },
		"a newer request takes it": func(r *testSource, _ func()) { _, err := r.Take(r.t.Context(), r.u.ID); r.ok(err) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newTestSource(t, source.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()

			body, interrupted := newSlowBody(), make(chan bool, 1)
			go func() {
				if _, err := r.Append(ctx, r.u.ID, 0, body, nil); err == nil {
					t.Error("an interrupted body was accepted")
				}
				interrupted <- body.done.Load()
			}()

			<-body.reading
			end(r, cancel)
			if !<-interrupted {
				t.Error("Append returned while its interrupt was running")
			}
		})
	}
}

// TestAppendInterruptsOnce: a body that is refused while it is being read is
// interrupted once, before Append returns.
func TestAppendInterruptsOnce(t *testing.T) {
	r := newTestSource(t, source.Config{FlushEvery: time.Millisecond, Sniff: func([]byte) error {
		return tidings.Errorf(tidings.KindUnsupported, "No media.")
	}})
	body := newSlowBody()
	_, err := r.Append(t.Context(), r.u.ID, 0, struct {
		io.Reader
		*deadlineOnly
	}{io.MultiReader(&firstBytes{n: 40_000}, body), &deadlineOnly{body}}, nil)
	r.wantKind(err, tidings.KindUnsupported)
	if !body.done.Load() {
		t.Error("Append returned before its interrupt")
	}
}

// deadlineOnly has the deadline of a body and not its Read.
type deadlineOnly struct{ body *slowBody }

func (d *deadlineOnly) SetReadDeadline(t time.Time) error { return d.body.SetReadDeadline(t) }

// firstBytes reads n zero bytes.
type firstBytes struct{ n int }

func (f *firstBytes) Read(p []byte) (int, error) {
	if f.n == 0 {
		return 0, io.EOF
	}
	n := min(len(p), f.n)
	f.n -= n
	return n, nil
}
