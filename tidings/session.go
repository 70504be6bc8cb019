package tidings

import "time"

// SignInMethod is how a person signed in.
type SignInMethod string

// Methods.
const (
	ByPassword SignInMethod = "password"
	ByPasskey  SignInMethod = "passkey"
	ByOIDC     SignInMethod = "oidc"
	BySetup    SignInMethod = "setup"  // the first owner, at the first visit
	ByInvite   SignInMethod = "invite" // a new account, by an invitation
)

// Session is a signed-in browser, or a link's visitor who has given its
// password.
type Session struct {
	ID        ID
	UserID    ID           // "" = a visitor
	Method    SignInMethod // "" for visitors
	Agent     string       // User-Agent, as it came
	Network   string       // prefix of the address it was last seen at
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
	ExpiresAt time.Time
	Current   bool // of this request
}
