package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// sealedSource is a source whose upload has ended at 1000 bytes, in one object.
func sealedSource(t *testing.T, c source.Config) *testSource {
	t.Helper()
	r := newTestSource(t, c)
	r.appendBytes(r.u, 1000)
	r.ok(r.Seal(t.Context(), r.u.ID, false))
	_, err := r.Compact(t.Context(), r.u.ClipID)
	r.ok(err)
	return r
}

// TestContinueCutOff fails a call of the database: nothing has changed, and the next
// process does it once.
func TestContinueCutOff(t *testing.T) {
	for _, call := range []string{"UploadByClip", "WorkspaceBytes", "ContinueUpload"} {
		t.Run(call, func(t *testing.T) {
			r := sealedSource(t, source.Config{Quota: 1 << 40})
			r.failCall(call)
			if _, err := r.Continue(t.Context(), r.u.ClipID); err == nil {
				t.Fatal("no error")
			}

			r.rows.Fail = nil
			r.wantBytes(r.u, 1000)
			if !r.isSealed(r.u) {
				t.Fatal("the upload is open")
			}

			u, err := r.restarted().Continue(t.Context(), r.u.ClipID)
			r.ok(err)
			if u.Continuations != 1 || u.ContinuedBytes != 1000 {
				t.Fatalf("%+v", u)
			}
		})
	}
}

// TestCancelCutOff fails a call of the database: what came is still there, and the
// next process drops it, with its objects.
func TestCancelCutOff(t *testing.T) {
	ends := map[string]func(s *source.Source, u tidings.Upload) error{
		"cancel": func(s *source.Source, u tidings.Upload) error {
			return s.CancelContinuation(t.Context(), u.ClipID, 1)
		},
		"terminate": func(s *source.Source, u tidings.Upload) error { return s.Terminate(t.Context(), u.ID) },
	}
	for name, c := range map[string]struct{ end, call string }{
		"cancel, before it is read": {"cancel", "UploadByClip"}, "cancel": {"cancel", "CancelContinuation"},
		"terminate, before it is read": {"terminate", "Upload"}, "terminate": {"terminate", "CancelContinuation"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sealedSource(t, source.Config{})
			_, err := r.Continue(t.Context(), r.u.ClipID)
			r.ok(err)
			r.appendBytes(r.u, 500)
			r.failCall(c.call)
			if err := ends[c.end](r.Source, r.u); err == nil {
				t.Fatal("no error")
			}

			r.rows.Fail = nil
			r.wantBytes(r.u, 1500)
			r.ok(ends[c.end](r.restarted(), r.u))
			r.wantBytes(r.u, 1000)
			a, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)
			if keys := r.partObjects(r.u); !slices.Equal(keys, []string{a.Key}) {
				t.Fatalf("objects %v", keys)
			}
		})
	}
}

// failCall makes the database fail at its calls of a name.
func (r *testSource) failCall(name string) {
	r.rows.Fail = func(call string) error {
		if call == name {
			return errors.New("killed")
		}
		return nil
	}
}

// restarted is the source of another process with the same data.
func (r *testSource) restarted() *source.Source {
	return source.New(rowsOf(r.rows), testBlobs, &r.rows.Hub, source.Config{Clock: r.clock.Now})
}

// TestCancelWhileWriting: the writer of a cancelled continuation is stopped, and
// none of its bytes is left.
func TestCancelWhileWriting(t *testing.T) {
	r := sealedSource(t, source.Config{})
	_, err := r.Continue(t.Context(), r.u.ClipID)
	r.ok(err)
	writer := r.startAppend(t.Context(), r.Source, r.u, 1000)
	writer.write(pattern(1000, 10))
	writer.write(pattern(1010, 10)) // it was taken: so was the one before
	r.ok(r.CancelContinuation(t.Context(), r.u.ClipID, 0))
	if _, err := writer.wait(); err == nil {
		t.Fatal("the writer of a cancelled continuation ends well")
	}

	r.wantBytes(r.u, 1000)
	_, err = r.Append(t.Context(), r.u.ID, 1000, bytes.NewReader(pattern(1000, 10)), nil)
	r.wantKind(err, tidings.KindGone)
	a, err := r.Compact(t.Context(), r.u.ClipID)
	r.ok(err)
	if keys := r.partObjects(r.u); !slices.Equal(keys, []string{a.Key}) {
		t.Fatalf("objects %v", keys)
	}
}

