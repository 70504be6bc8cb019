package store

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

const (
	ringSize       = 1024 // events a returning client can resume from
	subscriberSize = 256  // events a slow subscriber may lag behind
)

// hub hands events to all subscribers of this process. An event is a hint: a
// subscriber that lags loses its backlog and gets EventResync instead.
type hub struct {
	mu     sync.Mutex
	serial int64
	ring   []tidings.Event // the newest ringSize events, oldest first
	subs   map[chan tidings.Event]struct{}
	closed bool
}

// newHub begins with serial 1: 0 would be no place to continue after.
func newHub() *hub { return &hub{serial: 1, subs: map[chan tidings.Event]struct{}{}} }

func (h *hub) publishEvent(e tidings.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()

	if h.closed {
		return
	}

	if !e.Type.Internal() { // internal events are neither numbered nor remembered
		h.serial++
		e.Serial = h.serial
		if h.ring = append(h.ring, e); len(h.ring) > ringSize {
			h.ring = h.ring[1:]
		}
	}

	for ch := range h.subs {
		sendEvent(ch, e)
	}
}

// sendEvent never blocks: the backlog of a full subscriber is replaced by
// EventResync.
func sendEvent(ch chan tidings.Event, e tidings.Event) {
	select {
	case ch <- e:
		return
	default:
	}

	for {
		select {
		case <-ch:
			continue
		default:
		}
		break
	}

	ch <- tidings.Event{Serial: e.Serial, Type: tidings.EventResync}
}

func (h *hub) closeSubscribers() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for ch := range h.subs {
		close(ch)
		delete(h.subs, ch)
	}
}

// eventsSince returns the remembered events after a serial (0 = none); forgotten
// reports that some are not remembered any more. The caller holds mu.
func (h *hub) eventsSince(after int64) (events []tidings.Event, forgotten bool) {
	if after <= 0 || len(h.ring) == 0 {
		return nil, after > h.serial
	}
	oldest := h.ring[0].Serial
	if after > h.serial || oldest > after+1 {
		return nil, true
	}
	return h.ring[max(0, after+1-oldest):], false
}

// Publish sends an event outside of a transaction.
func (s *database) Publish(e tidings.Event) { s.hub.publishEvent(e) }

// Serial is the number of the newest event.
func (s *database) Serial() int64 {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.hub.serial
}

// Subscribe delivers events from now on, and before them those after serial
// `after` that are still remembered (0 = none). resync reports that some were
// forgotten. The channel closes when ctx ends or the store closes.
func (s *database) Subscribe(ctx context.Context, after int64) (events <-chan tidings.Event, resync bool) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()

	missed, resync := h.eventsSince(after)

	// As large as this subscriber needs: a thousand of them are open at once.
	ch := make(chan tidings.Event, subscriberSize+len(missed))
	if h.closed {
		close(ch)
		return ch, false
	}

	for _, e := range missed {
		ch <- e
	}

	h.subs[ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()

		if _, ok := h.subs[ch]; ok {
			delete(h.subs, ch)
			close(ch)
		}
	})

	return ch, resync
}
