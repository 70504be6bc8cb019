package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/page"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// writeError answers a request with a problem. Errors without a kind are logged
// here, once.
func (s *server) writeError(err error, c echo.Context) {
	k := request.FromContext(c.Request().Context())
	if tidings.KindOf(err) == tidings.KindInternal && errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		k.ClientGone = true // no answer possible; see requestMiddleware
		return
	}

	p := response.ProblemOf(err)
	p.RequestID = k.ID
	if p.Status >= 500 {
		k.Log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed", slog.String("error", err.Error()))
	}

	if c.Response().Committed {
		return
	}

	header := c.Response().Header()
	if wait, ok := response.RetryAfter(tidings.KindOf(err)); ok && header.Get("Retry-After") == "" {
		header.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}

	if p.Status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Bearer realm="tidings"`)
	}

	for _, name := range []string{"ETag", "Content-Length", "Content-Range", "Accept-Ranges", "Content-Disposition", "Last-Modified"} {
		if name != "Content-Range" || p.Status != http.StatusRequestedRangeNotSatisfiable {
			header.Del(name)
		}
	}

	header.Set("Cache-Control", "no-store")

	if page.WantsPage(c.Request()) {
		s.page.WriteProblem(c, p)
		return
	}

	response.WriteProblem(c, p)
}
