package tidings

import "time"

// Identity is a person's account at an OpenID provider. Issuer and Subject
// together identify it; an address does not, because it can be given to another
// person.
type Identity struct {
	ID        ID
	UserID    ID
	Issuer    string
	Subject   string
	Email     string // as the provider last said; only to be shown
	CreatedAt time.Time
	UsedAt    *time.Time
}

// Claims are a provider's verified claims about a person.
type Claims struct {
	Issuer        string
	Subject       string
	Email         string // "" = it did not say
	EmailVerified bool
	Name          string
	Zone          string // IANA name, "" = it did not say
}

// SignInOptions say which ways to sign in work here and now: a passkey of
// another host name does not, nor does an account at a provider that is not
// configured.
type SignInOptions struct {
	RPID   string // passkeys of this name count
	Issuer string // identities of this provider count; "" = none is asked
}
