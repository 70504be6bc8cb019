package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"tidings.example/tidings/notify"
)

// mailer is the client of the mail server; nil when none is set.
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

	return notify.NewMailer(notify.MailConfig{URL: c.SMTPURL, Password: password, From: c.SMTPFrom})
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
		return finding{"mail", "fail", fmt.Sprintf("%s: %v", m.Address(), err)}
	}

	return finding{"mail", "ok", m.Address() + ", from " + cfg.SMTPFrom}
}
