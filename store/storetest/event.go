package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// nextEvent is the event that is in the channel already: publishing is done when
// the call that published returns.
func nextEvent(t *testing.T, ch <-chan tidings.Event) tidings.Event {
	t.Helper()
	select {
	case e, ok := <-ch:
		if !ok {
			t.Fatal("the subscription has ended")
		}
		return e
	default:
		t.Fatal("no event")
	}

	return tidings.Event{}
}

func testEvents(t *testing.T, w *World) {
	ctx, cancel := context.WithCancel(w.ctx)
	ch, resync := w.Subscribe(ctx, 0)
	equal(t, "resync", resync, false)
	c := w.NewClip()
	e := nextEvent(t, ch)
	equal(t, "event", e, tidings.Event{Serial: w.Serial(), Type: tidings.EventClipUpdated, WorkspaceID: w.WS.ID, ClipID: c.ID})
	u := w.NewUpload(c.ID)
	equal(t, "event", nextEvent(t, ch).Type, tidings.EventClipStep)
	before := w.Serial()
	w.Append(u, 10)
	part := nextEvent(t, ch)
	equal(t, "event", part, tidings.Event{Type: tidings.EventUploadPart, WorkspaceID: w.WS.ID, ClipID: c.ID})
	equal(t, "serial after an internal event", w.Serial(), before)
	refused := errors.New("refused")
	err := w.InTx(w.ctx, func(tx store.Tx) error {
		tx.Publish(tidings.Event{Type: tidings.EventClipUpdated})
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}

	w.Publish(tidings.Event{Type: tidings.EventNotification})
	equal(t, "event after a transaction that was rolled back", nextEvent(t, ch).Type, tidings.EventNotification)
	cancel()

	if _, open := <-ch; open {
		t.Fatal("the subscription goes on after its context")
	}

	w.NewClip() // without subscribers
}

func testEventsResume(t *testing.T, w *World) {
	w.NewClip()
	seen := w.Serial()
	var want []int64
	for range 5 {
		w.NewClip()
		want = append(want, w.Serial())
	}

	ch, resync := w.Subscribe(w.ctx, seen)
	equal(t, "resync", resync, false)
	var got []int64
	for range want {
		got = append(got, nextEvent(t, ch).Serial)
	}

	equalSlices(t, "events that were missed", got, want)
	_, resync = w.Subscribe(w.ctx, w.Serial()+100) // of the process before
	equal(t, "resync of a serial from another life", resync, true)

	for range 2000 {
		w.Publish(tidings.Event{Type: tidings.EventClipUpdated})
	}

	_, resync = w.Subscribe(w.ctx, seen)
	equal(t, "resync of somebody who was away for long", resync, true)
	ch, resync = w.Subscribe(w.ctx, w.Serial())
	equal(t, "resync of somebody who missed nothing", resync, false)
	equal(t, "events of somebody who missed nothing", len(ch), 0)
}

// testEventsSlow: a subscriber that does not read blocks nobody, and gets
// EventResync.
func testEventsSlow(t *testing.T, w *World) {
	slow, _ := w.Subscribe(w.ctx, 0)
	last := cap(slow) + 10
	for range last {
		w.Publish(tidings.Event{Type: tidings.EventClipUpdated})
	}

	resyncs, serial := 0, int64(0)
	for len(slow) > 0 {
		e := <-slow
		if e.Serial <= serial {
			t.Fatalf("event %d after %d", e.Serial, serial)
		}

		serial = e.Serial

		if e.Type == tidings.EventResync {
			resyncs++
		}
	}

	equal(t, "resyncs", resyncs, 1)
	equal(t, "newest event", serial, w.Serial())
}

type job struct{}

func (job) Kind() string { return "test" }

// testTxTogether: rows and jobs commit together or not at all.
func testTxTogether(t *testing.T, w *World) {
	count := func(sql string) (n int) {
		w.noError(w.DB().QueryRowContext(w.ctx, sql).Scan(&n))
		return n
	}

	both := func(ctx context.Context, end func() error) error {
		return w.InTx(ctx, func(tx store.Tx) error {
			if err := tx.PutStaleObject(ctx, dbq.PutStaleObjectParams{Key: "k", SinceMs: 1}); err != nil {
				return err
			}
			if err := tx.Enqueue(ctx, job{}, &river.InsertOpts{ScheduledAt: time.Now().Add(time.Hour)}); err != nil {
				return err
			}
			return end()
		})
	}

	check := func(what string, want int) {
		t.Helper()
		equal(t, "rows "+what, count(`SELECT count(*) FROM stale_objects`), want)
		equal(t, "jobs "+what, count(`SELECT count(*) FROM river_job WHERE kind = 'test'`), want)
	}

	if err := both(w.ctx, func() error { return errors.New("no") }); err == nil {
		t.Fatal("no error")
	}

	check("after an error", 0)
	func() {
		defer func() { _ = recover() }()

		_ = both(w.ctx, func() error { panic("no") })
	}()

	check("after a panic", 0)
	ctx, cancel := context.WithCancel(w.ctx)
	if err := both(ctx, func() error { cancel(); return nil }); err == nil {
		t.Fatal("committed although the caller has gone")
	}

	check("after the caller has gone", 0)
	w.noError(both(w.ctx, func() error { return nil }))
	check("after a commit", 1)
}

// testEventsOfIndexing: indexing a clip again publishes nothing, and a change
// that a page shows publishes its own event.
func testEventsOfIndexing(t *testing.T, w *World) {
	clip, _ := w.Recorded()
	events, _ := w.Subscribe(w.ctx, 0)
	published := func() (types []tidings.EventType) {
		for {
			select {
			case e := <-events:
				if e.ClipID == clip.ID {
					types = append(types, e.Type)
				}
			default:
				return types
			}
		}
	}

	w.Indexed()
	published()
	w.noError(w.Reindex(w.ctx, []tidings.ID{clip.ID}))
	equalSlices(t, "indexed again", published(), nil)
	equal(t, "outbox entries", len(w.Indexed()), 1)

	run := w.Take(clip.ID, tidings.StepTranscribe)
	id, err := w.StartTranscript(w.ctx, run, tidings.Transcript{Draft: true})
	w.noError(err)
	published()
	w.noError(w.AddTranscriptSegments(w.ctx, run, id, []tidings.TranscriptSegment{{StartMS: 0, EndMS: 10, Text: "one"}, {Seq: 1, StartMS: 10, EndMS: 20, Text: "two"}}))
	equalSlices(t, "two utterances", published(), []tidings.EventType{tidings.EventTranscriptSegment, tidings.EventTranscriptSegment})
	equal(t, "outbox entries", len(w.Indexed()), 1)
	w.noError(w.FinishTranscript(w.ctx, run, id, "en"))
	equalSlices(t, "the step is done", published(), []tidings.EventType{tidings.EventClipStep})

	title := "Tuesday"
	_, err = w.UpdateClip(w.ctx, clip.ID, tidings.ClipPatch{Title: &title}, nil)
	w.noError(err)
	equalSlices(t, "another title", published(), []tidings.EventType{tidings.EventClipUpdated})
	w.addComment(clip.ID, "", tidings.Author{ID: w.Owner.ID}, "", "x")
	equalSlices(t, "a comment, which lists count", published(), []tidings.EventType{tidings.EventCommentCreated, tidings.EventClipUpdated})
}
