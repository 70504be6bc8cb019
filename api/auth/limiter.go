package auth

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tidings.example/tidings/api/budget"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// Limiter limits attempts per key: burst at once, then one every refill. It slows
// down guessing (passwords, setup tokens, link tokens) and writes of visitors.
type Limiter struct {
	now    tidings.Clock
	refill time.Duration
	mu     sync.Mutex
	burst  int
	limits map[string]*keyLimit
	swept  time.Time
}

type keyLimit struct {
	bucket *rate.Limiter
	seen   time.Time
}

const (
	refillInterval = 6 * time.Second
	maxLimitKeys   = 100_000 // new keys are refused beyond it, until old ones expire
	keyLimitLife   = 10 * time.Minute
)

// NewLimiter makes a limiter that grants one attempt every refillInterval.
func NewLimiter(burst int, now tidings.Clock) *Limiter {
	return NewLimiterEvery(refillInterval, burst, now)
}

// NewLimiterEvery makes a limiter with a rate of its own. A key without an
// attempt for keyLimitLife is forgotten: burst times refill has to be less.
func NewLimiterEvery(refill time.Duration, burst int, now tidings.Clock) *Limiter {
	return &Limiter{now: now, refill: refill, burst: burst, limits: map[string]*keyLimit{}}
}

// Check charges each key with an attempt, and fails with KindRateLimited when
// one has none left. Keys after it are not charged.
func (l *Limiter) Check(keys ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := l.now()
	l.removeStale(now)
	for _, key := range keys {
		n := l.limits[key]
		if n == nil && len(l.limits) < maxLimitKeys {
			n = &keyLimit{bucket: rate.NewLimiter(rate.Every(l.refill), l.burst)}
			l.limits[key] = n
		}

		if n == nil || !n.bucket.AllowN(now, 1) {
			return tidings.Errorf(tidings.KindRateLimited, "Too many tries. Wait a few seconds.")
		}

		n.seen = now
	}

	return nil
}

// Refund takes back one attempt of each key.
func (l *Limiter) Refund(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := l.now()
	for _, key := range keys {
		if n := l.limits[key]; n != nil {
			n.bucket.AllowN(now, -1) // a negative number adds tokens, up to the burst
		}
	}
}

// Wait is how long a key has to wait for its next attempt; 0 = not at all.
func (l *Limiter) Wait(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.limits[key]
	if n == nil {
		return 0
	}
	if missing := 1 - n.bucket.TokensAt(l.now()); missing > 0 {
		return time.Duration(missing * float64(l.refill))
	}
	return 0
}

// Knows reports whether a key has made an attempt lately.
func (l *Limiter) Knows(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limits[key] != nil
}

// removeStale forgets keys without a recent attempt, at most once a minute.
func (l *Limiter) removeStale(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for key, n := range l.limits {
		if now.Sub(n.seen) > keyLimitLife {
			delete(l.limits, key)
		}
	}
}

// AddressKey is the limiter key of a client's address. IPv6 addresses count by
// their /64, which belongs to one client.
func AddressKey(ip string) string {
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

// ClientOf is the client of a request, for budgets.
func ClientOf(ctx context.Context) budget.Client {
	k := request.FromContext(ctx)
	c := budget.Client{Person: k.Subject.UserID, Address: AddressKey(k.ClientIP)}
	if k.Subject.Link != nil {
		c.Link = k.Subject.Link.ID
	}
	return c
}

// EmailKey is the limiter key of an account.
func EmailKey(email string) string { return "email " + strings.ToLower(email) }
