package api

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// eventCache caches the resources of the newest events: a thousand open streams
// read a new comment once. Each stream still does its own access check.
type eventCache struct {
	comments singleflightCache[tidings.Comment]
	clips    singleflightCache[tidings.Clip]
}

// maxCacheEntries is how many resources are cached.
const maxCacheEntries = 64

// cacheKey is a resource at an event serial. An entry is valid until the next
// event, so a stream that reconnects never gets what was hidden or deleted
// since.
type cacheKey struct {
	serial int64
	id     tidings.ID
}

// singleflightCache reads each key once, also for concurrent callers. The
// values are shared and must not be changed.
type singleflightCache[T any] struct {
	mu      sync.Mutex
	entries map[cacheKey]func() (T, error)
	oldest  []cacheKey
}

// readThrough returns the value of the key, which read is called for at most once while
// the key is cached. read must not depend on the context of one caller.
func (r *singleflightCache[T]) readThrough(at cacheKey, read func() (T, error)) (T, error) {
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

// cachedComment is the current state of an event's comment.
func (h *eventHandlers) cachedComment(ctx context.Context, ev tidings.Event) (tidings.Comment, error) {
	return h.cache.comments.readThrough(cacheKey{h.store.Serial(), ev.SubjectID}, func() (tidings.Comment, error) {
		return h.store.Comment(context.WithoutCancel(ctx), ev.SubjectID)
	})
}

// cachedClip is the current state of an event's clip.
func (h *eventHandlers) cachedClip(ctx context.Context, ev tidings.Event) (tidings.Clip, error) {
	return h.cache.clips.readThrough(cacheKey{h.store.Serial(), ev.ClipID}, func() (tidings.Clip, error) {
		return h.store.Clip(context.WithoutCancel(ctx), ev.ClipID)
	})
}
