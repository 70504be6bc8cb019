package media

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

const (
	copyBufferSize   = 256 << 10
	writePieceSize   = 64 << 10 // what a client has to take within ReadIdle
	smallObjectBytes = 32 << 20 // largest object that is read into memory
)

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, copyBufferSize); return &b }}

// storedObject is an object as it is served.
type storedObject struct {
	clip        tidings.ID
	action      tidings.Action // of the access check that is repeated
	key         string
	size        int64 // 0 = not known
	sums        tidings.BlockSums
	contentType string
	cache       string // Cache-Control
}

var singleRange = regexp.MustCompile(`^bytes=(\d{1,18}-\d{0,18}|-\d{1,18})$`)

// parseConditions reads the conditional headers of a request. Lists of ranges
// and malformed ranges are ignored (RFC 9110 section 14.2).
func parseConditions(r *http.Request) Conditions {
	cond := Conditions{IfNoneMatch: r.Header.Get("If-None-Match"), IfMatch: r.Header.Get("If-Match")}
	if text := r.Header.Get("Range"); singleRange.MatchString(text) && !isReversedRange(text) {
		cond.Range = text
		if etag := r.Header.Get("If-Range"); etag != "" {
			cond.IfMatch = etag
		}
	}
	return cond
}

func isReversedRange(text string) bool {
	from, to, _ := strings.Cut(strings.TrimPrefix(text, "bytes="), "-")
	a, aErr := strconv.ParseInt(from, 10, 64)
	b, bErr := strconv.ParseInt(to, 10, 64)
	return aErr == nil && bErr == nil && b < a
}

// serveObject answers GET with one request to the storage, and HEAD without
// reading bytes.
func (h *Handler) serveObject(c echo.Context, o storedObject) error {
	header := c.Response().Header()
	header.Set("Accept-Ranges", "bytes")
	header.Set("Cache-Control", o.cache)
	release, err := h.acquireRead(c)
	if err != nil {
		return err
	}
	defer release()

	got, err := h.openObject(c.Request(), o)
	if err != nil {
		return h.conditionFailed(c, o, err)
	}

	if got.ETag != "" {
		header.Set("ETag", got.ETag)
	}

	header.Set("Content-Type", mediaContentType(cmp.Or(o.contentType, got.ContentType)))
	header.Set("Content-Length", strconv.FormatInt(got.Size, 10))
	code := http.StatusOK
	if got.ContentRange != "" {
		header.Set("Content-Range", got.ContentRange)
		code = http.StatusPartialContent
	}

	if c.Request().Method == http.MethodHead {
		c.Response().WriteHeader(code)
		return nil
	}
	defer got.Body.Close()

	return h.streamBody(c, code, got.Body, o)
}

// openObject opens the object by the conditions of the request. A range whose
// If-Range does not hold is ignored: the whole object is opened.
func (h *Handler) openObject(r *http.Request, o storedObject) (*Object, error) {
	ctx, cond := r.Context(), parseConditions(r)
	if r.Method == http.MethodHead {
		return h.headObject(ctx, o, cond)
	}

	got, err := h.getVerified(ctx, o, cond)
	if response.HTTPStatus(err) == http.StatusPreconditionFailed && r.Header.Get("If-Range") != "" {
		cond.Range, cond.IfMatch = "", ""
		return h.getVerified(ctx, o, cond)
	}

	return got, err
}

func (h *Handler) headObject(ctx context.Context, o storedObject, cond Conditions) (*Object, error) {
	got, err := h.Objects.Head(ctx, o.key)
	if err == nil && cond.IfNoneMatch != "" && response.MatchesETag(cond.IfNoneMatch, got.ETag) {
		return nil, &response.StatusError{Code: http.StatusNotModified, Kind: "", Msg: got.ETag}
	}
	return got, err
}

// conditionFailed answers a condition that does not hold; other errors are
// returned as they are.
func (h *Handler) conditionFailed(c echo.Context, o storedObject, err error) error {
	header := c.Response().Header()
	switch response.HTTPStatus(err) {
	case http.StatusNotModified:
		if tag := c.Request().Header.Get("If-None-Match"); !strings.ContainsAny(tag, ",*") {
			header.Set("ETag", tag)
		}
		c.Response().WriteHeader(http.StatusNotModified)
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		return rangeNotSatisfiable(header, o.size)
	case http.StatusPreconditionFailed:
		return &response.StatusError{Code: http.StatusPreconditionFailed, Kind: tidings.KindConflict, Msg: "The file has changed."}
	}

	if tidings.KindOf(err) == tidings.KindDamaged {
		h.reportDamage(c.Request().Context(), o, err)
	}

	return withoutBodyHeaders(c, err)
}

