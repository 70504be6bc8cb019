package tidings

import "time"

// ResetOrigin says who asked for a password reset.
type ResetOrigin string

// Origins of password resets.
const (
	ResetByMail     ResetOrigin = "mail"     // whoever typed the address on the sign-in page
	ResetByManager  ResetOrigin = "manager"  // an owner or admin of the person's workspaces
	ResetByOperator ResetOrigin = "operator" // the command line of the server
)

// PasswordReset lets a person set a new password without the old one, once, by
// a link. Tokens are 128 random bits, of which only the hash is stored.
type PasswordReset struct {
	ID        ID
	Origin    ResetOrigin
	UserID    ID
	UserName  string
	Email     string // of the account, lower case
	CreatedBy ID     // with ResetByManager
	ExpiresAt time.Time
	Used      bool
}

// Open reports whether its link can still be used.
func (r PasswordReset) Open(now time.Time) bool { return !r.Used && now.Before(r.ExpiresAt) }

// Limits on password resets.
const (
	ResetMailLife   = time.Hour      // of a link in a mail
	ResetLinkLife   = 24 * time.Hour // of a link that a person hands out
	ResetMailTrying = 24 * time.Hour // after which a mail that could not be sent is given up
	ResetMailPeriod = time.Hour      // in which an address gets MaxResetMails
	MaxResetMails   = 3
)

// MayResetPassword reports whether a person of role r may make a link by which
// the password of a person of role is can be set. Whoever may do so can take the
// account over: admins may not for owners and other admins.
func (r Role) MayResetPassword(is Role) bool {
	return r == RoleOwner || r == RoleAdmin && is.Rank() < RoleAdmin.Rank()
}

// AccountMailKind is what a mail about an account is for.
type AccountMailKind string

// Kinds of mails about accounts.
const (
	MailReset         AccountMailKind = "reset"          // the link that was asked for
	MailResetLink     AccountMailKind = "reset_link"     // somebody else has made a link
	MailPasswordReset AccountMailKind = "password_reset" // the password was set by a link
)

// AccountMail is a mail about a person's account.
type AccountMail struct {
	Kind        AccountMailKind
	ResetID     ID
	Name        string // of the person
	Email       string
	HasPassword bool   // false: they sign in by a provider or a passkey, and get no link
	Maker       string // name of who made the link; "" = the operator of the server
	Network     string // of the request; see Actor
}
