package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// peopleOrder is what `tidings user` and `tidings workspace` ask for.
type peopleOrder struct {
	What      string       `json:"what"`
	User      string       `json:"user"`
	Name      string       `json:"name"`
	Workspace string       `json:"workspace"`
	Role      tidings.Role `json:"role"`
	Password  string       `json:"password"`
}

// peopleAnswer is lines to print.
type peopleAnswer struct {
	Lines []string `json:"lines"`
}

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
	o := peopleOrder{What: noun + " " + args[0]}
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

	out, err := askPeople(ctx, cfg, o)
	for _, line := range out.Lines {
		fmt.Fprintln(c.out, line)
	}

	return err
}

// askPeople asks the running server, or opens the database when none runs.
func askPeople(ctx context.Context, cfg config, o peopleOrder) (out peopleAnswer, err error) {
	if serverRuns(cfg.Data) {
		return out, askControl(ctx, cfg.Data, "/people", o, &out)
	}
	db, err := store.Open(ctx, store.Config{Dir: cfg.Data, Clock: time.Now})
	if err != nil {
		return out, err
	}
	defer db.Close()
	return people(ctx, db, o)
}

// people carries an order out. Whoever gives it owns the data folder.
func people(ctx context.Context, db *store.Store, o peopleOrder) (peopleAnswer, error) {
	switch o.What {
	case "user list":
		return listUsers(ctx, db)
	case "workspace list":
		return listWorkspaces(ctx, db)
	case "user create":
		return createUser(ctx, db, o)
	}

	u, hash, err := db.UserByEmail(ctx, o.User)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return peopleAnswer{}, tidings.Invalid("email", "Nobody has the address %q.", o.User)
	}
	if err != nil {
		return peopleAnswer{}, err
	}

	switch o.What {
	case "user set-password":
		return setPassword(ctx, db, u, hash, o.Password)
	case "workspace create":
		if strings.TrimSpace(o.Name) == "" {
			return peopleAnswer{}, tidings.Invalid("name", "--name is needed.")
		}
		ws, err := db.CreateWorkspace(ctx, strings.TrimSpace(o.Name), u.ID)
		return said("%s %s", ws.ID, ws.Name), err
	}

	ws, err := findWorkspace(ctx, db, o.Workspace)
	if err != nil {
		return peopleAnswer{}, err
	}

	switch {
	case o.What == "user remove":
		return said("%s is no longer in %s", u.Email, ws.Name), db.RemoveMember(ctx, ws.ID, u.ID, "")
	case !o.Role.Valid():
		return peopleAnswer{}, tidings.Invalid("role", "The role is one of owner, admin, member, guest.")
	}

	return said("%s is %s of %s", u.Email, o.Role, ws.Name), db.SetRole(ctx, ws.ID, u.ID, "", o.Role)
}

func said(format string, args ...any) peopleAnswer {
	return peopleAnswer{Lines: []string{fmt.Sprintf(format, args...)}}
}

func listUsers(ctx context.Context, db *store.Store) (out peopleAnswer, err error) {
	for after := tidings.ID(""); ; {
		users, err := db.Users(ctx, after, 500)
		if err != nil || len(users) == 0 {
			return out, err
		}

		for _, u := range users {
			ms, err := db.Memberships(ctx, u.ID)
			if err != nil {
				return out, err
			}

			var places []string
			for _, m := range ms {
				places = append(places, fmt.Sprintf("%s of %s", m.Role, m.Workspace.Name))
			}

			out.Lines = append(out.Lines, fmt.Sprintf("%s  %s  %s  %s", u.ID, u.Email, u.Name, strings.Join(places, ", ")))
		}

		after = users[len(users)-1].ID
	}
}

func listWorkspaces(ctx context.Context, db *store.Store) (out peopleAnswer, err error) {
	all, err := db.Workspaces(ctx)
	for _, ws := range all {
		out.Lines = append(out.Lines, fmt.Sprintf("%s  %s  %d people", ws.ID, ws.Name, ws.People))
	}
	return out, err
}

// findWorkspace is the workspace of an id or a name, or the only one.
func findWorkspace(ctx context.Context, db *store.Store, name string) (tidings.Workspace, error) {
	all, err := db.Workspaces(ctx)
	var found []tidings.Workspace
	for _, ws := range all {
		if name == "" || string(ws.ID) == name || strings.EqualFold(ws.Name, name) {
			found = append(found, ws.Workspace)
		}
	}

	if err != nil || len(found) == 1 {
		return append(found, tidings.Workspace{})[0], err
	}

	return tidings.Workspace{}, tidings.Invalid("workspace", "%d workspaces fit; name one by --workspace ID.", len(found))
}

// newPassword is the one given in TIDINGS_PASSWORD, or one made up now and
// printed once.
func newPassword(given string) (password string, line string, err error) {
	if given == "" {
		given = rand.Text()
		line = "password " + given
	}
	if len(given) < api.MinPassword {
		return "", "", tidings.Errorf(tidings.KindInvalid, "A password needs at least %d characters.", api.MinPassword)
	}
	return given, line, nil
}

func createUser(ctx context.Context, db *store.Store, o peopleOrder) (out peopleAnswer, err error) {
	if !tidings.ValidEmail(o.User) || strings.TrimSpace(o.Name) == "" || !o.Role.Valid() {
		return out, tidings.Errorf(tidings.KindInvalid, "--email, --name and a role are needed.")
	}

	ws, err := findWorkspace(ctx, db, o.Workspace)
	if err != nil {
		return out, err
	}

	password, line, err := newPassword(o.Password)
	if err != nil {
		return out, err
	}

	u, err := db.CreateUser(ctx, tidings.NewAccount{Name: strings.TrimSpace(o.Name), Email: o.User, PasswordHash: api.HashPassword(password), TimeZone: "UTC"}, ws.ID, o.Role)
	if err != nil {
		return out, err
	}

	out = said("%s is %s of %s", u.Email, o.Role, ws.Name)
	if line != "" {
		out.Lines = append(out.Lines, line)
	}

	return out, nil
}

// setPassword also ends all sessions of the person.
func setPassword(ctx context.Context, db *store.Store, u tidings.User, was, given string) (out peopleAnswer, err error) {
	password, line, err := newPassword(given)
	if err != nil {
		return out, err
	}
	if err := db.ChangePassword(ctx, u.ID, was, api.HashPassword(password), ""); err != nil {
		return out, err
	}

	out = said("%s has a new password and is signed out everywhere", u.Email)
	if line != "" {
		out.Lines = append(out.Lines, line)
	}

	return out, nil
}
