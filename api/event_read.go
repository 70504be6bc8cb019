package api

import (
	"context"
	"sync"

	"tidings"
)

// told remembers what the newest events are about: a thousand open streams
// read a new comment once, not a thousand times. Who may see it, and how, is
// still asked by each.
type told struct {
	comments reads[tidings.Comment]
	clips    reads[tidings.Clip]
}

// keepReads is how many events' resources are remembered. A stream that lags
// further behind reads again.
const keepReads = 64

// reads are the resources of events, by the event's serial: read after the
// event they are at least as new as what it tells of. What they hold is
// shared; nobody writes to it.
type reads[T any] struct {
	mu     sync.Mutex
	made   map[int64]func() (T, error)
	oldest []int64
}

// of is what read says, asked once for each serial while it is remembered.
// read must not end with one of those who ask.
func (r *reads[T]) of(serial int64, read func() (T, error)) (T, error) {
	r.mu.Lock()
	once := r.made[serial]
	if once == nil {
		once = sync.OnceValues(read)
		if r.made == nil {
			r.made = map[int64]func() (T, error){}
		}
		r.made[serial] = once
		if r.oldest = append(r.oldest, serial); len(r.oldest) > keepReads {
			delete(r.made, r.oldest[0])
			r.oldest = r.oldest[1:]
		}
	}
	r.mu.Unlock()
	return once()
}

// commentOf is the comment that an event is about.
func (s *server) commentOf(ctx context.Context, ev tidings.Event) (tidings.Comment, error) {
	return s.told.comments.of(ev.Serial, func() (tidings.Comment, error) { return s.Store.Comment(context.WithoutCancel(ctx), ev.SubjectID) })
}
