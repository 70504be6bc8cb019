package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// maxPauseFactor limits the pause between attempts while the server is down, in
// scan intervals: five minutes at the default interval of three seconds.
const maxPauseFactor = 100

// WatchConfig says which folder to push and where to.
type WatchConfig struct {
	Dir     string
	Channel string        // name or id; "" = everyone in the caller's first workspace
	Every   time.Duration // between two scans of the folder

	Out io.Writer // a line with the link of each clip
	Log io.Writer // remarks
}

// Watch uploads the recordings of a folder, and those that appear later, until
// ctx ends, which is no error. A ledger in the folder records what was uploaded,
// so that a restart continues. Only one process may watch a folder for a server.
func (c *Client) Watch(ctx context.Context, config WatchConfig) error {
	l, err := openLedger(config.Dir, c.base)
	if err != nil {
		return err
	}
	defer l.releaseLock()

	w := &watcher{config: config, client: c, ledger: l}
	fmt.Fprintf(config.Log, "Watching %s. Stop with Ctrl-C; what is not sent by then is sent after the next start.\n", config.Dir)
	return w.watchFolder(ctx)
}

// watcher uploads the recordings of a folder. All its durable state is in the
// ledger.
type watcher struct {
	config      WatchConfig
	client      *Client
	destination destination // without a WorkspaceID until resolved
	ledger      *ledger
	seen        map[string]*seenFile // by name: files of the last scan that are not settled
}

// watchFolder scans the folder until ctx ends. While the server or the folder is
// unavailable the pauses double, and it is logged once.
func (w *watcher) watchFolder(ctx context.Context) error {
	for pause, offline := w.config.Every, false; ; {
		err := w.uploadStable(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			if offline {
				fmt.Fprintln(w.config.Log, "It works again.")
			}
			pause, offline = w.config.Every, false
		case isTemporary(err):
			if !offline {
				fmt.Fprintf(w.config.Log, "%s. It is tried again and again.\n", errorText(err))
			}
			pause, offline = min(2*pause, maxPauseFactor*w.config.Every), true
		default:
			return err
		}

		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// uploadStable uploads the files that have not changed since the last scan. A
// failure of quota or of the server at one file does not stop the others; it is
// returned after them.
func (w *watcher) uploadStable(ctx context.Context) (err error) {
	if w.destination.WorkspaceID == "" {
		if w.destination, err = w.client.resolveDestination(ctx, w.config.Channel); err != nil {
			return err
		}
	}

	candidates, err := w.scanFolder()
	if err != nil {
		return tidings.Wrap(err, tidings.KindUnavailable, "The folder cannot be read: %v", err)
	}

	var deferred error
	for _, f := range candidates {
		if !f.stable {
			continue
		}

		switch err := w.uploadFile(ctx, f); {
		case err == nil:
		case isTemporary(err) && (tidings.KindOf(err) == tidings.KindQuota || tidings.KindOf(err) == tidings.KindInternal) && !isUnreachable(err):
			deferred = err // a smaller file may fit, or another one may succeed
		default:
			return err
		}
	}

	return deferred
}

// uploadFile uploads one file. A failure that is caused by the file itself is
// recorded in the ledger or logged, and nil is returned; others are returned to
// run.
func (w *watcher) uploadFile(ctx context.Context, f candidate) error {
	err := w.sendFile(ctx, f)
	var local *fs.PathError
	var known *tidings.Error
	switch kind := tidings.KindOf(err); {
	case err == nil, ctx.Err() != nil, errors.As(err, new(*ledgerError)):
		return err
	case errors.Is(err, errFileChanged), errors.Is(err, fs.ErrNotExist):
		return nil // the next scans find its new state
	case errors.As(err, &local):
		w.logOnce(f.name, local.Err.Error()) // not in the ledger: a permission may change without the file's stamp
		return nil
	case isTemporary(err), kind == tidings.KindUnauthenticated, kind == tidings.KindForbidden, !errors.As(err, &known):
		return &fileError{f.name, err}
	}

	return w.refuseFile(ctx, f, err)
}

// fileError is an error during the upload of a file that the file did not cause.
type fileError struct {
	name  string
	cause error
}

func (f *fileError) Error() string { return f.name + ": " + f.cause.Error() }
func (f *fileError) Unwrap() error { return f.cause }

// errorText is the message of err without a full stop.
func errorText(err error) string {
	var at *fileError
	var known *tidings.Error
	switch {
	case errors.As(err, &at):
		return at.name + ": " + errorText(at.cause)
	case errors.As(err, &known):
		return strings.TrimSuffix(known.Msg, ".")
	}
	return err.Error()
}

// isUnreachable reports whether a request got no response.
func isUnreachable(err error) bool { return errors.As(err, new(*url.Error)) }

// isTemporary reports whether the same request may succeed later: there was no
// response, one that is not the server's (a proxy's page), or the server failed.
func isTemporary(err error) bool {
	switch {
	case isUnreachable(err), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, http.ErrNoLocation),
		errors.As(err, new(*json.SyntaxError)), errors.As(err, new(*strconv.NumError)):
		return true
	}

	var known *tidings.Error
	if !errors.As(err, &known) {
		return false
	}

	switch known.Kind {
	case tidings.KindUnavailable, tidings.KindStorageFull, tidings.KindRateLimited, tidings.KindQuota, tidings.KindInternal:
		return true
	}

	return false
}
