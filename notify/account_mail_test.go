package notify

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestAccountMails: each mail says what it is for; only what was asked for has a
// link, whose hash is stored; an account without a password gets none.
func TestAccountMails(t *testing.T) {
	account := tidings.AccountMail{ResetID: "r", Name: "Bo\r\nBcc: eve@example.org", Email: "bo@example.org", HasPassword: true, Network: "192.0.2.0/24"}
	for name, c := range map[string]struct {
		change func(a *tidings.AccountMail)
		says   string
		link   bool
	}{
		"asked for":          {func(a *tidings.AccountMail) { a.Kind = tidings.MailReset }, "192.0.2.0/24", true},
		"no password":        {func(a *tidings.AccountMail) { a.Kind, a.HasPassword = tidings.MailReset, false }, "It has none", false},
		"made by an owner":   {func(a *tidings.AccountMail) { a.Kind, a.Maker = tidings.MailResetLink, "Ana" }, "Ana has made a link", false},
		"made on the server": {func(a *tidings.AccountMail) { a.Kind = tidings.MailResetLink }, "the operator of the server has made a link", false},
		"done":               {func(a *tidings.AccountMail) { a.Kind = tidings.MailPasswordReset }, "set anew by a link", false},
	} {
		s := listenSMTP(t, "250 ok")
		a := account
		c.change(&a)
		o := &outbox{due: []tidings.Delivery{{ID: "m", BaseURL: "https://tidings.example", Account: &a}}}
		if err := drainMail(t, newTestMailer(t, s), o); err != nil || !o.sent {
			t.Fatalf("%s: %v", name, err)
		}

		text := strings.ReplaceAll(strings.ReplaceAll(s.mails()[0], "=\r\n", ""), "=3D", "=")
		token := regexp.MustCompile(`https://tidings\.example/reset/([\w-]{22})`).FindStringSubmatch(text)
		if !strings.Contains(text, c.says) || (token != nil) != c.link || strings.Contains(text, "\r\nBcc:") || !strings.Contains(text, "To: <bo@example.org>") {
			t.Errorf("%s: %q", name, text)
		}
		if token != nil && fmt.Sprintf("%x", sha256.Sum256([]byte(token[1]))) != fmt.Sprintf("%x", o.hash) {
			t.Errorf("%s: the link of the mail is not the one whose hash is kept", name)
		}
	}
}
