package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// getVerified opens an object so that no client takes damaged bytes for whole.
// Where the sums of its blocks are known, each block is checked before its first
// byte is sent, in ranges too. Otherwise the storage's own checksum comes with
// the end of the whole object: the last bytes are held back until then.
func (h *Handler) getVerified(ctx context.Context, o storedObject, cond Conditions) (*Object, error) {
	from, to, ok := int64(0), o.size, o.sums.KnownFor(o.size)
	if ok && cond.Range != "" {
		from, to, ok = parseRange(cond.Range, o.size)
	}
	if !ok {
		return h.getHeldBack(ctx, o, cond)
	}

	asked := cond.Range != ""
	if asked {
		start, end := tidings.WholeBlocks(from, to, o.size)
		cond.Range = fmt.Sprintf("bytes=%d-%d", start, end-1)
	}

	got, err := h.Objects.Get(ctx, o.key, cond)
	switch {
	case response.HTTPStatus(err) == http.StatusRequestedRangeNotSatisfiable:
		return nil, tidings.Damaged(errors.New("it is shorter than it was"))
	case err != nil:
		return nil, err
	}

	got.Size, got.ContentRange = to-from, ""
	if asked {
		got.ContentRange = fmt.Sprintf("bytes %d-%d/%d", from, to-1, o.size)
	}
	got.Body = checkedBody{Reader: tidings.VerifyBlocks(got.Body, o.sums, from, to, o.size), Closer: got.Body}

	return got, nil
}

// getHeldBack opens an object without known sums.
func (h *Handler) getHeldBack(ctx context.Context, o storedObject, cond Conditions) (*Object, error) {
	got, err := h.Objects.Get(ctx, o.key, cond)
	if err != nil || got.ContentRange != "" {
		return got, err
	}
	if o.size > 0 && got.Size != o.size {
		return nil, errors.Join(tidings.Damaged(fmt.Errorf("it has %d bytes instead of %d", got.Size, o.size)), got.Body.Close())
	}

	held := heldBackBuffers.Get().(*bufio.Reader)
	held.Reset(got.Body)
	got.Body = checkedBody{Reader: heldBackReader{held}, Closer: &heldBackCloser{Closer: got.Body, buffer: held}}

	return got, nil
}

// checkedBody reads from Reader and closes what is below it.
type checkedBody struct {
	io.Reader
	io.Closer
}

var heldBackBuffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, copyBufferSize) }}

// heldBackReader returns the last byte only once the storage has confirmed the
// whole.
type heldBackReader struct{ r *bufio.Reader }

// Read implements io.Reader.
func (b heldBackReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}

	ready, err := b.r.Peek(b.r.Size())
	switch {
	case err == nil: // there is more to come, or the end is not confirmed yet
		ready = ready[:len(ready)-1]
	case !errors.Is(err, io.EOF):
		return 0, err
	case len(ready) == 0:
		return 0, io.EOF
	}

	n := copy(p, ready)
	_, err = b.r.Discard(n)

	return n, err
}

// heldBackCloser closes a body and puts its buffer back, once.
type heldBackCloser struct {
	io.Closer
	once   sync.Once
	buffer *bufio.Reader
}

// Close implements io.Closer.
func (b *heldBackCloser) Close() error {
	b.once.Do(func() {
		b.buffer.Reset(nil)
		heldBackBuffers.Put(b.buffer)
	})
	return b.Closer.Close()
}

// reportDamage records that an object is damaged. The original of a growing clip
// is recorded where it is read.
func (h *Handler) reportDamage(ctx context.Context, o storedObject, cause error) {
	if o.key == "" {
		return
	}
	err := h.Store.ReportDamage(context.WithoutCancel(ctx), tidings.Damage{Key: o.key, ClipID: o.clip, Reason: tidings.DamageReason(cause)})
	if err != nil {
		request.FromContext(ctx).Log.Warn("damage is not recorded", "object", o.key, "error", err)
	}
}

// withoutBodyHeaders removes what was to be said of a body that is not sent.
func withoutBodyHeaders(c echo.Context, err error) error {
	header := c.Response().Header()
	for _, name := range []string{"Content-Length", "Content-Range", "Content-Type", "Content-Disposition", "ETag", "Accept-Ranges"} {
		header.Del(name)
	}
	header.Set("Cache-Control", response.CacheNever)
	return err
}