// rangeNotSatisfiable is 416 (RFC 9110 section 15.5.17) for a file of size bytes.
func rangeNotSatisfiable(h http.Header, size int64) error {
	h.Set("Content-Range", "bytes */"+strconv.FormatInt(size, 10))
	return &response.StatusError{Code: http.StatusRequestedRangeNotSatisfiable, Kind: tidings.KindInvalid, Msg: "There are no such bytes."}
}

// mediaContentType returns the type if it is one of media, captions or peaks,
// which browsers do not execute, else application/octet-stream.
func mediaContentType(contentType string) string {
	for _, prefix := range []string{"video/", "audio/", "image/jpeg", "image/webp", "application/json", "text/vtt", "text/plain", "application/x-subrip"} {
		if strings.HasPrefix(contentType, prefix) {
			return contentType
		}
	}
	return echo.MIMEOctetStream
}

var errAccessEnded = errors.New("the caller may not go on")

// acquireRead takes one of the client's reads until release is called. A client
// that has all of its reads gets KindUnavailable, after which players try again;
// they take 429 for final.
func (h *Handler) acquireRead(c echo.Context) (release func(), err error) {
	release, err = h.reads.Acquire(auth.ClientOf(c.Request().Context()))
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindUnavailable, "Too many files are read at once. Try again in a moment.")
	}
	return release, nil
}

// HeldReads is how many answers with media are being sent.
func (h *Handler) HeldReads() int { return h.reads.Held() }

// streamBody copies a body to the client as fast as the client takes it, and
// repeats the access check every RecheckEvery: after a link is revoked, the
// answer breaks off. A check without a result breaks off nothing. The status is
// written after the first bytes were read: what is found to be damaged before
// gets a problem, later the answer breaks off.
func (h *Handler) streamBody(c echo.Context, code int, body io.Reader, o storedObject) error {
	ctx, rc := c.Request().Context(), http.NewResponseController(c.Response())
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)

	recheck := h.Access.NewRechecker(ctx, h.RecheckEvery, o.clip, o.action)
	defer recheck.Close()

	for {
		n, err := body.Read(*buf)
		if tidings.KindOf(err) == tidings.KindDamaged {
			h.reportDamage(ctx, o, err)
		}
		if !c.Response().Committed {
			if n == 0 && err != nil && err != io.EOF {
				return withoutBodyHeaders(c, err)
			}
			c.Response().WriteHeader(code)
		}

		if accessErr := recheck.Err(); n > 0 && accessErr != nil {
			request.FromContext(ctx).Log.Info("media broken off", "error", errors.Join(errAccessEnded, accessErr))
			panic(http.ErrAbortHandler) // or the client would take this for the end
		}

		if n > 0 {
			if writeErr := h.writePieces(c.Response(), rc, (*buf)[:n]); writeErr != nil {
				request.FromContext(ctx).ClientGone = true
				return nil
			}
		}

		if err == io.EOF {
			return nil
		}

		if err != nil {
			request.FromContext(ctx).Log.Error("media broken off", "error", err)
			panic(http.ErrAbortHandler)
		}
	}
}

// writePieces writes data in pieces, each of which the client has to take within
// ReadIdle. A slow client is served as long as it goes on; one that takes nothing
// is disconnected.
func (h *Handler) writePieces(w io.Writer, rc *http.ResponseController, data []byte) error {
	for piece := range slices.Chunk(data, writePieceSize) {
		// An httptest.ResponseRecorder has no deadlines; connections always do.
		_ = rc.SetWriteDeadline(time.Now().Add(h.ReadIdle))
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return nil
}

// readObject reads a small object into memory.
func (h *Handler) readObject(ctx context.Context, key string, limit int64) ([]byte, error) {
	got, err := h.Objects.Get(ctx, key, Conditions{})
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()

	return io.ReadAll(io.LimitReader(got.Body, limit))
}