// TestContinueAtOnce: of recorders that go on at once, in several processes, one
// does.
func TestContinueAtOnce(t *testing.T) {
	r := sealedSource(t, source.Config{})
	nodes := []*source.Source{r.Source, r.restarted(), r.restarted()}
	ends := make(chan error, 9)
	for i := range cap(ends) {
		go func() { _, err := nodes[i%len(nodes)].Continue(t.Context(), r.u.ClipID); ends <- err }()
	}

	won := 0
	for range cap(ends) {
		if err := <-ends; err == nil {
			won++
		} else {
			r.wantKind(err, tidings.KindConflict)
		}
	}
	if won != 1 {
		t.Fatalf("%d recorders go on", won)
	}
	r.appendBytes(r.u, 500)
	r.wantBytes(r.u, 1500)
}

// TestTerminateOvertaken: an upload that is terminated while its recording ends and
// a recorder goes on in it keeps what was recorded.
func TestTerminateOvertaken(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 1000)
	r.rows.Fail = func(call string) error {
		if call != "AbortUpload" {
			return nil
		}
		r.rows.Fail = nil
		r.ok(r.Seal(t.Context(), r.u.ID, false))
		_, err := r.Continue(t.Context(), r.u.ClipID)
		return err
	}

	r.wantKind(r.Terminate(t.Context(), r.u.ID), tidings.KindConflict)
	r.wantBytes(r.u, 1000)
	r.ok(r.Terminate(t.Context(), r.u.ID)) // repeated, it is of the continuation
	r.wantBytes(r.u, 1000)
}

// TestSniffContinuation: what SniffContinuation refuses is not stored, in pieces of
// any size and with a checksum.
func TestSniffContinuation(t *testing.T) {
	refuse := func(head, next []byte) error {
		if len(head) == 1000 && bytes.HasPrefix(next, []byte("HEAD")) {
			return tidings.Errorf(tidings.KindUnsupported, "A file of its own.")
		}
		return nil
	}
	for name, c := range map[string]struct {
		pieces []string
		stored int64 // bytes that came before they could be recognised
	}{
		"at once":                {pieces: []string{"HEAD and more"}},
		"its first byte alone":   {pieces: []string{"H", "EAD"}, stored: 1},
		"three bytes before":     {pieces: []string{"HE", "A", "D and more"}, stored: 3},
		"after what continues":   {pieces: []string{"a fragment..", "HEAD"}, stored: 16},
		"what continues, pieced": {pieces: []string{"a", "", "HEAD"}, stored: 5},
	} {
		for _, checked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, with a checksum %t", name, checked), func(t *testing.T) {
				r := sealedSource(t, source.Config{SniffContinuation: refuse})
				_, err := r.Continue(t.Context(), r.u.ClipID)
				r.ok(err)
				err = r.appendPieces(c.pieces, checked)
				if total := int64(len(strings.Join(c.pieces, ""))); c.stored == total {
					r.ok(err)
				} else {
					r.wantKind(err, tidings.KindUnsupported)
				}
				if got := r.offsetOf(r.u); got != 1000+c.stored {
					t.Fatalf("%d bytes are stored", got-1000)
				}
			})
		}
	}
}

// appendPieces appends each piece in a request of its own, up to the first error.
func (r *testSource) appendPieces(pieces []string, checked bool) error {
	at := r.offsetOf(r.u)
	for _, piece := range pieces {
		var sum *tidings.Checksum
		if checked {
			sum = &checksumsOf([]byte(piece))[0]
		}
		var err error
		if at, err = r.Append(r.t.Context(), r.u.ID, at, strings.NewReader(piece), sum); err != nil {
			return err
		}
	}
	return nil
}
