package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"time"

	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// tokenRequest asks for a token in the name of a person.
type tokenRequest struct {
	User  string        `json:"user"` // email
	Name  string        `json:"name"`
	Scope tidings.Scope `json:"scope"`
}

// tokenRows is what making a token needs of the store.
type tokenRows interface {
	UserByEmail(ctx context.Context, email string) (tidings.User, string, error)
	CreateToken(ctx context.Context, t tidings.Token) error
}

// newToken stores a token and returns its secret, which is shown once.
func newToken(ctx context.Context, rows tokenRows, r tokenRequest, now time.Time) (string, error) {
	if r.Scope != tidings.ScopeWorker && !r.Scope.Includes(tidings.ScopeRead) {
		return "", tidings.Invalid("scope", "The scope is one of read, write, admin, worker.")
	}

	user, _, err := rows.UserByEmail(ctx, r.User)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return "", tidings.Invalid("user", "Nobody has the address %q.", r.User)
	}
	if err != nil {
		return "", err
	}

	var b [32]byte
	rand.Read(b[:])
	secret := "tdg_" + base64.RawURLEncoding.EncodeToString(b[:])
	hash := sha256.Sum256([]byte(secret))
	return secret, rows.CreateToken(ctx, tidings.Token{
		ID: tidings.NewID(now), UserID: user.ID, Name: r.Name, Scope: r.Scope, Hash: hash[:], CreatedAt: now,
	})
}

func tokenCommand(ctx context.Context, c *cli, args []string) error {
	if len(args) == 0 || args[0] != "create" {
		return errors.New("usage: tidings token create --user EMAIL [--scope write] [--name NAME] [--data DIR]")
	}

	flags := flag.NewFlagSet("tidings token create", flag.ContinueOnError)
	flags.SetOutput(c.err)
	user := flags.String("user", "", "email of the person the token acts for")
	scope := flags.String("scope", "write", "read, write, admin, or worker for a machine that transcribes")
	name := flags.String("name", "command line", "what the token is for")
	data := flags.String("data", "", "the server's data folder (TIDINGS_DATA)")

	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if *user == "" {
		return errors.New("--user EMAIL is needed")
	}

	var rest []string
	if *data != "" {
		rest = []string{"--data", *data}
	}

	cfg, _, err := loadConfig("token", rest, c.getenv, c.err)
	if err != nil {
		return err
	}
	if err := cfg.absolute(); err != nil {
		return err
	}

	secret, err := makeToken(ctx, cfg, tokenRequest{User: *user, Name: *name, Scope: tidings.Scope(*scope)})
	if err != nil {
		return err
	}

	fmt.Fprintln(c.out, secret)
	return nil
}

// makeToken asks the running server over its control socket, or opens the
// database itself when no server runs.
func makeToken(ctx context.Context, cfg config, r tokenRequest) (string, error) {
	if serverRuns(cfg.Data) {
		var out struct {
			Secret string `json:"secret"`
		}
		err := askControl(ctx, cfg.Data, "/token", r, &out)
		return out.Secret, err
	}

	db, err := store.Open(ctx, store.Config{Dir: cfg.Data, Clock: time.Now})
	if err != nil {
		return "", err
	}
	defer db.Close()

	return newToken(ctx, db, r, time.Now())
}
