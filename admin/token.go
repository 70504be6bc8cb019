package admin

import (
	"context"
	"time"

	"tidings.example/tidings/tidings"
)

// TokenRequest asks for an API token that acts for a person.
type TokenRequest struct {
	User  string        `json:"user"` // email address
	Name  string        `json:"name"`
	Scope tidings.Scope `json:"scope"`
}

// TokenResponse holds the secret of a new token, which is shown once.
type TokenResponse struct {
	Secret string `json:"secret"`
}

// TokenRows is what CreateToken needs of the store.
type TokenRows interface {
	UserByEmail(ctx context.Context, email string) (tidings.User, string, error)
	CreateToken(ctx context.Context, t tidings.Token) error
}

// CreateToken makes a token and stores its hash.
func CreateToken(ctx context.Context, rows TokenRows, r TokenRequest, now time.Time) (TokenResponse, error) {
	if r.Scope != tidings.ScopeWorker && !r.Scope.Includes(tidings.ScopeRead) {
		return TokenResponse{}, tidings.Invalid("scope", "The scope is one of read, write, admin, worker.")
	}

	user, _, err := rows.UserByEmail(ctx, r.User)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return TokenResponse{}, tidings.Invalid("user", "Nobody has the address %q.", r.User)
	}
	if err != nil {
		return TokenResponse{}, err
	}

	secret := tidings.NewTokenSecret()
	return TokenResponse{Secret: secret}, rows.CreateToken(ctx, tidings.Token{
		ID: tidings.NewID(now), UserID: user.ID, Name: r.Name, Scope: r.Scope, Hash: tidings.HashSecret(secret), CreatedAt: now,
	})
}
