package notify

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// smtpServer is a strict SMTP server (RFC 5321) without TLS: commands come in
// order, or are refused. rcpt is what it answers to RCPT TO.
type smtpServer struct {
	net.Listener
	rcpt string
	mu   sync.Mutex
	got  []string
}

func listenSMTP(t *testing.T, rcpt string) *smtpServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	s := &smtpServer{Listener: l, rcpt: rcpt}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()

	return s
}

func (s *smtpServer) serve(c net.Conn) {
	defer c.Close()

	r := bufio.NewReader(c)
	say := func(text string) { fmt.Fprintf(c, "%s\r\n", text) }
	say("220 mail.example.org ESMTP")
	state := "start"
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}

		verb := strings.ToUpper(strings.Fields(line + " x")[0])
		switch {
		case verb == "EHLO":
			state = "hello"
			say("250 mail.example.org")
		case verb == "NOOP" || verb == "RSET":
			say("250 ok")
		case verb == "MAIL" && state == "hello":
			state = "from"
			say("250 ok")
		case verb == "RCPT" && state == "from":
			if strings.HasPrefix(s.rcpt, "250") {
				state = "to"
			}
			say(s.rcpt)
		case verb == "DATA" && state == "to":
			say("354 go on")
			s.data(r)
			state = "hello"
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("503 not now")
		}
	}
}

func (s *smtpServer) data(r *bufio.Reader) {
	var text strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		text.WriteString(line)
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.got = append(s.got, text.String())
}

func (s *smtpServer) mails() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.got...)
}

// outbox holds one mail.
type outbox struct {
	due     []tidings.Delivery
	hash    []byte
	sent    bool
	reason  string
	retryAt *time.Time
}

func (o *outbox) DueDeliveries(context.Context, tidings.DeliveryChannel, int) ([]tidings.Delivery, error) {
	return o.due, nil
}

func (o *outbox) AddInviteToken(_ context.Context, _ tidings.ID, hash []byte) error {
	o.hash = hash
	return nil
}

func (o *outbox) AddResetToken(_ context.Context, _ tidings.ID, hash []byte) error {
	o.hash = hash
	return nil
}

func (o *outbox) DeliverySent(context.Context, tidings.Delivery) error { o.sent = true; return nil }

func (o *outbox) DeliveryFailed(_ context.Context, _ tidings.Delivery, reason string, retryAt *time.Time) error {
	o.reason, o.retryAt = reason, retryAt
	return nil
}

// drainMail sends the mail of the outbox.
func drainMail(t *testing.T, m *Mailer, o *outbox) error {
	t.Helper()
	d := Dispatcher{Rows: o, Channels: []Channel{m.Channel(o)}, Clock: func() time.Time { return noon }}
	return d.Drain(t.Context())
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func newInvitation() *outbox {
	return &outbox{due: []tidings.Delivery{{ID: "m", BaseURL: "https://tidings.example", Invite: &tidings.Invite{ID: "i", Email: "bo@example.org",
		Workspace: "Ocean\r\nBcc: eve@example.org", CreatedBy: tidings.Author{Name: "Ana Łuk"}, ExpiresAt: noon}}}}
}

func newTestMailer(t *testing.T, s *smtpServer) *Mailer {
	t.Helper()
	m, err := NewMailer(MailConfig{URL: "smtp://" + s.Addr().String(), From: "Tidings <tidings@example.org>", Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMailIsSent(t *testing.T) {
	s, r := listenSMTP(t, "250 ok"), newInvitation()
	m := newTestMailer(t, s)
	if err := m.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := drainMail(t, m, r); err != nil || !r.sent {
		t.Fatalf("%v, sent %v", err, r.sent)
	}

	got := s.mails()
	if len(got) != 1 || strings.Contains(got[0], "\r\nBcc:") || !strings.Contains(got[0], "To: <bo@example.org>") {
		t.Fatalf("%q", got)
	}

	token := regexp.MustCompile(`https://tidings\.example/invite/([\w-]{22})`).FindStringSubmatch(strings.ReplaceAll(got[0], "=\r\n", ""))
	if token == nil || fmt.Sprintf("%x", sha256.Sum256([]byte(token[1]))) != fmt.Sprintf("%x", r.hash) {
		t.Errorf("the link of the mail is not the one whose hash is kept: %q", got[0])
	}
}

// TestMailIsTriedAgain: what is refused for now is tried later, what is
// refused for good is not, and both say why.
func TestMailIsTriedAgain(t *testing.T) {
	for answer, later := range map[string]bool{"451 greylisted, come again": true, "550 nobody of that name": false} {
		s, r := listenSMTP(t, answer), newInvitation()
		if err := drainMail(t, newTestMailer(t, s), r); err == nil || r.sent {
			t.Errorf("%s: %v, sent %v", answer, err, r.sent)
		}
		if (r.retryAt != nil) != later || !strings.Contains(r.reason, answer[4:]) || later && !r.retryAt.Equal(noon.Add(time.Minute)) {
			t.Errorf("%s: again %v, because %q", answer, r.retryAt, r.reason)
		}
	}

	s, r := listenSMTP(t, "250 ok"), newInvitation()
	s.Close() // no server listens
	if err := drainMail(t, newTestMailer(t, s), r); err == nil || r.retryAt == nil || r.reason == "" {
		t.Errorf("%v, again %v, because %q", err, r.retryAt, r.reason)
	}

	if at := new(Dispatcher).retryAt(errors.New("x"), maxTries-1); at != nil {
		t.Errorf("tried for ever: %v", at)
	}
}

func TestMailSettings(t *testing.T) {
	for _, c := range []MailConfig{{URL: "http://mail.example.org", From: "a@example.org"}, {URL: "smtp://", From: "a@example.org"}, {URL: "smtp://h:99999", From: "a@example.org"},
		{URL: "smtp://h/x", From: "a@example.org"}, {URL: "smtp://h", From: "nobody"}} {
		if _, err := NewMailer(c); tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%+v: %v", c, err)
		}
	}

	m, err := NewMailer(MailConfig{URL: "smtps://u:secret@mail.example.org", From: "a@example.org"})
	if err != nil || m.Address() != "mail.example.org:465" || !m.secure {
		t.Errorf("%+v %v", m, err)
	}

	// A server in the open that offers no TLS is given neither password nor mail.
	plain := listenSMTP(t, "250 ok")
	m, err = NewMailer(MailConfig{URL: "smtp://u:secret@" + plain.Addr().String(), From: "a@example.org", Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}

	if err := m.Check(t.Context()); err == nil {
		t.Error("a password was sent to a server that did not ask for one")
	}
}
