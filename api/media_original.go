package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// original is GET /clips/{id}/media/original: what was recorded, byte for byte,
// as far as it has come.
func (s *server) original(c echo.Context, clip tidings.ID) error {
	ctx := c.Request().Context()
	a, err := s.Store.Asset(ctx, clip, "original")
	if err == nil {
		return s.serveAsset(c, a, tidings.ActDownload)
	}
	if tidings.KindOf(err) != tidings.KindNotFound {
		return err
	}

	info, err := s.Original.Stat(ctx, clip)
	switch k := tidings.KindOf(err); {
	case k == tidings.KindGone:
		return tidings.NotFound()
	case k == tidings.KindNotFound || err == nil && info.Size == 0 && !info.Sealed:
		return response.NotReady()
	case err != nil:
		return err
	}

	return s.growing(c, clip, info)
}

// growing serves an original from its parts. What there is now is the whole of
// it for this answer; later ones have more.
func (s *server) growing(c echo.Context, clip tidings.ID, info OriginalInfo) error {
	h := c.Response().Header()
	h.Set("Accept-Ranges", "bytes")
	h.Set("Cache-Control", response.CacheNever)
	h.Set("Content-Type", safeType(info.ContentType))
	attach(c, clip, "original")
	from, to, code := int64(0), info.Size, http.StatusOK
	if r := conditions(c.Request()).Range; r != "" && c.Request().Method == http.MethodGet && c.Request().Header.Get("If-Range") == "" {
		var ok bool
		if from, to, ok = slice(r, info.Size); !ok {
			h.Set("Content-Range", "bytes */"+strconv.FormatInt(info.Size, 10))
			return &response.StatusError{Code: http.StatusRequestedRangeNotSatisfiable, Kind: tidings.KindInvalid, Msg: "There are no such bytes."}
		}
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, info.Size))
		code = http.StatusPartialContent
	}

	h.Set("Content-Length", strconv.FormatInt(to-from, 10))
	if c.Request().Method == http.MethodHead || to == from {
		c.Response().WriteHeader(code)
		return nil
	}

	body, err := s.Original.Open(c.Request().Context(), clip, from, to)
	if err != nil {
		return err
	}
	defer body.Close()

	return s.pour(c, code, body, clip, tidings.ActDownload)
}

// slice is the stretch [from, to) that a single range means in size bytes.
func slice(header string, size int64) (from, to int64, ok bool) {
	a, b, _ := strings.Cut(strings.TrimPrefix(header, "bytes="), "-")
	first, ferr := strconv.ParseInt(a, 10, 64)
	last, lerr := strconv.ParseInt(b, 10, 64)
	switch {
	case ferr != nil: // the last so many bytes
		from, to = max(0, size-last), size
	case lerr != nil:
		from, to = first, size
	default:
		from, to = first, min(last+1, size)
	}

	return from, to, from < to
}
