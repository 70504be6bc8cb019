package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

const (
	userUsage      = "usage: tidings user list | create --email E --name N [--workspace W] [--role R] | set-role --email E --role R [--workspace W] | remove --email E [--workspace W] | set-password --email E"
	workspaceUsage = "usage: tidings workspace list | create --name N --owner EMAIL"
)

func userCommand(ctx context.Context, c *cli, args []string) error {
	return peopleCommand(ctx, c, "user", userUsage, args, []string{"list", "create", "set-role", "remove", "set-password"})
}

func workspaceCommand(ctx context.Context, c *cli, args []string) error {
	return peopleCommand(ctx, c, "workspace", workspaceUsage, args, []string{"list", "create"})
}

func peopleCommand(ctx context.Context, c *cli, noun, usage string, args, verbs []string) error {
	known := false
	for _, v := range verbs {
		known = known || len(args) > 0 && args[0] == v
	}

	if !known {
		return errors.New(usage)
	}

	flags := flag.NewFlagSet("tidings "+noun+" "+args[0], flag.ContinueOnError)
	flags.SetOutput(c.err)
	o := admin.PeopleRequest{Action: noun + " " + args[0]}
	flags.StringVar(&o.User, "email", "", "address of the person")
	flags.StringVar(&o.User, "owner", "", "address of the owner (workspace create)")
	flags.StringVar(&o.Name, "name", "", "name of the person or workspace")
	flags.StringVar(&o.Workspace, "workspace", "", "id or name of the workspace; may be left out when there is one")
	role := flags.String("role", "member", "owner, admin, member or guest")
	data := flags.String("data", "", "the server's data folder (TIDINGS_DATA)")

	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New(usage)
	}

	o.Role, o.Password = tidings.Role(*role), c.getenv("TIDINGS_PASSWORD")
	var rest []string
	if *data != "" {
		rest = []string{"--data", *data}
	}

	cfg, _, err := loadConfig(noun, rest, c.getenv, c.err)
	if err != nil {
		return err
	}
	if err := cfg.absolute(); err != nil {
		return err
	}

	out, err := managePeople(ctx, cfg, o)
	for _, line := range out.Lines {
		fmt.Fprintln(c.out, line)
	}

	return err
}

// managePeople asks the running server, or opens the database when none runs.
func managePeople(ctx context.Context, cfg config, r admin.PeopleRequest) (admin.PeopleResponse, error) {
	if admin.ServerRuns(cfg.Data) {
		return admin.CallRPC[admin.PeopleResponse](ctx, cfg.Data, "/people", r)
	}

	db, err := store.Open(ctx, store.Config{Dir: cfg.Data, Clock: time.Now})
	if err != nil {
		return admin.PeopleResponse{}, err
	}
	defer db.Close()

	return people(db).Do(ctx, r)
}

// passwordPolicy is the rule for passwords, which the HTTP API shares.
var passwordPolicy = admin.PasswordPolicy{MinLength: auth.MinPassword, Hash: auth.HashPassword}

func people(db *store.Store) *admin.People {
	return &admin.People{Rows: db, Passwords: passwordPolicy}
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

	secret, err := createToken(ctx, cfg, admin.TokenRequest{User: *user, Name: *name, Scope: tidings.Scope(*scope)})
	if err != nil {
		return err
	}

	fmt.Fprintln(c.out, secret)
	return nil
}

// createToken asks the running server, or opens the database when none runs.
func createToken(ctx context.Context, cfg config, r admin.TokenRequest) (string, error) {
	if admin.ServerRuns(cfg.Data) {
		out, err := admin.CallRPC[admin.TokenResponse](ctx, cfg.Data, "/token", r)
		return out.Secret, err
	}

	db, err := store.Open(ctx, store.Config{Dir: cfg.Data, Clock: time.Now})
	if err != nil {
		return "", err
	}
	defer db.Close()

	out, err := admin.CreateToken(ctx, db, r, time.Now())
	return out.Secret, err
}
