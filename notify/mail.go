// Package notify brings what happened to people who are elsewhere. So far that
// is one thing: invitations by mail. What is to be sent is a row before it is a
// mail, so nothing is lost when the process dies or the mail server is away.
package notify

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"tidings.example/tidings/tidings"
)

// Rows is the outbox of mails.
type Rows interface {
	DueMails(ctx context.Context, limit int) ([]tidings.Mail, error)
	AddInviteToken(ctx context.Context, invite tidings.ID, hash []byte) error
	MailSent(ctx context.Context, id tidings.ID) error
	MailFailed(ctx context.Context, id tidings.ID, why string, again *time.Time) error
}

// Config says how mail leaves.
type Config struct {
	// URL is smtp://user:password@host:587 (STARTTLS; to this machine itself
	// also without) or smtps://user:password@host:465 (TLS from the start).
	URL      string
	Password string // instead of the one in URL
	From     string // "Tidings <tidings@example.org>", or only the address
	Timeout  time.Duration
}

// Mailer sends mail.
type Mailer struct {
	cfg    Config
	host   string
	port   int
	user   string
	secure bool // TLS from the start
}

// New checks the settings; the mail server is not asked yet.
func New(cfg Config) (*Mailer, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" {
		return nil, tidings.Errorf(tidings.KindInvalid, "smtp-url is not smtp://user:password@host:port or smtps://….") // not shown: it holds a password
	}

	m := &Mailer{cfg: cfg, host: u.Hostname(), port: 587, user: u.User.Username(), secure: u.Scheme == "smtps"}
	if m.secure {
		m.port = 465
	}

	if u.Port() != "" {
		if m.port, err = strconv.Atoi(u.Port()); err != nil || m.port < 1 || m.port > 65535 {
			return nil, tidings.Errorf(tidings.KindInvalid, "smtp-url: %q is no port.", u.Port())
		}
	}

	if password, ok := u.User.Password(); ok && cfg.Password == "" {
		m.cfg.Password = password
	}

	if m.cfg.Timeout <= 0 {
		m.cfg.Timeout = 30 * time.Second
	}

	if err := mail.NewMsg().From(cfg.From); err != nil {
		return nil, tidings.Errorf(tidings.KindInvalid, "smtp-from: %q is not an address.", cfg.From)
	}

	return m, nil
}

// Where is the mail server, for people to read.
func (m *Mailer) Where() string { return net.JoinHostPort(m.host, strconv.Itoa(m.port)) }

func (m *Mailer) client() (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(m.port), mail.WithTimeout(m.cfg.Timeout)}
	switch {
	case m.secure:
		options = append(options, mail.WithSSL())
	case m.loopback():
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}

	if m.user != "" {
		kind := mail.SMTPAuthAutoDiscover
		if m.loopback() && !m.secure {
			kind = mail.SMTPAuthPlainNoEnc // a relay on this very machine
		}
		options = append(options, mail.WithSMTPAuth(kind), mail.WithUsername(m.user), mail.WithPassword(m.cfg.Password))
	}

	return mail.NewClient(m.host, options...)
}

func (m *Mailer) loopback() bool {
	at := net.ParseIP(m.host)
	return m.host == "localhost" || at != nil && at.IsLoopback()
}

// Check signs in at the mail server and leaves again.
func (m *Mailer) Check(ctx context.Context) error {
	c, err := m.client()
	if err != nil {
		return err
	}
	if err := c.DialWithContext(ctx); err != nil {
		return err
	}
	return c.Close()
}

// Tries of one mail: after a minute, then twice as long each time, for two
// days all in all.
const (
	firstWait = time.Minute
	maxTries  = 12
	batch     = 50
)

// Drain sends what is due. A mail that fails is tried again later; the row
// says why. A process that dies between the sending and the row sends twice.
func (m *Mailer) Drain(ctx context.Context, rows Rows, now func() time.Time) error {
	due, err := rows.DueMails(ctx, batch)
	if err != nil {
		return err
	}

	var errs []error
	for _, one := range due {
		err := m.send(ctx, rows, one)
		switch {
		case err == nil:
			err = rows.MailSent(ctx, one.ID)
		case ctx.Err() != nil: // it did not fail, we are stopping
			return ctx.Err()
		default:
			err = errors.Join(err, rows.MailFailed(ctx, one.ID, reason(err), again(err, one.Tries, now())))
		}

		errs = append(errs, err)
	}

	return errors.Join(errs...)
}

// again is when a mail is tried next; nil when it never is: the server has
// refused it for good (5xx), or it has been tried for two days.
func again(err error, tries int, now time.Time) *time.Time {
	var refused *mail.SendError
	if tries+1 >= maxTries || errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return nil
	}
	at := now.Add(firstWait << tries)
	return &at
}

// reason is what a mail server said, on one line and of bearable length.
func reason(err error) string {
	text := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " "))
	return string(text[:min(len(text), 300)])
}

// send gives the mail a link of its own: tokens are not kept, so the one that
// was shown when the invitation was made cannot be sent.
func (m *Mailer) send(ctx context.Context, rows Rows, one tidings.Mail) error {
	var b [16]byte
	rand.Read(b[:])
	token := base64.RawURLEncoding.EncodeToString(b[:])
	hash := sha256.Sum256([]byte(token))
	msg, err := m.compose(one, token)
	if err != nil {
		return err
	}
	if err := rows.AddInviteToken(ctx, one.Invite.ID, hash[:]); err != nil {
		return err
	}

	c, err := m.client()
	if err != nil {
		return err
	}

	return c.DialAndSendWithContext(ctx, msg)
}

func (m *Mailer) compose(one tidings.Mail, token string) (*mail.Msg, error) {
	msg := mail.NewMsg()
	if err := msg.From(m.cfg.From); err != nil {
		return nil, err
	}
	if err := msg.To(one.Invite.Email); err != nil {
		return nil, err
	}

	i := one.Invite
	msg.Subject(oneLine(i.CreatedBy.Name + " invites you to " + i.Workspace))
	msg.SetDate()
	msg.SetMessageID()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	msg.SetBodyString(mail.TypeTextPlain, fmt.Sprintf("%s invites you to %s on Tidings: video and voice updates for people who work at different hours.\n\n"+
		"Join here:\n%s/invite/%s\n\nThe link is for you alone and good until %s. If you do not know what this is about, do nothing.\n",
		oneLine(i.CreatedBy.Name), oneLine(i.Workspace), one.BaseURL, token, i.ExpiresAt.UTC().Format("2 January 2006, 15:04 UTC")))

	return msg, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
