package api

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// eventCache remembers what the newest events are about: a thousand open streams
// read a new comment once, not a thousand times. Who may see it, and how, is
// still asked by each.
type eventCache struct {
	comments singleflightCache[tidings.Comment]
	clips    singleflightCache[tidings.Clip]
}

// maxCacheEntries is how many resources are remembered.
const maxCacheEntries = 64

// cacheKey names a resource as it was after the event with the serial. As long
// as no other event came it is what a new read would find: what is hidden or
// deleted since is not told again to a stream that comes back.
type cacheKey struct {
	serial int64
	id     tidings.ID
}

// singleflightCache are the resources read at a moment. What they hold is shared; nobody
// writes to it.
type singleflightCache[T any] struct {
	mu      sync.Mutex
	entries map[cacheKey]func() (T, error)
	oldest  []cacheKey
}

// get is what read says, asked once for each moment while it is remembered.
// read must not end with one of those who ask.
func (r *singleflightCache[T]) get(at cacheKey, read func() (T, error)) (T, error) {
	r.mu.Lock()
	once := r.entries[at]
	if once == nil {
		once = sync.OnceValues(read)

		if r.entries == nil {
			r.entries = map[cacheKey]func() (T, error){}
		}

		r.entries[at] = once
		if r.oldest = append(r.oldest, at); len(r.oldest) > maxCacheEntries {
			delete(r.entries, r.oldest[0])
			r.oldest = r.oldest[1:]
		}
	}

	r.mu.Unlock()
	return once()
}

// cachedComment is the comment that an event is about, as it is now.
func (h *eventHandlers) cachedComment(ctx context.Context, ev tidings.Event) (tidings.Comment, error) {
	return h.cache.comments.get(cacheKey{h.store.Serial(), ev.SubjectID}, func() (tidings.Comment, error) {
		return h.store.Comment(context.WithoutCancel(ctx), ev.SubjectID)
	})
}

// cachedClip is the clip that an event is about, as it is now.
func (h *eventHandlers) cachedClip(ctx context.Context, ev tidings.Event) (tidings.Clip, error) {
	return h.cache.clips.get(cacheKey{h.store.Serial(), ev.ClipID}, func() (tidings.Clip, error) {
		return h.store.Clip(context.WithoutCancel(ctx), ev.ClipID)
	})
}
