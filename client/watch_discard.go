package client

import (
	"context"
	"net/http"

	"tidings.example/tidings/tidings"
)

// restartUpload drops an upload that the server has ended (it does so after a
// long silence) and discards its clip; the next scan uploads the file again.
func (w *watcher) restartUpload(ctx context.Context, name string, e ledgerEntry) error {
	if err := w.discardClip(ctx, e); err != nil {
		return err
	}
	if err := w.ledger.dropEntry(name); err != nil {
		return err
	}
	return tidings.Errorf(tidings.KindInternal, "The upload was ended by the server and starts anew.")
}

// refuseFile records that a file is not to be tried again until it changes.
func (w *watcher) refuseFile(ctx context.Context, f candidate, cause error) error {
	if e, begun := w.ledger.pendingEntry(f.name); begun {
		if err := w.discardClip(ctx, e); err != nil {
			return err
		}
	}
	w.logOnce(f.name, errorText(cause))
	return w.ledger.putEntry(f.name, ledgerEntry{Stamp: f.stamp, State: stateRefused, Reason: errorText(cause)})
}

// discardClip moves the clip of an abandoned upload to the trash.
func (w *watcher) discardClip(ctx context.Context, e ledgerEntry) error {
	if e.State != stateSending || e.ClipID == "" {
		return nil
	}
	err := w.client.callJSON(ctx, http.MethodDelete, "/api/v1/clips/"+e.ClipID, nil, nil)
	switch tidings.KindOf(err) {
	case tidings.KindNotFound, tidings.KindGone, tidings.KindConflict:
		return nil
	}
	return err
}
