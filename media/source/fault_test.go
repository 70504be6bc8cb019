package source_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// failingPut is a storage whose writes fail.
type failingPut struct {
	source.Blobs
	err error
}

func (b failingPut) Put(context.Context, string, io.ReadSeeker, int64, string) error { return b.err }

func TestStorageDown(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	down := source.New(rowsOf(r.rows), failingPut{testBlobs, tidings.Errorf(tidings.KindUnavailable, "The storage does not answer.")}, &r.rows.Hub, source.Config{})
	at, err := down.Append(t.Context(), r.u.ID, 10, bytes.NewReader(pattern(10, 10)), nil)
	r.wantKind(err, tidings.KindUnavailable)
	if at != 10 {
		t.Fatalf("%d bytes are acknowledged", at)
	}
	r.appendBytes(r.u, 10)
	r.wantBytes(r.u, 20)
}

func TestDatabaseDown(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	r.rows.Fail = func(call string) error {
		if call == "AppendPart" {
			return errors.New("no database")
		}
		return nil
	}
	at, err := r.Append(t.Context(), r.u.ID, 10, bytes.NewReader(pattern(10, 10)), nil)
	if err == nil || at != 10 {
		t.Fatalf("%d, %v", at, err)
	}

	r.rows.Fail = nil
	r.appendBytes(r.u, 20)
	r.wantBytes(r.u, 30)
}

// TestDatabaseFull: a part whose row does not fit leaves no object behind; each
// further try would leave one more.
func TestDatabaseFull(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	r.rows.Fail = func(call string) error {
		if call == "AppendPart" {
			return tidings.StorageFull(nil)
		}
		return nil
	}
	for range 3 {
		at, err := r.Append(t.Context(), r.u.ID, 10, bytes.NewReader(pattern(10, 10)), nil)
		if r.wantKind(err, tidings.KindStorageFull); at != 10 {
			t.Fatalf("stands at %d", at)
		}
	}

	if keys := r.partObjects(r.u); len(keys) != 1 {
		t.Fatalf("objects %v", keys)
	}

	r.rows.Fail = nil
	r.appendBytes(r.u, 20)
	r.wantBytes(r.u, 30)
}

// TestAnswerOfTheDatabaseIsLost: the transaction was committed and the answer
// lost. The row decides.
func TestAnswerOfTheDatabaseIsLost(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.rows.Lose = func() error { return errors.New("connection reset") }
	r.appendBytes(r.u, 10)
	r.appendBytes(r.u, big)
	r.rows.Lose = nil
	r.wantBytes(r.u, 10+big)
}

// TestNewerRequestTakesOver: the older request stores its buffer before it ends,
// so that the client need not send those bytes again.
func TestNewerRequestTakesOver(t *testing.T) {
	r := newTestSource(t, source.Config{FlushEvery: time.Hour})
	old := r.startAppend(t.Context(), r.Source, r.u, 0)
	old.write(pattern(0, 10))
	old.write(pattern(10, 10)) // it was taken: so was the one before
	u, err := r.Take(t.Context(), r.u.ID)
	r.ok(err)

	if u.Offset < 10 {
		t.Fatalf("stands at %d", u.Offset)
	}

	at, err := old.wait()
	r.wantKind(err, tidings.KindConflict)

	if at != u.Offset {
		t.Fatalf("the old writer says %d, Take %d", at, u.Offset)
	}

	second := r.startAppend(t.Context(), r.Source, r.u, at)
	second.write(pattern(at, 5))
	second.write(pattern(at+5, 5))

	// One that does not ask first takes over as well, and is told.
	now, err := r.Append(t.Context(), r.u.ID, at, bytes.NewReader(pattern(at, 5)), nil)
	r.wantKind(err, tidings.KindConflict)
	if end, err := second.wait(); tidings.KindOf(err) != tidings.KindConflict || end != now || now < at+5 {
		t.Fatalf("the second writer says %d (%v), the third %d", end, err, now)
	}

	r.appendBytes(r.u, 5)
	r.wantBytes(r.u, now+5)
}

// TestOldWriterOfAnotherProcess writes after its upload was taken over: the fence
// refuses the part, and its object is deleted.
func TestOldWriterOfAnotherProcess(t *testing.T) {
	r := newTestSource(t, source.Config{})
	other := source.New(rowsOf(r.rows), testBlobs, &r.rows.Hub, source.Config{FlushEvery: time.Millisecond})
	events := r.partEvents()
	old := r.startAppend(t.Context(), other, r.u, 0)
	old.write(pattern(0, 10))
	r.waitForPart(events)
	u, err := r.Take(t.Context(), r.u.ID)
	r.ok(err)

	if u.Offset != 10 {
		t.Fatalf("stands at %d", u.Offset)
	}

	old.write([]byte("these bytes are of no one"))
	at, err := old.wait()
	r.wantKind(err, tidings.KindConflict)

	if at != 10 {
		t.Fatalf("the old writer says %d", at)
	}
	if keys := r.partObjects(r.u); len(keys) != 1 {
		t.Fatalf("objects %v", keys)
	}

	r.appendBytes(r.u, 10)
	r.wantBytes(r.u, 20)
}

// TestWritersRace appends at one offset concurrently: one writer wins, and the
// others get KindConflict with the new offset.
func TestWritersRace(t *testing.T) {
	r := newTestSource(t, source.Config{})
	nodes := []*source.Source{r.Source, source.New(rowsOf(r.rows), testBlobs, &r.rows.Hub, source.Config{}), source.New(rowsOf(r.rows), testBlobs, &r.rows.Hub, source.Config{})}
	for range 5 {
		at := r.offsetOf(r.u)
		ends := make(chan error, len(nodes)*2)
		for i := range cap(ends) {
			go func() {
				_, err := nodes[i%len(nodes)].Append(t.Context(), r.u.ID, at, bytes.NewReader(pattern(at, 1000)), nil)
				ends <- err
			}()
		}

		for range cap(ends) {
			if err := <-ends; err != nil {
				r.wantKind(err, tidings.KindConflict)
			}
		}

		// All may have taken over from each other; then none has written.
		if end := r.offsetOf(r.u); end != at && end != at+1000 {
			t.Fatalf("from %d to %d", at, end)
		}
	}

	r.wantBytes(r.u, r.offsetOf(r.u))
}
