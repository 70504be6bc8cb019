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

	"tidings.example/tidings/tidings"
)

// send uploads a file, or goes on with its upload. Every step is in the ledger
// before the next one, so that it can be broken off anywhere.
func (w *watcher) send(ctx context.Context, f found) error {
	file, err := openSteady(filepath.Join(w.config.Dir, f.name), f.stamp)
	if err != nil {
		return err
	}
	defer file.Close()

	e, begun := w.ledger.entry(f.name)
	if begun && e.Stamp != f.stamp { // it has changed since: what came of the old one is a ruin
		if err := w.discard(ctx, e); err != nil {
			return err
		}
		begun = false
	}

	if !begun {
		if e, err = w.begin(ctx, f, file); err != nil || e.State == stateSent {
			return err
		}
	}

	err = w.transfer(ctx, f, file, &e)
	if k := tidings.KindOf(err); k == tidings.KindGone || begun && (k == tidings.KindNotFound || k == tidings.KindConflict) {
		return w.anew(ctx, f.name, e)
	}

	return err
}

// begin refuses what is no recording, recognises what has been sent under
// another name, and writes down that the file is being sent.
func (w *watcher) begin(ctx context.Context, f found, file steadyFile) (entry, error) {
	if err := w.cl.checkRecording(file); err != nil {
		return entry{}, err
	}

	sum := sha256.New()
	if _, err := io.Copy(sum, patientReader{ctx, file}); err != nil {
		return entry{}, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil { // errChanged: it is the sum of nothing
		return entry{}, err
	}

	e := entry{Stamp: f.stamp, State: stateSending, SHA256: hex.EncodeToString(sum.Sum(nil)), Key: rand.Text()}
	if twin, name := w.ledger.twin(e.SHA256); name != "" {
		w.say(f.name, "the same as "+name+", which was uploaded before: "+twin.URL)
		e.State, e.ClipID, e.URL = stateSent, twin.ClipID, twin.URL
	}

	return e, w.ledger.put(f.name, e)
}

// transfer does what is left of the upload.
func (w *watcher) transfer(ctx context.Context, f found, file steadyFile, e *entry) (err error) {
	w.say(f.name, fmt.Sprintf("sending %d kB", (f.stamp.Size+999)/1000))
	var offset int64
	if e.Upload != "" {
		offset, err = w.cl.offset(ctx, e.Upload)
	} else {
		err = w.prepare(ctx, f, e)
	}

	if err != nil {
		return err
	}
	if err := w.sendRest(ctx, e.Upload, file, offset); err != nil {
		return err
	}

	return w.finish(ctx, f, *e)
}

// prepare makes the clip of a file and begins its upload, unless that was done.
func (w *watcher) prepare(ctx context.Context, f found, e *entry) (err error) {
	name := printable(f.name)
	if e.ClipID == "" {
		// A channel chosen later makes it another request, with another key.
		clip, err := w.cl.newClip(ctx, w.to, shorten(titleOf(name)), e.Key+w.to.ChannelID)
		if tidings.KindOf(err) == tidings.KindNotFound { // not the file's fault: every other would fare the same
			return tidings.Wrap(err, tidings.KindForbidden, "The channel or workspace to send to is no longer there for you.")
		}
		if err != nil {
			return err
		}

		e.ClipID, e.URL = clip.ID, clip.ShareURL
		if err := w.ledger.put(f.name, *e); err != nil {
			return err
		}
	}

	if e.Upload, err = w.cl.createUpload(ctx, e.ClipID, name, f.stamp.Size); err != nil {
		return err
	}
	return w.ledger.put(f.name, *e)
}

// sendRest sends what the server does not have. Gone is also what a whole
// upload answers to more bytes, when the answer to the last ones was lost.
func (w *watcher) sendRest(ctx context.Context, upload string, file steadyFile, offset int64) error {
	err := w.cl.sendAll(ctx, io.Discard, upload, file, offset, file.stamp.Size)
	switch tidings.KindOf(err) {
	case tidings.KindGone:
		at, herr := w.cl.offset(ctx, upload)
		if herr != nil {
			return herr
		}
		if at == file.stamp.Size {
			return nil
		}
	case tidings.KindInvalid: // the bytes stopped coming for too long, as after a sleep
		return tidings.Wrap(err, tidings.KindUnavailable, "The connection was cut off.")
	}

	return err
}

// finish sends the captions beside the file and writes down that all is done.
func (w *watcher) finish(ctx context.Context, f found, e entry) error {
	name, err := w.cl.pushCaptions(ctx, e.ClipID, filepath.Join(w.config.Dir, f.name))
	switch {
	case err != nil && (temporary(err) || ctx.Err() != nil):
		return err
	case err != nil:
		w.say(f.name, filepath.Base(name)+": "+reason(err))
	case name != "":
		w.say(f.name, "its transcript is "+filepath.Base(name))
	}

	e.State = stateSent
	if err := w.ledger.put(f.name, e); err != nil {
		return err
	}

	fmt.Fprintln(w.config.Out, e.URL)
	return nil
}

// printable is a file's name as the API takes it.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
}

// shorten cuts a title to the 200 characters it may have.
func shorten(title string) string {
	if r := []rune(title); len(r) > 200 {
		return string(r[:200])
	}
	return title
}

// patientReader reads until ctx is over.
type patientReader struct {
	ctx context.Context
	r   io.Reader
}

func (p patientReader) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}
