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

// maxPauseFactor is how many looks the pauses between tries of a server that
// does not answer grow to: five minutes, with a look each three seconds.
const maxPauseFactor = 100

// WatchConfig says which folder to push and where to.
type WatchConfig struct {
	Dir     string
	Channel string        // name or id; "" = everyone in the caller's first workspace
	Every   time.Duration // between two scans of the folder

	Out io.Writer // a line with the link of each clip
	Log io.Writer // remarks
}

// Watch uploads the recordings of a folder, those to come too, until ctx ends,
// which is no error. A ledger in the folder remembers what was uploaded.
func (c *Client) Watch(ctx context.Context, config WatchConfig) error {
	l, err := openLedger(config.Dir, c.base)
	if err != nil {
		return err
	}
	defer l.close()

	w := &watcher{config: config, client: c, ledger: l}
	fmt.Fprintf(config.Log, "Watching %s. Stop with Ctrl-C; what is not sent by then is sent after the next start.\n", config.Dir)
	return w.run(ctx)
}

// watcher uploads what appears in a folder. What it has uploaded is in the
// ledger; everything else it finds out anew by looking.
type watcher struct {
	config      WatchConfig
	client      *Client
	destination destination // no WorkspaceID: not asked for yet
	ledger      *ledger
	seen        map[string]*seenFile // by name: files of the last look that are not dealt with
}

// run looks again and again. While the server or the folder is away the pauses
// grow, and it is said once.
func (w *watcher) run(ctx context.Context) error {
	for pause, away := w.config.Every, false; ; {
		err := w.uploadStable(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			if away {
				fmt.Fprintln(w.config.Log, "It works again.")
			}
			pause, away = w.config.Every, false
		case isTemporary(err):
			if !away {
				fmt.Fprintf(w.config.Log, "%s. It is tried again and again.\n", errorText(err))
			}
			pause, away = min(2*pause, maxPauseFactor*w.config.Every), true
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

// uploadStable sends the files that are as they were at the last look. One that the
// server stumbles over does not hold up the others; it comes back in err.
func (w *watcher) uploadStable(ctx context.Context) (err error) {
	if w.destination.WorkspaceID == "" {
		if w.destination, err = w.client.resolveDestination(ctx, w.config.Channel); err != nil {
			return err
		}
	}

	found, err := w.scanFolder()
	if err != nil {
		return tidings.Wrap(err, tidings.KindUnavailable, "The folder cannot be read: %v", err)
	}

	var later error
	for _, f := range found {
		if !f.stable {
			continue
		}

		switch err := w.uploadFile(ctx, f); {
		case err == nil:
		case isTemporary(err) && (tidings.KindOf(err) == tidings.KindQuota || tidings.KindOf(err) == tidings.KindInternal) && !isUnreachable(err):
			later = err // a smaller one may have room, another one may suit the server
		default:
			return err
		}
	}

	return later
}

// uploadFile sends one file and decides what its failure means: nil when it is
// the file's own, else what run should know.
func (w *watcher) uploadFile(ctx context.Context, f candidate) error {
	err := w.sendFile(ctx, f)
	var local *fs.PathError
	var known *tidings.Error
	switch kind := tidings.KindOf(err); {
	case err == nil, ctx.Err() != nil, errors.As(err, new(*ledgerError)):
		return err
	case errors.Is(err, errFileChanged), errors.Is(err, fs.ErrNotExist):
		return nil // the next looks see what has become of it
	case errors.As(err, &local):
		w.logOnce(f.name, local.Err.Error()) // may be put right without a trace on the file
		return nil
	case isTemporary(err), kind == tidings.KindUnauthenticated, kind == tidings.KindForbidden, !errors.As(err, &known):
		return &fileError{f.name, err}
	}

	return w.refuseFile(ctx, f, err)
}

// fileError is an error that came up at a file, but is not the file's.
type fileError struct {
	name  string
	cause error
}

func (f *fileError) Error() string { return f.name + ": " + f.cause.Error() }
func (f *fileError) Unwrap() error { return f.cause }

// errorText is err for a person, without a full stop.
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

// isUnreachable reports whether a request found nobody.
func isUnreachable(err error) bool { return errors.As(err, new(*url.Error)) }

// isTemporary reports whether the same request may go well later: nobody
// answered, or somebody who is not the server, or the server could not.
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
	case tidings.KindUnavailable, tidings.KindRateLimited, tidings.KindQuota, tidings.KindInternal:
		return true
	}

	return false
}
