package server

import (
	"fmt"
	"os"
	"strings"

	"tidings.example/tidings/notify"
)

// openMailer makes the client of the mail server, nil when none is set.
func (c *Config) openMailer() (*notify.Mailer, error) {
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
func (c *Config) validateMail(bad func(name, format string, args ...any)) {
	if (c.SMTPURL == "") != (c.SMTPFrom == "") {
		bad("smtp-url and smtp-from", "go together")
	}
	if c.Workspaces != "anyone" && c.Workspaces != "owners" {
		bad("workspaces", "%q is neither anyone nor owners", c.Workspaces)
	}
}
