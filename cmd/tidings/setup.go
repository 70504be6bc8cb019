package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"tidings.example/tidings/api"
	"tidings.example/tidings/tidings"
)

// firstOwner creates the account that the settings name, if nobody has one.
func (a *app) firstOwner(ctx context.Context) error {
	if a.cfg.SetupEmail == "" {
		return nil
	}

	needed, err := a.store.NeedsSetup(ctx)
	if err != nil || !needed {
		return err
	}
	if len(a.cfg.SetupPassword) < api.MinPassword {
		return tidings.Errorf(tidings.KindInvalid, "setup-password needs at least %d characters.", api.MinPassword)
	}

	name, _, ok := strings.Cut(a.cfg.SetupEmail, "@")
	if !ok || name == "" {
		return tidings.Errorf(tidings.KindInvalid, "setup-email: %q is not an email address.", a.cfg.SetupEmail)
	}

	_, _, err = a.store.Setup(ctx, tidings.Setup{
		WorkspaceName: "Tidings", Name: name, Email: a.cfg.SetupEmail, PasswordHash: api.HashPassword(a.cfg.SetupPassword), TimeZone: "UTC",
	})
	if tidings.KindOf(err) == tidings.KindGone {
		return nil
	}

	return err
}

// setupToken is what the first visitor from another machine must know. It is
// printed once, while there is nobody yet.
func (a *app) setupToken(ctx context.Context, c *cli) (string, error) {
	needed, err := a.store.NeedsSetup(ctx)
	if err != nil || !needed {
		return "", err
	}
	if a.cfg.SetupToken != "" {
		return a.cfg.SetupToken, nil
	}
	token := rand.Text()
	fmt.Fprintf(c.err, "First visit: open the address below on this machine, or from another one with the setup token %s\n", token)
	return token, nil
}
