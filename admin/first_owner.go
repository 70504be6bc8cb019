package admin

import (
	"context"
	"strings"

	"tidings.example/tidings/tidings"
)

// SetupRows is what CreateFirstOwner needs of the store.
type SetupRows interface {
	NeedsSetup(ctx context.Context) (bool, error)
	Setup(ctx context.Context, in tidings.Setup) (tidings.User, tidings.Workspace, error)
}

// CreateFirstOwner makes the account that the settings name, unless there is an
// account already. With email "" it does nothing.
func CreateFirstOwner(ctx context.Context, rows SetupRows, passwords PasswordPolicy, email, password string) error {
	if email == "" {
		return nil
	}

	needed, err := rows.NeedsSetup(ctx)
	if err != nil || !needed {
		return err
	}
	if len(password) < passwords.MinLength {
		return tidings.Errorf(tidings.KindInvalid, "setup-password needs at least %d characters.", passwords.MinLength)
	}

	name, _, ok := strings.Cut(email, "@")
	if !ok || name == "" {
		return tidings.Errorf(tidings.KindInvalid, "setup-email: %q is not an email address.", email)
	}

	_, _, err = rows.Setup(ctx, tidings.Setup{
		WorkspaceName: "Tidings", Name: name, Email: email, PasswordHash: passwords.Hash(password), TimeZone: "UTC",
	})
	if tidings.KindOf(err) == tidings.KindGone { // another process made one meanwhile
		return nil
	}

	return err
}
