package notify

import (
	"cmp"
	"context"
	"fmt"

	"tidings.example/tidings/tidings"
)

// sendAccountMail sends a mail about an account. A link gets its token here.
func (s *mailSender) sendAccountMail(ctx context.Context, d tidings.Delivery) error {
	a := *d.Account
	link := ""
	if a.Kind == tidings.MailReset && a.HasPassword {
		token, hash := newLinkToken()
		if err := s.tokens.AddResetToken(ctx, a.ResetID, hash); err != nil {
			return err
		}
		link = d.BaseURL + "/reset/" + token
	}

	subject, text := accountMailText(a, link)
	msg, err := s.mailer.composeMail(a.Email, subject, fmt.Sprintf("Hello %s,\n\n%s\n", joinLines(a.Name), text))
	if err != nil {
		return Permanent(err)
	}

	return s.mailer.sendMessage(ctx, msg)
}

// accountMailText is the subject and body of a mail about an account.
func accountMailText(a tidings.AccountMail, link string) (subject, text string) {
	asked := "Somebody"
	if a.Network != "" {
		asked += " (from the network " + a.Network + ")"
	}

	switch {
	case a.Kind == tidings.MailResetLink:
		by := cmp.Or(joinLines(a.Maker), "the operator of the server")
		return "A link to set your Tidings password was made", by + " has made a link by which a new password for your account on Tidings can be set. You should get it from them. " +
			"Whoever opens it can sign in as you: if you did not ask for it, speak to them."
	case a.Kind == tidings.MailPasswordReset:
		return "Your Tidings password was set anew", "The password of your account on Tidings was set anew by a link. You are signed out everywhere and your API tokens are revoked; " +
			"passkeys and connected accounts stay.\n\nIf that was not you, ask for a new link on the sign-in page at once, and speak to an owner of your workspace."
	case !a.HasPassword:
		return "Signing in to Tidings", asked + " asked for a new password for your account on Tidings. It has none: you sign in by a provider or a passkey, and nothing has changed.\n\n" +
			"If those do not work any more, an owner or admin of your workspace can make you a link by which you set a password."
	}

	return "Set a new Tidings password", asked + " asked for a new password for your account on Tidings. Set it here:\n" + link +
		"\n\nThe link is good for one hour and one use. It signs you out everywhere and revokes your API tokens. If that was not you, do nothing: your password stays as it is."
}
