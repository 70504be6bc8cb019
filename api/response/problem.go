// Package response maps errors to statuses and problem documents (RFC 9457), and
// writes the headers of conditional and cached answers.
package response

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// statusChecksum is the status of the tus checksum extension for a wrong
// checksum.
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
	tidings.KindKeyReused:       http.StatusUnprocessableEntity,
	tidings.KindGone:            http.StatusGone,
	tidings.KindTooLarge:        http.StatusRequestEntityTooLarge,
	tidings.KindQuota:           http.StatusRequestEntityTooLarge,
	tidings.KindUnsupported:     http.StatusUnsupportedMediaType,
	tidings.KindChecksum:        statusChecksum,
	tidings.KindRateLimited:     http.StatusTooManyRequests,
	tidings.KindUnavailable:     http.StatusServiceUnavailable,
	tidings.KindStorageFull:     http.StatusInsufficientStorage,
	tidings.KindDamaged:         http.StatusInternalServerError,
	tidings.KindInternal:        http.StatusInternalServerError,
}

// codes are the kinds whose problem code has another name in openapi.yaml; the
// status tells them apart.
var codes = map[tidings.Kind]tidings.Kind{
	tidings.KindStale:     tidings.KindConflict,
	tidings.KindKeyReused: tidings.KindConflict,
	tidings.KindChecksum:  tidings.KindInvalid,
}

// retryAfter is how long a client should wait after an error of the kind,
// unless the handler sets the header.
var retryAfter = map[tidings.Kind]time.Duration{
	tidings.KindNotReady:    2 * time.Second,
	tidings.KindUnavailable: 5 * time.Second,
	tidings.KindStorageFull: 30 * time.Second,
	tidings.KindRateLimited: 6 * time.Second,
}

// StatusError is an error with a status that has no kind, such as 405 or 416.
type StatusError struct {
	Code int
	Kind tidings.Kind
	Msg  string
}

func (e *StatusError) Error() string { return e.Msg }

// ProblemOf is the problem document (RFC 9457) of an error.
func ProblemOf(err error) spec.Problem {
	kind := tidings.KindOf(err)
	p := spec.Problem{Type: "about:blank", Status: statuses[kind], Detail: tidings.Sentence(err), Code: string(cmp.Or(codes[kind], kind))}
	var known *tidings.Error
	if errors.As(err, &known) && len(known.Fields) > 0 && kind != tidings.KindInternal {
		p.Fields = &known.Fields
	}

	var bare *StatusError
	var framework *echo.HTTPError
	switch {
	case errors.As(err, &bare):
		p.Status, p.Detail, p.Code = bare.Code, bare.Msg, string(bare.Kind)
	case known == nil && errors.As(err, &framework):
		p.Status, p.Detail, p.Code = frameworkProblem(framework)
	}

	p.Title = cmp.Or(http.StatusText(p.Status), "Checksum Mismatch")
	return p
}

// frameworkProblem maps echo's own errors: no route, wrong method, an invalid
// parameter.
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

// RetryAfter is how long a client should wait after an error of that kind; ok is
// false when repeating the request is no use.
func RetryAfter(kind tidings.Kind) (wait time.Duration, ok bool) {
	wait, ok = retryAfter[kind]
	return wait, ok
}

// HTTPStatus is the status of an error that has one of its own, and 0 else.
func (e *StatusError) HTTPStatus() int { return e.Code }

// WriteProblem answers with a problem (application/problem+json).
func WriteProblem(c echo.Context, p spec.Problem) {
	body, err := json.Marshal(p)
	if err != nil { // strings and numbers only
		body = []byte("{}")
	}
	c.Response().Header().Set("Content-Type", "application/problem+json")
	c.Response().WriteHeader(p.Status)
	c.Response().Write(body)
}

// RetrySeconds is a Retry-After (RFC 9110 section 10.2.3).
func RetrySeconds(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
}

// HTTPStatus is the status of an error of the storage; 0 without one.
func HTTPStatus(err error) int {
	var e interface{ HTTPStatus() int }
	if errors.As(err, &e) {
		return e.HTTPStatus()
	}
	return 0
}

// NotReady is the error of a file that is still being made.
func NotReady() error { return tidings.Errorf(tidings.KindNotReady, "This is not made yet.") }
