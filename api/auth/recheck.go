package auth

import (
	"context"
	"errors"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// maxUnconfirmed is how long an answer goes on while its repeated access checks
// give no result: a busy or failing database refuses nobody.
const maxUnconfirmed = 2 * time.Minute

var errUnconfirmed = errors.New("the access check has given no result for too long")

// Confirmation follows the repeated access checks of a long answer.
type Confirmation struct {
	clock     tidings.Clock
	uncertain time.Time // since when checks have given no result; zero = the last one did
}

// NewConfirmation is the confirmation of an answer that begins now.
func NewConfirmation(clock tidings.Clock) *Confirmation { return &Confirmation{clock: clock} }

// Judge is the error with which the answer has to end after a repeated check
// returned err. Only a refusal ends it, or maxUnconfirmed without a result.
func (c *Confirmation) Judge(err error) error {
	now := c.clock()
	switch tidings.KindOf(err) {
	case "":
		c.uncertain = time.Time{}
		return nil
	case tidings.KindNotFound, tidings.KindForbidden, tidings.KindUnauthenticated, tidings.KindGone,
		tidings.KindRateLimited: // the link's token has become unknown
		return err
	}

	if c.uncertain.IsZero() {
		c.uncertain = now
	}
	if now.Sub(c.uncertain) > maxUnconfirmed {
		return errors.Join(errUnconfirmed, err)
	}

	return nil
}

// Rechecker repeats the access check of a long answer beside it, so that a slow
// check does not delay the answer. Its methods are for one goroutine.
type Rechecker struct {
	ctx       context.Context
	check     func(context.Context) error
	every     time.Duration
	cancel    func()
	begun     time.Time // of the last check, in real time
	result    chan error
	running   sync.WaitGroup
	confirmed *Confirmation
}

// NewRechecker repeats Recheck for the answer to the request of ctx. The caller
// closes it before the request ends.
func (a *Access) NewRechecker(ctx context.Context, every time.Duration, clip tidings.ID, act tidings.Action) *Rechecker {
	ctx, cancel := context.WithCancel(ctx)
	return &Rechecker{ctx: ctx, every: every, cancel: cancel, begun: time.Now(), confirmed: NewConfirmation(a.clock),
		check: func(ctx context.Context) error { return a.Recheck(ctx, clip, act) }}
}

// Err is why the answer has to end, and nil while it may go on. It begins the
// next check when it is due, and never waits for one.
func (r *Rechecker) Err() error {
	if r.result == nil {
		if time.Since(r.begun) > r.every {
			r.beginRecheck()
		}
		return nil
	}

	select {
	case err := <-r.result:
		r.result, r.begun = nil, time.Now()
		return r.confirmed.Judge(err)
	default:
		return r.confirmed.Judge(errUnconfirmed)
	}
}

func (r *Rechecker) beginRecheck() {
	result := make(chan error, 1)
	r.result = result
	r.running.Go(func() { result <- r.check(r.ctx) })
}

// Close ends the check that is under way, and waits for its end.
func (r *Rechecker) Close() {
	r.cancel()
	r.running.Wait()
}
