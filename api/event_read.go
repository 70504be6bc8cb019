package api

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// told remembers what the newest events are about: a thousand open streams
// read a new comment once, not a thousand times. Who may see it, and how, is
// still asked by each.
type told struct {
	comments reads[tidings.Comment]
	clips    reads[tidings.Clip]
}

// keepReads is how many resources are remembered.
const keepReads = 64

// moment names a resource as it was after the event with the serial. As long
// as no other event came it is what a new read would find: what is hidden or
// deleted since is not told again to a stream that comes back.
type moment struct {
	serial int64
	id     tidings.ID
}

// reads are the resources read at a moment. What they hold is shared; nobody
// writes to it.
type reads[T any] struct {
	mu     sync.Mutex
	made   map[moment]func() (T, error)
	oldest []moment
}

// of is what read says, asked once for each moment while it is remembered.
// read must not end with one of those who ask.
func (r *reads[T]) of(at moment, read func() (T, error)) (T, error) {
	r.mu.Lock()
	once := r.made[at]
	if once == nil {
		once = sync.OnceValues(read)

		if r.made == nil {
			r.made = map[moment]func() (T, error){}
		}

		r.made[at] = once
		if r.oldest = append(r.oldest, at); len(r.oldest) > keepReads {
			delete(r.made, r.oldest[0])
			r.oldest = r.oldest[1:]
		}
	}

	r.mu.Unlock()
	return once()
}

// commentTold is the comment that an event is about, as it is now.
func (h *eventHandlers) commentTold(ctx context.Context, ev tidings.Event) (tidings.Comment, error) {
	return h.cache.comments.of(moment{h.store.Serial(), ev.SubjectID}, func() (tidings.Comment, error) {
		return h.store.Comment(context.WithoutCancel(ctx), ev.SubjectID)
	})
}

// clipTold is the clip that an event is about, as it is now.
func (h *eventHandlers) clipTold(ctx context.Context, ev tidings.Event) (tidings.Clip, error) {
	return h.cache.clips.of(moment{h.store.Serial(), ev.ClipID}, func() (tidings.Clip, error) {
		return h.store.Clip(context.WithoutCancel(ctx), ev.ClipID)
	})
}
