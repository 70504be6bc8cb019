// Package notify sends what has to leave the server: invitations by mail, and
// notifications by whichever channels are registered. Every message is a row
// before it is sent, so none is lost when the process dies or a receiving
// server is down.
package notify

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// Sender sends the messages of one channel.
type Sender interface {
	// Send returns nil once the receiving server has accepted the message. An
	// error made by Permanent is final, any other is retried.
	Send(ctx context.Context, d tidings.Delivery) error
}

// Channel is the registration of a delivery channel.
type Channel struct {
	Name   tidings.DeliveryChannel
	Sender Sender
	// Notifications says that notifications go out by the channel. The store
	// writes deliveries for such channels only.
	Notifications bool
}

// Rows is the outbox of deliveries.
type Rows interface {
	// DueDeliveries are at most limit messages of a channel that are due, oldest
	// first, without those whose recipient may no longer receive them.
	DueDeliveries(ctx context.Context, channel tidings.DeliveryChannel, limit int) ([]tidings.Delivery, error)
	DeliverySent(ctx context.Context, d tidings.Delivery) error
	// DeliveryFailed records a failed try; retryAt nil gives the message up.
	DeliveryFailed(ctx context.Context, d tidings.Delivery, reason string, retryAt *time.Time) error
}

// Dispatcher sends what is due by the registered channels.
type Dispatcher struct {
	Rows     Rows
	Channels []Channel
	Clock    tidings.Clock // nil = time.Now
}

// NotificationChannels are the channels by which notifications go out.
func (d *Dispatcher) NotificationChannels() []tidings.DeliveryChannel {
	var out []tidings.DeliveryChannel
	for _, c := range d.Channels {
		if c.Notifications {
			out = append(out, c.Name)
		}
	}
	return out
}

// The tries of one message: the first retry comes after a minute, each further
// one after twice as long, for two days altogether.
const (
	firstRetry = time.Minute
	maxTries   = 12
	batchSize  = 50
)

// Drain sends what is due, all channels at the same time: one whose server does
// not answer delays no other. A process that dies after the sending and before
// the row is updated sends the message twice.
func (d *Dispatcher) Drain(ctx context.Context) error {
	errs := make([]error, len(d.Channels))
	var channels sync.WaitGroup
	for i, c := range d.Channels {
		channels.Go(func() { errs[i] = d.drainChannel(ctx, c) })
	}

	channels.Wait()
	return errors.Join(errs...)
}

func (d *Dispatcher) drainChannel(ctx context.Context, c Channel) error {
	due, err := d.Rows.DueDeliveries(ctx, c.Name, batchSize)
	if err != nil {
		return err
	}

	var errs []error
	for _, one := range due {
		err := c.Sender.Send(ctx, one)
		switch {
		case err == nil:
			err = d.Rows.DeliverySent(ctx, one)
		case ctx.Err() != nil: // the process is stopping; the message did not fail
			return errors.Join(append(errs, ctx.Err())...)
		default:
			err = errors.Join(err, d.Rows.DeliveryFailed(ctx, one, failureText(err), d.retryAt(err, one.Tries)))
		}

		errs = append(errs, err)
	}

	return errors.Join(errs...)
}

// retryAt is when a message is tried next; nil gives it up.
func (d *Dispatcher) retryAt(err error, tries int) *time.Time {
	var final *permanentError
	if tries+1 >= maxTries || errors.As(err, &final) {
		return nil
	}

	now := time.Now
	if d.Clock != nil {
		now = d.Clock
	}

	return new(now().Add(firstRetry << tries))
}

// Permanent marks the error of a message that will never be accepted.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

// failureText is an error on one line, of at most 300 characters.
func failureText(err error) string {
	text := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " "))
	return string(text[:min(len(text), 300)])
}
