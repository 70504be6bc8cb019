package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/budget"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// Bounds of JSON bodies, in bytes, by what the route's callers have to send.
const (
	maxSecretBody  = 16 << 10  // credentials and names, of callers who are not known yet
	maxViewBody    = 64 << 10  // 1000 ranges
	maxCommentBody = 128 << 10 // 10,000 characters, escaped
	maxBody        = 1 << 20
)

// bodyLimits bound the bodies that are on their way at the same time.
var bodyLimits = budget.Limits{Total: 512, Reserve: 128, PerAddress: 64, PerLink: 128, PerPerson: 32}

// bodyLimit is the largest JSON body of a route.
func bodyLimit(level auth.Level, path string) int64 {
	switch {
	case path == "/clips/:id/views":
		return maxViewBody
	case level == auth.Visitor:
		return maxSecretBody
	case level == auth.Commenter:
		return maxCommentBody
	}
	return maxBody
}

// bodyReader reads the bodies of JSON calls.
type bodyReader struct {
	pool    *budget.Pool
	timeout time.Duration // for a visitor's whole body
}

// bufferBody reads the body, of at most limit bytes, into memory before any
// other work is done for the request. Bodies that are on their way count
// against the client's budget and have a deadline, so that half-sent requests
// hold neither memory nor slots that others need.
func (b *bodyReader) bufferBody(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.Request().ContentLength != 0 {
				if err := b.readBody(c, limit); err != nil {
					closeConnection(c)
					return err
				}
			}
			return next(c)
		}
	}
}

func (b *bodyReader) readBody(c echo.Context, limit int64) error {
	r := c.Request()
	if r.ContentLength > limit {
		return bodyTooLarge(limit)
	}

	client := auth.ClientOf(r.Context())
	release, err := b.pool.Acquire(client)
	if err != nil {
		return err
	}
	defer release()

	timeout := b.timeout
	if client.Person != "" {
		timeout *= 3 // their bodies may be larger
	}

	// An httptest.ResponseRecorder has no deadlines; connections always do.
	rc := http.NewResponseController(c.Response())
	_ = rc.SetReadDeadline(time.Now().Add(timeout))
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &response.StatusError{Code: http.StatusRequestTimeout, Kind: tidings.KindInvalid, Msg: "The request took too long to arrive."}
	case err != nil:
		return tidings.Wrap(err, tidings.KindInvalid, "The request broke off.")
	case int64(len(body)) > limit:
		return bodyTooLarge(limit)
	}

	_ = rc.SetReadDeadline(time.Time{})
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

func bodyTooLarge(limit int64) error {
	return tidings.Errorf(tidings.KindTooLarge, "A request may have at most %d bytes.", limit)
}

// closeConnection ends the connection after the answer. net/http would otherwise
// wait for the remaining body before it sends the answer.
func closeConnection(c echo.Context) {
	c.Response().Header().Set("Connection", "close")
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now())
}

// Bounds of the fields that a problem lists.
const (
	maxProblemFields = 20
	maxFieldName     = 100 // bytes
)

// addField notes what is wrong with a field of the request. A request with many
// faults is told of the first ones only, so that the answer stays smaller than
// the request.
func addField(fields map[string]string, name, sentence string) {
	if len(name) > maxFieldName {
		cut := maxFieldName
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + "…"
	}
	if _, known := fields[name]; known || len(fields) < maxProblemFields {
		fields[name] = sentence
	}
}
