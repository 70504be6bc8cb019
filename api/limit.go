package api

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tidings.example/tidings/tidings"
)

// limiter lets each name through burst times at once and then once every
// refill: for whatever can be guessed (passwords, setup tokens).
type limiter struct {
	now   tidings.Clock
	mu    sync.Mutex
	burst int
	names map[string]*limited
	swept time.Time
}

type limited struct {
	bucket *rate.Limiter
	seen   time.Time
}

const (
	refill      = 6 * time.Second
	maxNames    = 100_000 // beyond it nobody new is let in until old ones are forgotten
	forgetAfter = 10 * time.Minute
)

func newLimiter(burst int, now tidings.Clock) *limiter {
	return &limiter{now: now, burst: burst, names: map[string]*limited{}}
}

// check fails with KindRateLimited when one of the names has had too many
// tries. A name given later is not charged when an earlier one is refused.
func (l *limiter) check(names ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := l.now()
	l.sweep(now)
	for _, name := range names {
		n := l.names[name]
		if n == nil && len(l.names) < maxNames {
			n = &limited{bucket: rate.NewLimiter(rate.Every(refill), l.burst)}
			l.names[name] = n
		}

		if n == nil || !n.bucket.AllowN(now, 1) {
			return tidings.Errorf(tidings.KindRateLimited, "Too many tries. Wait a few seconds.")
		}

		n.seen = now
	}

	return nil
}

func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for name, n := range l.names {
		if now.Sub(n.seen) > forgetAfter {
			delete(l.names, name)
		}
	}
}

// neighbourhood is the address that is limited: an IPv6 client owns its /64.
func neighbourhood(ip string) string {
	at, err := netip.ParseAddr(ip)
	if err != nil || at.Unmap().Is4() {
		return "ip " + ip
	}
	p, err := at.WithZone("").Prefix(64)
	if err != nil {
		return "ip " + ip
	}
	return "ip " + p.String()
}

func emailName(email string) string { return "email " + strings.ToLower(email) }
