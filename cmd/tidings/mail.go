package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"tidings.example/tidings/notify"
)

// mailer is the room that sends mail; nil when no mail server is named.
func (c *config) mailer() (*notify.Mailer, error) {
	if c.SMTPURL == "" {
		return nil, nil
	}

	password := ""
	if c.SMTPPassFile != "" {
		text, err := os.ReadFile(c.SMTPPassFile)
		if err != nil {
			return nil, fmt.Errorf("smtp-password-file: %w", err)
		}
		password = strings.TrimRight(string(text), "\r\n")
	}

	return notify.New(notify.Config{URL: c.SMTPURL, Password: password, From: c.SMTPFrom})
}

// validateMail checks the settings of mail.
func (c *config) validateMail(bad func(name, format string, args ...any)) {
	if (c.SMTPURL == "") != (c.SMTPFrom == "") {
		bad("smtp-url and smtp-from", "go together")
	}
	if c.Workspaces != "anyone" && c.Workspaces != "owners" {
		bad("workspaces", "%q is neither anyone nor owners", c.Workspaces)
	}
}

// sendMail sends what is due.
func (a *app) sendMail(ctx context.Context) error {
	if a.mail == nil {
		return nil
	}
	return a.mail.Drain(ctx, a.store, time.Now)
}

// mailing asks the mail server, signing in as the settings say. Without one
// invitations are handed out as links.
func mailing(ctx context.Context, cfg config) finding {
	m, err := cfg.mailer()
	if err != nil {
		return finding{"mail", "fail", sentence(err)}
	}
	if m == nil {
		return finding{"mail", "ok", "not set up: invitations are handed out as links"}
	}
	if err := m.Check(ctx); err != nil {
		return finding{"mail", "fail", fmt.Sprintf("%s: %v", m.Where(), err)}
	}

	return finding{"mail", "ok", m.Where() + ", from " + cfg.SMTPFrom}
}
