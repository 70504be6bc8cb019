package embed

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/tidings"
)

// errUnreadable is an answer of status 200 that has not what was asked for.
var errUnreadable = errors.New("the answer cannot be used")

// statusError is an answer of another status than 200.
type statusError struct {
	status     int
	retryAfter time.Duration
	excerpt    string // of the answer, for the log
}

func (s *statusError) Error() string {
	return "status " + strconv.Itoa(s.status) + ": " + s.excerpt
}

// newStatusError describes an answer.
func (e *Endpoint) newStatusError(res *http.Response, answer []byte) *statusError {
	wait := min(endpoint.ParseRetryAfter(res.Header, time.Now()), maxRetryAfter)
	return &statusError{status: res.StatusCode, retryAfter: wait, excerpt: endpoint.Excerpt(answer, e.cfg.Key)}
}

// transientPause reports whether a request may succeed when it is sent again, and
// how long the server asks to wait before.
func transientPause(err error) (wait time.Duration, transient bool) {
	var s *statusError
	if !errors.As(err, &s) {
		return 0, true
	}
	return s.retryAfter, s.status >= 500 || s.status == http.StatusTooManyRequests || s.status == http.StatusRequestTimeout
}

// endpointError gives an error its kind and a sentence.
func endpointError(err error) error {
	var s *statusError
	switch {
	case errors.Is(err, errUnreadable):
		return tidings.Wrap(err, tidings.KindUnavailable, "The answers of the endpoint for embeddings cannot be used: %s.", err)
	case !errors.As(err, &s):
		return tidings.Wrap(err, tidings.KindUnavailable, "The endpoint for embeddings does not answer.")
	}

	switch s.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return tidings.Wrap(err, tidings.KindUnavailable, "The endpoint for embeddings does not accept our key.")
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return tidings.Wrap(err, tidings.KindUnavailable, "There is no endpoint for embeddings at the address in the settings, or it lacks the model.")
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return tidings.Wrap(err, tidings.KindUnsupported, "The endpoint for embeddings refuses a text.")
	case http.StatusTooManyRequests:
		return tidings.Wrap(err, tidings.KindUnavailable, "The endpoint for embeddings is busy.")
	}
	return tidings.Wrap(err, tidings.KindUnavailable, "The endpoint for embeddings has failed.")
}
