package source

import (
	"context"
	"errors"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// errTakenOver is why a writer's context ends when a newer request for its
// upload comes in.
var errTakenOver = errors.New("taken over by a newer request")

// writers knows the one writer each upload may have in this process.
type writers struct {
	mu sync.Mutex
	by map[tidings.ID]*writer
}

type writer struct {
	ctx    context.Context // ends when the request ends or a newer one comes
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when it has stored what it could
}

// enter makes a writer of the upload and stops the one before it. It gives
// that one up to patience to store what it holds: bytes the client need not
// send again.
func (ws *writers) enter(ctx context.Context, id tidings.ID, patience time.Duration) (w *writer, leave func(), err error) {
	w = &writer{done: make(chan struct{})}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	ws.mu.Lock()
	if ws.by == nil {
		ws.by = map[tidings.ID]*writer{}
	}

	old := ws.by[id]
	ws.by[id] = w
	ws.mu.Unlock()
	leave = func() {
		ws.mu.Lock()
		if ws.by[id] == w {
			delete(ws.by, id)
		}
		ws.mu.Unlock()
		w.cancel(nil)
		close(w.done)
	}
	if err := old.stop(w.ctx, patience); err != nil {
		leave()
		return nil, nil, err
	}

	return w, leave, nil
}

// stop ends the upload's writer, if there is one, and waits for it.
func (ws *writers) stop(ctx context.Context, id tidings.ID, patience time.Duration) error {
	ws.mu.Lock()
	w := ws.by[id]
	ws.mu.Unlock()
	return w.stop(ctx, patience)
}

// stop waits up to patience; a writer that hangs longer is left to the fence.
func (w *writer) stop(ctx context.Context, patience time.Duration) error {
	if w == nil {
		return nil
	}

	w.cancel(errTakenOver)
	timer := time.NewTimer(patience)
	defer timer.Stop()

	select {
	case <-w.done:
	case <-timer.C:
	case <-ctx.Done():
		return ended(ctx)
	}

	return nil
}

// ended turns the end of a writer's context into an error for its caller.
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, errTakenOver) {
		return tidings.UploadTakenOver(cause)
	}
	return cause
}
