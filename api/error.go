package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// statusChecksum is what the tus checksum extension answers to a wrong sum.
const statusChecksum = 460

// statuses is the only map from kinds of errors to HTTP statuses.
var statuses = map[tidings.Kind]int{
	tidings.KindInvalid:         http.StatusBadRequest,
	tidings.KindUnauthenticated: http.StatusUnauthorized,
	tidings.KindForbidden:       http.StatusForbidden,
	tidings.KindNotFound:        http.StatusNotFound,
	tidings.KindNotReady:        http.StatusNotFound,
	tidings.KindConflict:        http.StatusConflict,
	tidings.KindStale:           http.StatusPreconditionFailed,
	tidings.KindGone:            http.StatusGone,
	tidings.KindTooLarge:        http.StatusRequestEntityTooLarge,
	tidings.KindQuota:           http.StatusRequestEntityTooLarge,
	tidings.KindUnsupported:     http.StatusUnsupportedMediaType,
	tidings.KindChecksum:        statusChecksum,
	tidings.KindRateLimited:     http.StatusTooManyRequests,
	tidings.KindUnavailable:     http.StatusServiceUnavailable,
	tidings.KindInternal:        http.StatusInternalServerError,
}

// codes are the kinds whose code in a problem is another word: the contract
// lists the codes, and the status says the rest.
var codes = map[tidings.Kind]tidings.Kind{
	tidings.KindStale:    tidings.KindConflict,
	tidings.KindChecksum: tidings.KindInvalid,
}

// retryAfter is how long a client should wait after an error of that kind,
// unless the handler has said so itself.
var retryAfter = map[tidings.Kind]time.Duration{
	tidings.KindNotReady:    2 * time.Second,
	tidings.KindUnavailable: 5 * time.Second,
	tidings.KindRateLimited: 6 * time.Second,
}

// status is an error with a status that no kind stands for, such as 405 or 416.
type status struct {
	code int
	kind tidings.Kind
	msg  string
}

func (e *status) Error() string { return e.msg }

// problemOf is err as it may be shown (RFC 9457).
func problemOf(err error) spec.Problem {
	kind := tidings.KindOf(err)
	p := spec.Problem{Type: "about:blank", Status: statuses[kind], Detail: tidings.Sentence(err), Code: string(or(codes[kind], kind))}
	var known *tidings.Error
	if errors.As(err, &known) && len(known.Fields) > 0 && kind != tidings.KindInternal {
		p.Fields = &known.Fields
	}

	var bare *status
	var framework *echo.HTTPError
	switch {
	case errors.As(err, &bare):
		p.Status, p.Detail, p.Code = bare.code, bare.msg, string(bare.kind)
	case known == nil && errors.As(err, &framework):
		p.Status, p.Detail, p.Code = frameworkProblem(framework)
	}

	p.Title = or(http.StatusText(p.Status), "Checksum Mismatch")
	return p
}

// frameworkProblem gives echo's own errors our words: no route, wrong method,
// a parameter that does not parse.
func frameworkProblem(e *echo.HTTPError) (code int, detail, kind string) {
	switch e.Code {
	case http.StatusNotFound:
		return e.Code, tidings.Sentence(tidings.NotFound()), string(tidings.KindNotFound)
	case http.StatusMethodNotAllowed:
		return e.Code, "This address does not answer to that method.", string(tidings.KindInvalid)
	case http.StatusUnsupportedMediaType:
		return e.Code, "The body must be JSON.", string(tidings.KindUnsupported)
	case http.StatusRequestEntityTooLarge:
		return e.Code, "The request is too large.", string(tidings.KindTooLarge)
	}

	if e.Code >= 400 && e.Code < 500 {
		return http.StatusBadRequest, "The request is not right.", string(tidings.KindInvalid)
	}
	return http.StatusInternalServerError, tidings.Sentence(e), string(tidings.KindInternal)
}

// fail answers a request with err. What nobody gave a kind is logged here, once.
func (s *server) fail(err error, c echo.Context) {
	k := callOf(c.Request().Context())
	if tidings.KindOf(err) == tidings.KindInternal && errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		k.gone = true // the client hung up: nobody to tell; see begin
		return
	}

	p := problemOf(err)
	p.RequestID = k.id
	if p.Status >= 500 {
		k.log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed", slog.String("error", err.Error()))
	}

	if c.Response().Committed {
		return
	}

	header := c.Response().Header()
	if wait, ok := retryAfter[tidings.KindOf(err)]; ok && header.Get("Retry-After") == "" {
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

	if s.wantsPage(c) {
		s.failPage(c, p)
		return
	}

	writeProblem(c, p)
}

func writeProblem(c echo.Context, p spec.Problem) {
	body, err := json.Marshal(p)
	if err != nil { // strings and numbers only
		body = []byte("{}")
	}
	c.Response().Header().Set("Content-Type", "application/problem+json")
	c.Response().WriteHeader(p.Status)
	c.Response().Write(body)
}
