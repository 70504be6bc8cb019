package auth

import (
	"context"
	"time"

	"tidings.example/tidings/api/budget"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// waitLimits bound the attempts that wait at the same time: for one target, or
// from one address, and in all.
var waitLimits = budget.Limits{Total: 256, PerAddress: 16}

// attemptLimiter slows down guessing at passwords without locking people out.
// Wrong guesses are counted by address and target (an account, a link) together:
// only who guesses at a target is refused it. Guesses at a target from many
// addresses, and at many targets from one, delay further attempts instead, or
// anyone could lock everyone out by guessing wrong on purpose.
type attemptLimiter struct {
	limiter *Limiter
	delay   time.Duration
	waiting *budget.Pool
}

func newAttemptLimiter(l *Limiter, delay time.Duration) *attemptLimiter {
	return &attemptLimiter{limiter: l, delay: delay, waiting: budget.NewPool(waitLimits)}
}

// beginAttempt counts an attempt at the target as a wrong one. The caller calls succeed
// when it was right. begin fails with KindRateLimited after too many of this
// address, and waits after too many of others.
func (l *attemptLimiter) beginAttempt(ctx context.Context, target string) (succeed func(), err error) {
	address := AddressKey(request.FromContext(ctx).ClientIP)
	pair := address + " " + target
	if err := l.limiter.Check(pair); err != nil {
		return nil, err
	}

	counted := []string{pair}
	for _, wide := range []string{"to " + target, "from " + address} {
		if l.limiter.Check(wide) == nil {
			counted = append(counted, wide)
			continue
		}
		if err := l.delayAttempt(ctx, wide); err != nil {
			return nil, err
		}
	}

	return func() { l.limiter.Refund(counted...) }, nil
}

// delayAttempt delays an attempt. At most as many of a key as waitLimits says wait at
// once, so that the rate of guesses stays bounded.
func (l *attemptLimiter) delayAttempt(ctx context.Context, key string) error {
	release, err := l.waiting.Acquire(budget.Client{Address: key})
	if err != nil {
		return tidings.Wrap(err, tidings.KindRateLimited, "Too many tries. Wait a few seconds.")
	}
	defer release()

	select {
	case <-time.After(l.delay):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// delayChallenge counts a sign-in that is begun, and delays it when its address
// has begun too many: many people may be behind it.
func (a *Authenticator) delayChallenge(ctx context.Context, begun *Limiter) error {
	address := AddressKey(request.FromContext(ctx).ClientIP)
	if begun.Check(address) == nil {
		return nil
	}
	return a.attempts.delayAttempt(ctx, "challenges "+address)
}

// BeginUnlock counts an attempt at the password of a link; see begin of
// attemptLimiter.
func (a *Authenticator) BeginUnlock(ctx context.Context, l tidings.Link) (succeed func(), err error) {
	return a.attempts.beginAttempt(ctx, "link "+string(l.ID))
}
