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

// failingPut is a storage that refuses to write.
type failingPut struct {
	source.Blobs
	err error
}

func (b failingPut) Put(context.Context, string, io.ReadSeeker, int64, string) error { return b.err }

func TestStorageDown(t *testing.T) {
	r := newRig(t, source.Config{})
	r.append(r.u, 10)
	down := source.New(r.rows, failingPut{testBlobs, tidings.Errorf(tidings.KindUnavailable, "The storage does not answer.")}, &r.rows.Hub, source.Config{})
	at, err := down.Append(t.Context(), r.u.ID, 10, bytes.NewReader(pattern(10, 10)), nil)
	r.kind(err, tidings.KindUnavailable)
	if at != 10 {
		t.Fatalf("%d bytes are acknowledged", at)
	}
	r.append(r.u, 10)
	r.holds(r.u, 20)
}

func TestDatabaseDown(t *testing.T) {
	r := newRig(t, source.Config{})
	r.append(r.u, 10)
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
	r.append(r.u, 20)
	r.holds(r.u, 30)
}

// TestAnswerOfTheDatabaseIsLost: the row was committed, and the connection
// broke before that was heard. The row decides.
func TestAnswerOfTheDatabaseIsLost(t *testing.T) {
	r := newRig(t, source.Config{})
	r.rows.Lose = func() error { return errors.New("connection reset") }
	r.append(r.u, 10)
	r.append(r.u, big)
	r.rows.Lose = nil
	r.holds(r.u, 10+big)
}

// TestNewerRequestTakesOver: the older one stores what it holds and ends, so
// that the client need not send those bytes again.
func TestNewerRequestTakesOver(t *testing.T) {
	r := newRig(t, source.Config{FlushEvery: time.Hour})
	old := r.send(t.Context(), r.Source, r.u, 0)
	old.write(pattern(0, 10))
	old.write(pattern(10, 10)) // it was taken: so was the one before
	u, err := r.Take(t.Context(), r.u.ID)
	r.ok(err)

	if u.Offset < 10 {
		t.Fatalf("stands at %d", u.Offset)
	}

	at, err := old.end()
	r.kind(err, tidings.KindConflict)

	if at != u.Offset {
		t.Fatalf("the old writer says %d, Take %d", at, u.Offset)
	}

	second := r.send(t.Context(), r.Source, r.u, at)
	second.write(pattern(at, 5))
	second.write(pattern(at+5, 5))

	// One that does not ask first takes over as well, and is told.
	now, err := r.Append(t.Context(), r.u.ID, at, bytes.NewReader(pattern(at, 5)), nil)
	r.kind(err, tidings.KindConflict)
	if end, err := second.end(); tidings.KindOf(err) != tidings.KindConflict || end != now || now < at+5 {
		t.Fatalf("the second writer says %d (%v), the third %d", end, err, now)
	}

	r.append(r.u, 5)
	r.holds(r.u, now+5)
}

// TestOldWriterOfAnotherProcess wakes up late; the fence refuses it, and what
// it stored does not stay.
func TestOldWriterOfAnotherProcess(t *testing.T) {
	r := newRig(t, source.Config{})
	other := source.New(r.rows, testBlobs, &r.rows.Hub, source.Config{FlushEvery: time.Millisecond})
	heard := r.parts()
	old := r.send(t.Context(), other, r.u, 0)
	old.write(pattern(0, 10))
	r.hear(heard)
	u, err := r.Take(t.Context(), r.u.ID)
	r.ok(err)

	if u.Offset != 10 {
		t.Fatalf("stands at %d", u.Offset)
	}

	old.write([]byte("these bytes are of no one"))
	at, err := old.end()
	r.kind(err, tidings.KindConflict)

	if at != 10 {
		t.Fatalf("the old writer says %d", at)
	}
	if keys := r.objects(r.u); len(keys) != 1 {
		t.Fatalf("objects %v", keys)
	}

	r.append(r.u, 10)
	r.holds(r.u, 20)
}

// TestWritersRace lets many write at the same offset at once: one wins, its
// bytes are the ones that count, and the others are told where it stands.
func TestWritersRace(t *testing.T) {
	r := newRig(t, source.Config{})
	nodes := []*source.Source{r.Source, source.New(r.rows, testBlobs, &r.rows.Hub, source.Config{}), source.New(r.rows, testBlobs, &r.rows.Hub, source.Config{})}
	for range 5 {
		at := r.at(r.u)
		ends := make(chan error, len(nodes)*2)
		for i := range cap(ends) {
			go func() {
				_, err := nodes[i%len(nodes)].Append(t.Context(), r.u.ID, at, bytes.NewReader(pattern(at, 1000)), nil)
				ends <- err
			}()
		}

		for range cap(ends) {
			if err := <-ends; err != nil {
				r.kind(err, tidings.KindConflict)
			}
		}

		// All may have taken over from each other; then nobody wrote.
		if end := r.at(r.u); end != at && end != at+1000 {
			t.Fatalf("from %d to %d", at, end)
		}
	}

	r.holds(r.u, r.at(r.u))
}
