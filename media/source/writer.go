package source

import (
	"context"
	"errors"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// errTakenOver is the cause with which a newer request cancels the context of
// the upload's older writer.
var errTakenOver = errors.New("taken over by a newer request")

// writerRegistry holds the one writer each upload may have in this process.
type writerRegistry struct {
	mu       sync.Mutex
	byUpload map[tidings.ID]*writer
}

type writer struct {
	ctx    context.Context // ends with the request, or when a newer one registers
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when it has stored its buffer
}

// registerWriter adds a writer of the upload and stops the one before it, for which
// it waits up to patience: the client need not resend bytes that one stores.
func (ws *writerRegistry) registerWriter(ctx context.Context, id tidings.ID, patience time.Duration) (w *writer, leave func(), err error) {
	w = &writer{done: make(chan struct{})}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	ws.mu.Lock()
	if ws.byUpload == nil {
		ws.byUpload = map[tidings.ID]*writer{}
	}

	old := ws.byUpload[id]
	ws.byUpload[id] = w
	ws.mu.Unlock()
	leave = func() {
		ws.mu.Lock()
		if ws.byUpload[id] == w {
			delete(ws.byUpload, id)
		}
		ws.mu.Unlock()
		w.cancel(nil)
		close(w.done)
	}
	if err := old.stopAndWait(w.ctx, patience); err != nil {
		leave()
		return nil, nil, err
	}

	return w, leave, nil
}

// stopWriter stops the upload's writer, if there is one, and waits for it.
func (ws *writerRegistry) stopWriter(ctx context.Context, id tidings.ID, patience time.Duration) error {
	ws.mu.Lock()
	w := ws.byUpload[id]
	ws.mu.Unlock()
	return w.stopAndWait(ctx, patience)
}

// stopAndWait waits up to patience; a writer that hangs longer is refused by its fence.
func (w *writer) stopAndWait(ctx context.Context, patience time.Duration) error {
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
		return contextError(ctx)
	}

	return nil
}

// contextError is the error for the caller of a writer whose context has ended.
func contextError(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, errTakenOver) {
		return tidings.UploadTakenOver(cause)
	}
	return cause
}
