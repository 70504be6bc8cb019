package media

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// serveOriginal is GET /clips/{id}/media/original: the durable bytes of the
// recording, also while it goes on.
func (h *Handler) serveOriginal(c echo.Context, clip tidings.ID) error {
	ctx := c.Request().Context()
	a, err := h.Store.Asset(ctx, clip, "original")
	if err == nil {
		return h.serveAsset(c, a, tidings.ActDownload)
	}
	if tidings.KindOf(err) != tidings.KindNotFound {
		return err
	}

	info, err := h.Original.Stat(ctx, clip)
	switch kind := tidings.KindOf(err); {
	case kind == tidings.KindGone:
		return tidings.NotFound()
	case kind == tidings.KindNotFound || err == nil && info.Size == 0 && !info.Sealed:
		return response.NotReady()
	case err != nil:
		return err
	}

	return h.serveGrowing(c, clip, info)
}

// serveGrowing serves an original from its parts. Its present size is the size
// of the file in this answer; later answers have more bytes.
func (h *Handler) serveGrowing(c echo.Context, clip tidings.ID, info OriginalInfo) error {
	header, r := c.Response().Header(), c.Request()
	header.Set("Accept-Ranges", "bytes")
	header.Set("Cache-Control", response.CacheNever)
	header.Set("Content-Type", mediaContentType(info.ContentType))
	setAttachment(c, clip, "original")
	from, to, code := int64(0), info.Size, http.StatusOK
	if text := parseConditions(r).Range; text != "" && r.Method == http.MethodGet && r.Header.Get("If-Range") == "" {
		var ok bool
		if from, to, ok = parseRange(text, info.Size); !ok {
			return rangeNotSatisfiable(header, info.Size)
		}
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, info.Size))
		code = http.StatusPartialContent
	}

	header.Set("Content-Length", strconv.FormatInt(to-from, 10))
	if r.Method == http.MethodHead || to == from {
		c.Response().WriteHeader(code)
		return nil
	}

	release, err := h.acquireRead(c)
	if err != nil {
		return err
	}
	defer release()

	body, err := h.Original.Open(r.Context(), clip, from, to)
	if err != nil {
		return err
	}
	defer body.Close()

	return h.streamBody(c, code, body, storedObject{clip: clip, action: tidings.ActDownload})
}

// parseRange returns the bytes [from, to) that a single range selects of size.
func parseRange(header string, size int64) (from, to int64, ok bool) {
	a, b, _ := strings.Cut(strings.TrimPrefix(header, "bytes="), "-")
	first, firstErr := strconv.ParseInt(a, 10, 64)
	last, lastErr := strconv.ParseInt(b, 10, 64)
	switch {
	case firstErr != nil: // a suffix range: the last bytes
		from, to = max(0, size-last), size
	case lastErr != nil:
		from, to = first, size
	default:
		from, to = first, min(last+1, size)
	}

	return from, to, from < to
}
