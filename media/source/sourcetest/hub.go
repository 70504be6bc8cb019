package sourcetest

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// Hub delivers events to its subscribers, except those whose buffer is full.
// The zero value is ready.
type Hub struct {
	mu   sync.Mutex
	subs map[chan tidings.Event]struct{}
}

// Publish never blocks.
func (h *Hub) Publish(e tidings.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.subs {
		select {
		case ch <- e:
		default:
		}
	}
}

// Subscribe delivers events from now on until ctx ends.
func (h *Hub) Subscribe(ctx context.Context, _ int64) (<-chan tidings.Event, bool) {
	ch := make(chan tidings.Event, 64)
	h.mu.Lock()
	defer h.mu.Unlock()

	if h.subs == nil {
		h.subs = map[chan tidings.Event]struct{}{}
	}

	h.subs[ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()

		delete(h.subs, ch)
		close(ch)
	})

	return ch, false
}

// Close ends all subscriptions, like closing a store.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.subs {
		close(ch)
		delete(h.subs, ch)
	}
}
