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

// LinkTokens stores the hashes of tokens that open an invitation or a password
// reset.
type LinkTokens interface {
	AddInviteToken(ctx context.Context, invite tidings.ID, hash []byte) error
	AddResetToken(ctx context.Context, reset tidings.ID, hash []byte) error
}

// MailConfig is the connection to a mail server.
type MailConfig struct {
	// URL is smtp://user:password@host:587 (STARTTLS; to this machine itself
	// also without) or smtps://user:password@host:465 (TLS from the start).
	URL      string
	Password string // instead of the one in URL
	From     string // "Tidings <tidings@example.org>", or only the address
	Timeout  time.Duration
}

// Mailer is the client of a mail server.
type Mailer struct {
	cfg    MailConfig
	host   string
	port   int
	user   string
	secure bool // TLS from the start
}

// NewMailer checks the settings; it does not connect yet.
func NewMailer(cfg MailConfig) (*Mailer, error) {
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

// Address is host:port of the mail server.
func (m *Mailer) Address() string { return net.JoinHostPort(m.host, strconv.Itoa(m.port)) }

func (m *Mailer) newClient() (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(m.port), mail.WithTimeout(m.cfg.Timeout)}
	switch {
	case m.secure:
		options = append(options, mail.WithSSL())
	case m.isLoopback():
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}

	if m.user != "" {
		kind := mail.SMTPAuthAutoDiscover
		if m.isLoopback() && !m.secure {
			kind = mail.SMTPAuthPlainNoEnc // a relay on this very machine
		}
		options = append(options, mail.WithSMTPAuth(kind), mail.WithUsername(m.user), mail.WithPassword(m.cfg.Password))
	}

	return mail.NewClient(m.host, options...)
}

func (m *Mailer) isLoopback() bool {
	ip := net.ParseIP(m.host)
	return m.host == "localhost" || ip != nil && ip.IsLoopback()
}

// Check connects and signs in, and disconnects again.
func (m *Mailer) Check(ctx context.Context) error {
	c, err := m.newClient()
	if err != nil {
		return err
	}
	if err := c.DialWithContext(ctx); err != nil {
		return err
	}
	return c.Close()
}

// Channel registers mail as a delivery channel. So far it carries invitations and
// mails about accounts.
func (m *Mailer) Channel(tokens LinkTokens) Channel {
	return Channel{Name: tidings.DeliverMail, Sender: &mailSender{mailer: m, tokens: tokens}}
}

// mailSender sends invitations and mails about accounts.
type mailSender struct {
	mailer *Mailer
	tokens LinkTokens
}

// newLinkToken makes the token of a link, 128 random bits, and its hash. Rows hold
// only hashes, so each try to send a link makes another.
func newLinkToken() (token string, hash []byte) {
	var b [16]byte
	rand.Read(b[:])
	token = base64.RawURLEncoding.EncodeToString(b[:])
	sum := sha256.Sum256([]byte(token))
	return token, sum[:]
}

// Send implements Sender.
func (s *mailSender) Send(ctx context.Context, d tidings.Delivery) error {
	if d.Account != nil {
		return s.sendAccountMail(ctx, d)
	}

	token, hash := newLinkToken()
	msg, err := s.mailer.composeInvite(*d.Invite, d.BaseURL, token)
	if err != nil {
		return err
	}
	if err := s.tokens.AddInviteToken(ctx, d.Invite.ID, hash); err != nil {
		return err
	}

	return s.mailer.sendMessage(ctx, msg)
}

// sendMessage delivers a mail. What the server refuses for good (5xx, RFC 5321
// section 4.2.1) is a Permanent error.
func (m *Mailer) sendMessage(ctx context.Context, msg *mail.Msg) error {
	c, err := m.newClient()
	if err != nil {
		return err
	}

	err = c.DialAndSendWithContext(ctx, msg)
	var refused *mail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return Permanent(err)
	}

	return err
}

func (m *Mailer) composeInvite(i tidings.Invite, baseURL, token string) (*mail.Msg, error) {
	return m.composeMail(i.Email, i.CreatedBy.Name+" invites you to "+i.Workspace, fmt.Sprintf("%s invites you to %s on Tidings: video and voice updates for people who work at different hours.\n\n"+
		"Join here:\n%s/invite/%s\n\nThe link is for you alone and good until %s. If you do not know what this is about, do nothing.\n",
		joinLines(i.CreatedBy.Name), joinLines(i.Workspace), baseURL, token, i.ExpiresAt.UTC().Format("2 January 2006, 15:04 UTC")))
}

// composeMail makes a plain text mail.
func (m *Mailer) composeMail(to, subject, text string) (*mail.Msg, error) {
	msg := mail.NewMsg()
	if err := msg.From(m.cfg.From); err != nil {
		return nil, err
	}
	if err := msg.To(to); err != nil {
		return nil, err
	}

	msg.Subject(joinLines(subject))
	msg.SetDate()
	msg.SetMessageID()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	msg.SetBodyString(mail.TypeTextPlain, text)

	return msg, nil
}

// joinLines makes one line of a text, so that it cannot end a header.
func joinLines(text string) string { return strings.Join(strings.Fields(text), " ") }
