package tidings

import "time"

// Identity is a person's account at an OpenID provider. Issuer and Subject
// together are its name; an address is none, because it can be given to
// somebody else.
type Identity struct {
	ID        ID
	UserID    ID
	Issuer    string
	Subject   string
	Email     string // as the provider last said; only to be shown
	CreatedAt time.Time
	UsedAt    *time.Time
}

// Claims are what a provider says of somebody, once its word has been checked.
type Claims struct {
	Issuer        string
	Subject       string
	Email         string // "" = it did not say
	EmailVerified bool
	Name          string
	Zone          string // IANA name, "" = it did not say
}

// SignInOptions are the ways in which a person can sign in here and now. A way that
// does not work any more (a passkey of another host name, an account at a
// provider that is not asked any more) is none.
type SignInOptions struct {
	RPID   string // passkeys of this name count
	Issuer string // identities of this provider count; "" = none is asked
}
