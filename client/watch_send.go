package client

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/tidings"
)

// sendFile uploads a file or continues its upload. Each step is recorded in the
// ledger before the next one, so that it may be interrupted anywhere.
func (w *watcher) sendFile(ctx context.Context, f candidate) error {
	file, err := openUnchanged(filepath.Join(w.config.Dir, f.name), f.stamp)
	if err != nil {
		return err
	}
	defer file.Close()

	e, begun := w.ledger.pendingEntry(f.name)
	if begun && e.Stamp != f.stamp { // the uploaded part is of an older content
		if err := w.discardClip(ctx, e); err != nil {
			return err
		}
		begun = false
	}

	if !begun {
		if e, err = w.recordStart(ctx, f, file); err != nil || e.State == stateSent {
			return err
		}
	}

	err = w.transferFile(ctx, f, file, &e)
	if k := tidings.KindOf(err); k == tidings.KindGone || begun && (k == tidings.KindNotFound || k == tidings.KindConflict) {
		return w.restartUpload(ctx, f.name, e)
	}

	return err
}

// recordStart rejects a file that is no recording, recognises one that was sent
// under another name, and records that the file is being sent.
func (w *watcher) recordStart(ctx context.Context, f candidate, file unchangedFile) (ledgerEntry, error) {
	if err := w.client.checkRecording(file); err != nil {
		return ledgerEntry{}, err
	}

	sum := sha256.New()
	if _, err := io.Copy(sum, contextio.NewReader(ctx, file)); err != nil {
		return ledgerEntry{}, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil { // errFileChanged: the checksum is useless
		return ledgerEntry{}, err
	}

	e := ledgerEntry{Stamp: f.stamp, State: stateSending, SHA256: hex.EncodeToString(sum.Sum(nil)), Key: rand.Text()}
	if sent, name := w.ledger.findDuplicate(e.SHA256); name != "" {
		w.logOnce(f.name, "the same as "+name+", which was uploaded before: "+sent.URL)
		e.State, e.ClipID, e.URL = stateSent, sent.ClipID, sent.URL
	}

	return e, w.ledger.putEntry(f.name, e)
}

// transferFile does the remaining steps of an upload.
func (w *watcher) transferFile(ctx context.Context, f candidate, file unchangedFile, e *ledgerEntry) (err error) {
	w.logOnce(f.name, fmt.Sprintf("sending %d kB", (f.stamp.Size+999)/1000))
	var offset int64
	if e.Upload != "" {
		offset, err = w.client.uploadOffset(ctx, e.Upload)
	} else {
		err = w.prepareUpload(ctx, f, e)
	}

	if err != nil {
		return err
	}
	if err := w.sendRemaining(ctx, e.Upload, file, offset); err != nil {
		return err
	}

	return w.finishFile(ctx, f, *e)
}

// prepareUpload creates the clip of a file and its upload, as far as the ledger
// lacks them.
func (w *watcher) prepareUpload(ctx context.Context, f candidate, e *ledgerEntry) (err error) {
	name := printableName(f.name)
	if e.ClipID == "" {
		// Another channel makes another request, which needs another key.
		clip, err := w.client.createClip(ctx, w.destination, shortenTitle(fileTitle(name)), e.Key+w.destination.ChannelID)
		if tidings.KindOf(err) == tidings.KindNotFound { // KindForbidden ends the watch: it concerns every file
			return tidings.Wrap(err, tidings.KindForbidden, "The channel or workspace to send to is no longer there for you.")
		}
		if err != nil {
			return err
		}

		e.ClipID, e.URL = clip.ID, clip.ShareURL
		if err := w.ledger.putEntry(f.name, *e); err != nil {
			return err
		}
	}

	if e.Upload, err = w.client.createUpload(ctx, e.ClipID, name, f.stamp.Size); err != nil {
		return err
	}
	return w.ledger.putEntry(f.name, *e)
}

// sendRemaining sends the bytes from offset on. The server answers KindGone to a
// PATCH of a complete upload, which happens when the response to the last chunk
// was lost.
func (w *watcher) sendRemaining(ctx context.Context, upload string, file unchangedFile, offset int64) error {
	err := w.client.sendChunks(ctx, io.Discard, upload, file, offset, file.stamp.Size)
	switch tidings.KindOf(err) {
	case tidings.KindGone:
		at, herr := w.client.uploadOffset(ctx, upload)
		if herr != nil {
			return herr
		}
		if at == file.stamp.Size {
			return nil
		}
	case tidings.KindInvalid: // the body was interrupted for too long, as when the machine sleeps
		return tidings.Wrap(err, tidings.KindUnavailable, "The connection was cut off.")
	}

	return err
}

// finishFile sends the captions of the file and records that it is sent.
func (w *watcher) finishFile(ctx context.Context, f candidate, e ledgerEntry) error {
	name, err := w.client.pushCaptions(ctx, e.ClipID, filepath.Join(w.config.Dir, f.name))
	switch {
	case err != nil && (isTemporary(err) || ctx.Err() != nil):
		return err
	case err != nil:
		w.logOnce(f.name, filepath.Base(name)+": "+errorText(err))
	case name != "":
		w.logOnce(f.name, "its transcript is "+filepath.Base(name))
	}

	e.State = stateSent
	if err := w.ledger.putEntry(f.name, e); err != nil {
		return err
	}

	fmt.Fprintln(w.config.Out, e.URL)
	return nil
}

// printableName replaces characters of a file name that the API rejects.
func printableName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
}

// shortenTitle cuts a title to the API's limit of 200 characters.
func shortenTitle(title string) string {
	if r := []rune(title); len(r) > 200 {
		return string(r[:200])
	}
	return title
}
