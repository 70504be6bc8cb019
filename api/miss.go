package api

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"tidings.example/tidings/tidings"
)

// linkOf is the live link of a token. What was revoked, what has expired and
// what never was are the same: not found. An address that has sent too many
// tokens that never were gets no more looked up for a while; tokens of links
// that are over do not count, for those are old friends and not guesses.
func (s *server) linkOf(ctx context.Context, token string) (tidings.Link, error) {
	if token == "" || len(token) > 200 {
		return tidings.Link{}, tidings.NotFound()
	}

	k := callOf(ctx)
	who := neighbourhood(k.ip)
	if wait := s.misses.wait(who); wait > 0 {
		if k.w != nil {
			k.w.Header().Set("Retry-After", retrySeconds(wait))
		}
		return tidings.Link{}, tidings.Errorf(tidings.KindRateLimited, "Too many links that are none. Wait a moment.")
	}

	l, err := s.Store.LinkByHash(ctx, hashOf(token))
	switch {
	case tidings.KindOf(err) == tidings.KindNotFound:
		// This miss is answered like any other; the next one hears of it.
		_ = s.misses.check(who)
		return tidings.Link{}, tidings.NotFound()
	case err != nil:
		return tidings.Link{}, err
	case !l.Live(s.Clock()):
		return tidings.Link{}, tidings.NotFound()
	}

	return l, nil
}

// wait is how long a name has to wait for its next try; 0 = not at all.
func (l *limiter) wait(name string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.names[name]
	if n == nil {
		return 0
	}
	if missing := 1 - n.bucket.TokensAt(l.now()); missing > 0 {
		return time.Duration(missing * float64(refill))
	}
	return 0
}

// retrySeconds is a Retry-After (RFC 9110 section 10.2.3).
func retrySeconds(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
}

// privately keeps the address of a page, which holds a link's token, from
// whatever the page leads to.
func privately(h http.Header) { h.Set("Referrer-Policy", "no-referrer") }
