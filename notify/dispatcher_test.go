package notify_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/notify"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// fakeSender is a channel that only this test has. It fails while err is set.
type fakeSender struct {
	sent []tidings.Delivery
	err  error
}

func (p *fakeSender) Send(_ context.Context, d tidings.Delivery) error {
	if p.err == nil {
		p.sent = append(p.sent, d)
	}
	return p.err
}

// newDispatcher is a workspace in which Ben wants notifications of comments by
// a channel, and a dispatcher that has this channel.
func newDispatcher(t *testing.T, p *fakeSender) (w *storetest.World, ben tidings.User, d *notify.Dispatcher) {
	t.Helper()
	w = storetest.NewWorld(t, storetest.OpenAny)

	ben = w.Person("ben", tidings.RoleMember)
	ben.Prefs.Notify = map[string]string{"comment": "inbox,push"}
	if _, err := w.UpdateUser(t.Context(), ben); err != nil {
		t.Fatal(err)
	}

	d = &notify.Dispatcher{Rows: w.Store, Channels: []notify.Channel{{Name: tidings.DeliverPush, Sender: p, Notifications: true}}, Clock: w.Clock.Now}
	w.SetDeliveryChannels(d.NotificationChannels()...)

	return w, ben, d
}

// addComment writes a comment of the owner on a clip of Ben's.
func addComment(t *testing.T, w *storetest.World, ben tidings.User) tidings.Clip {
	t.Helper()
	c := w.NewClip(func(c *tidings.Clip) { c.Author.ID = ben.ID })
	now := w.Clock.Now()
	if _, err := w.AddComment(t.Context(), tidings.Comment{ID: tidings.NewID(now), ClipID: c.ID, Author: tidings.Author{ID: w.Owner.ID}, Body: "Good.", CreatedAt: now}); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestChannelIsDrained registers a channel as docs/how-to/add-a-channel.md says:
// a notification goes out by it once.
func TestChannelIsDrained(t *testing.T) {
	p := &fakeSender{}
	w, ben, d := newDispatcher(t, p)
	c := addComment(t, w, ben)

	for range 2 {
		if err := d.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	if len(p.sent) != 1 || p.sent[0].Channel != tidings.DeliverPush || p.sent[0].Notification.UserID != ben.ID || p.sent[0].Notification.ClipID != c.ID {
		t.Errorf("%+v", p.sent)
	}
}

// TestChannelRetries: a failed delivery is sent later, ever more rarely, and one
// that failed for good never.
func TestChannelRetries(t *testing.T) {
	p := &fakeSender{err: errors.New("no wind")}
	w, ben, d := newDispatcher(t, p)
	addComment(t, w, ben)

	if err := d.Drain(t.Context()); !errors.Is(err, p.err) {
		t.Errorf("at once: %v", err)
	}

	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute} {
		w.Clock.Pass(wait - time.Second)
		if err := d.Drain(t.Context()); err != nil {
			t.Errorf("tried a second before %v: %v", wait, err)
		}

		w.Clock.Pass(time.Second)
		if err := d.Drain(t.Context()); !errors.Is(err, p.err) {
			t.Errorf("after %v: %v", wait, err)
		}
	}

	p.err = nil
	w.Clock.Pass(4 * time.Minute)
	if err := d.Drain(t.Context()); err != nil || len(p.sent) != 1 || p.sent[0].Tries != 3 {
		t.Errorf("%v, sent %+v", err, p.sent)
	}

	addComment(t, w, ben)
	p.err = notify.Permanent(errors.New("no such person"))
	if err := d.Drain(t.Context()); !errors.Is(err, p.err) {
		t.Errorf("%v", err)
	}

	w.Clock.Pass(100 * time.Hour)
	if err := d.Drain(t.Context()); err != nil {
		t.Errorf("tried again after a final refusal: %v", err)
	}
}

// TestChannelChecksAccess: nothing goes out about a clip that the recipient may
// no longer see.
func TestChannelChecksAccess(t *testing.T) {
	p := &fakeSender{}
	w, ben, d := newDispatcher(t, p)
	c := addComment(t, w, ben)
	if err := w.TrashClip(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.Drain(t.Context()); err != nil || len(p.sent) != 0 {
		t.Errorf("%v, sent %+v", err, p.sent)
	}
}

// TestChannelsAreIndependent: a channel that hangs does not delay another.
func TestChannelsAreIndependent(t *testing.T) {
	p, hanging := &fakeSender{}, make(chan struct{})
	w, ben, d := newDispatcher(t, p)
	addComment(t, w, ben)
	ctx, cancel := context.WithCancel(t.Context())
	d.Rows = due{Rows: d.Rows, mail: tidings.Delivery{ID: "m", Channel: tidings.DeliverMail}}
	d.Channels = append(d.Channels, notify.Channel{Name: tidings.DeliverMail, Sender: senderFunc(func(ctx context.Context) error {
		close(hanging)
		<-ctx.Done()
		return ctx.Err()
	})})
	sent := make(chan struct{})
	d.Channels[0].Sender = senderFunc(func(context.Context) error { close(sent); return nil })

	done := make(chan error)
	go func() { done <- d.Drain(ctx) }()
	<-hanging
	<-sent
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// due adds a mail to the rows.
type due struct {
	notify.Rows
	mail tidings.Delivery
}

func (d due) DueDeliveries(ctx context.Context, c tidings.DeliveryChannel, limit int) ([]tidings.Delivery, error) {
	if c == tidings.DeliverMail {
		return []tidings.Delivery{d.mail}, nil
	}
	return d.Rows.DueDeliveries(ctx, c, limit)
}

type senderFunc func(ctx context.Context) error

func (f senderFunc) Send(ctx context.Context, _ tidings.Delivery) error { return f(ctx) }

// TestNotificationChannels: mail carries invitations only, so no deliveries are
// written for it.
func TestNotificationChannels(t *testing.T) {
	m, err := notify.NewMailer(notify.MailConfig{URL: "smtp://mail.example.org", From: "a@example.org"})
	if err != nil {
		t.Fatal(err)
	}

	d := notify.Dispatcher{Channels: []notify.Channel{m.Channel(nil), {Name: tidings.DeliverChat, Notifications: true}}}
	if got := d.NotificationChannels(); !slices.Equal(got, []tidings.DeliveryChannel{tidings.DeliverChat}) {
		t.Errorf("%v", got)
	}
}

// TestChannelGuide: the files that docs/how-to/add-a-channel.md names exist.
func TestChannelGuide(t *testing.T) {
	guide, err := os.ReadFile("../docs/how-to/add-a-channel.md")
	if err != nil {
		t.Fatal(err)
	}

	for _, m := range regexp.MustCompile("`((?:api|cmd|docs|notify|store|tidings|web)/[\\w/.-]+)`").FindAllStringSubmatch(string(guide), -1) {
		if _, err := os.Stat("../" + m[1]); err != nil {
			t.Error(err)
		}
	}
}
