package api

import (
	"context"
	"log/slog"
	"net/http"

	"tidings.example/tidings/tidings"
)

// call is what is known of one request as it goes on: who asks, by what, and
// the log its lines go to. Handlers of JSON calls get it from their context.
type call struct {
	id      string // request id
	log     *slog.Logger
	w       http.ResponseWriter // of net/http: contexts outlive requests, and echo reuses its own
	r       *http.Request
	secure  bool   // https, at least up to the proxy
	base    string // "https://host", without a slash at the end
	ip      string
	subject tidings.Subject
	creds   credentials
	gone    bool // the client hung up
	signsIn signsIn
}

// signsIn is who signs in by this request, and how.
type signsIn struct {
	user   tidings.ID
	method tidings.SignInMethod
}

type callKey struct{}

// callOf is the request's call. A request that never passed the first
// middleware has an empty one.
func callOf(ctx context.Context) *call {
	if k, ok := ctx.Value(callKey{}).(*call); ok {
		return k
	}
	return &call{log: slog.New(slog.DiscardHandler)}
}

func subjectOf(ctx context.Context) tidings.Subject { return callOf(ctx).subject }

// share is the link token this request came with, to be carried on in URLs.
func (k *call) share() string {
	if k.subject.Link == nil {
		return ""
	}
	return k.creds.share
}
