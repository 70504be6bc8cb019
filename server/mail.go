package server

import (
	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/notify"
)

// openMailer makes the client of the mail server, nil when none is set.
func (c *Config) openMailer() (*notify.Mailer, error) {
	if c.SMTPURL == "" {
		return nil, nil
	}

	password, err := endpoint.ReadPassword(c.SMTPPassFile, "the password of the mail server")
	if err != nil {
		return nil, err
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
