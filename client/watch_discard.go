package client

import (
	"context"
	"net/http"

	"tidings.example/tidings/tidings"
)

// anew forgets an upload that the server has ended, as it does with one that
// has been silent for long, and throws away the clip of its beginning.
func (w *watcher) anew(ctx context.Context, name string, e entry) error {
	if err := w.discard(ctx, e); err != nil {
		return err
	}
	if err := w.ledger.drop(name); err != nil {
		return err
	}
	return tidings.Errorf(tidings.KindInternal, "The upload was ended by the server and starts anew.")
}

// refuse writes down that a file is not to be tried again until it changes.
func (w *watcher) refuse(ctx context.Context, f found, cause error) error {
	if e, begun := w.ledger.entry(f.name); begun {
		if err := w.discard(ctx, e); err != nil {
			return err
		}
	}
	w.say(f.name, reason(cause))
	return w.ledger.put(f.name, entry{Stamp: f.stamp, State: stateRefused, Why: reason(cause)})
}

// discard puts the clip of an upload that came to nothing into the trash.
func (w *watcher) discard(ctx context.Context, e entry) error {
	if e.State != stateSending || e.ClipID == "" {
		return nil
	}
	err := w.cl.call(ctx, http.MethodDelete, "/api/v1/clips/"+e.ClipID, nil, nil)
	switch tidings.KindOf(err) {
	case tidings.KindNotFound, tidings.KindGone, tidings.KindConflict:
		return nil
	}
	return err
}
