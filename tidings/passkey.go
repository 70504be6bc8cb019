package tidings

import "time"

// Passkey is a WebAuthn credential of a person
// (https://www.w3.org/TR/webauthn-3/).
type Passkey struct {
	ID           ID
	UserID       ID
	CredentialID []byte
	RPID         string // the host name it was made for; it works nowhere else
	Name         string
	Record       []byte // public key, counter and flags, in the form of the library that checks them
	CreatedAt    time.Time
	UsedAt       *time.Time
	SuspectAt    *time.Time // when its counter went back, a sign that it was copied
}

// Ceremony is a challenge that a browser answers once: for a passkey's
// signature, or an OpenID provider's response.
type Ceremony struct {
	Kind      CeremonyKind
	UserID    ID     // of the account that began it; "" = signed out
	Browser   []byte // SHA-256 of the cookie of the browser it was begun in
	Data      []byte
	ExpiresAt time.Time
}

// CeremonyKind is the purpose of a ceremony, so that none can be used for
// another.
type CeremonyKind string

// Kinds of ceremonies.
const (
	CeremonyPasskeyAdd    CeremonyKind = "passkey.add"
	CeremonyPasskeySignIn CeremonyKind = "passkey.sign_in"
	CeremonyOIDC          CeremonyKind = "oidc"
)
