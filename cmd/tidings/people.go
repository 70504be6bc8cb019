package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/server"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

func newUserCommand(c *cli) *cobra.Command {
	return groupCommand(&cobra.Command{
		Use: "user", GroupID: groupPeople, Short: "look after people",
		Long: "Look after people. TIDINGS_PASSWORD is the password of create and set-password; without it one is made and printed.",
		Example: "  tidings user list\n  tidings user create --email bo@example.org --name Bo --role member\n" +
			"  tidings user set-password --email bo@example.org",
	},
		newPeopleCommand(c, "user list", "list all people with their roles", "", "data"),
		newPeopleCommand(c, "user create", "make an account and a member of a workspace", "--email bo@example.org --name Bo", "email", "name", "workspace", "role", "data"),
		newPeopleCommand(c, "user set-role", "change a person's role in a workspace", "--email bo@example.org --role admin", "email", "role", "workspace", "data"),
		newPeopleCommand(c, "user remove", "remove a person from a workspace", "--email bo@example.org", "email", "workspace", "data"),
		newPeopleCommand(c, "user set-password", "give a person a new password; end their sessions and API tokens", "--email bo@example.org", "email", "data"),
		newPeopleCommand(c, "user reset-link", "print a link by which a person sets a new password, once, within 24 hours", "--email bo@example.org", "email", "data", "public-url"),
	)
}

func newWorkspaceCommand(c *cli) *cobra.Command {
	return groupCommand(&cobra.Command{
		Use: "workspace", GroupID: groupPeople, Short: "look after workspaces",
		Example: "  tidings workspace list\n  tidings workspace create --name Ocean --owner ana@example.org",
	},
		newPeopleCommand(c, "workspace list", "list all workspaces", "", "data"),
		newPeopleCommand(c, "workspace create", "make a workspace", "--name Ocean --owner ana@example.org", "name", "owner", "data"),
	)
}

// newPeopleCommand makes the subcommand of an action such as "user create". All
// actions accept the same flags; the help shows those that the action uses.
func newPeopleCommand(c *cli, action, short, example string, uses ...string) *cobra.Command {
	r := admin.PeopleRequest{Action: action}
	_, name, _ := strings.Cut(action, " ")
	cmd := &cobra.Command{Use: name + " [flags]", Args: noArgs, Short: short, Example: "  tidings " + action + " " + example}

	flags := cmd.Flags()
	flags.StringVar(&r.User, "email", "", "address of the person")
	flags.StringVar(&r.User, "owner", "", "address of the owner")
	flags.StringVar(&r.Name, "name", "", "name of the person or workspace")
	flags.StringVar(&r.Workspace, "workspace", "", "id or name of the workspace; may be left out when there is one")
	role := flags.String("role", string(tidings.RoleMember), "owner, admin, member or guest")
	settings := addSettings(flags, "data", "public-url", "listen")
	hideOtherFlags(cmd, uses)
	completeWords(cmd, "role", "owner", "admin", "member", "guest")

	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		r.Role, r.Password = tidings.Role(*role), c.getenv("TIDINGS_PASSWORD")
		out, err := managePeople(cmd.Context(), cfg, r)
		for _, line := range out.Lines {
			fmt.Fprintln(c.out, line)
		}

		return err
	}

	return cmd
}

// managePeople asks the running server, or opens the database when none runs.
func managePeople(ctx context.Context, cfg server.Config, r admin.PeopleRequest) (admin.PeopleResponse, error) {
	return callOrOpen(ctx, cfg, "/people", r, func(db *store.Store) (admin.PeopleResponse, error) {
		people := cfg.People(db, "http://"+cfg.Listen)
		return people.Do(ctx, r)
	})
}

// callOrOpen calls a method of the running server, or opens the database and
// does the same when none runs.
func callOrOpen[Out any](ctx context.Context, cfg server.Config, path string, in any, do func(*store.Store) (Out, error)) (out Out, err error) {
	if admin.ServerRuns(cfg.Data) {
		return admin.CallRPC[Out](ctx, cfg.Data, path, in)
	}

	db, err := cfg.OpenStore(ctx)
	if err != nil {
		return out, err
	}
	defer db.Close()

	return do(db)
}

func newTokenCommand(c *cli) *cobra.Command {
	create := &cobra.Command{
		Use: "create --user EMAIL [flags]", Args: noArgs,
		Short:   "print a new API token",
		Example: "  tidings token create --user ana@example.org\n  tidings token create --user ana@example.org --scope worker --name gpu",
	}

	var r admin.TokenRequest
	flags := create.Flags()
	flags.StringVar(&r.User, "user", "", "email of the person the token acts for")
	scope := flags.String("scope", string(tidings.ScopeWrite), "read, write, admin, or worker for a machine that transcribes")
	flags.StringVar(&r.Name, "name", "command line", "what the token is for")
	settings := addSettings(flags, "data")
	completeWords(create, "scope", "read", "write", "admin", "worker")

	create.RunE = func(cmd *cobra.Command, _ []string) error {
		if r.User == "" {
			return usageErrorf("--user EMAIL is needed")
		}

		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		r.Scope = tidings.Scope(*scope)
		out, err := callOrOpen(cmd.Context(), cfg, "/token", r, func(db *store.Store) (admin.TokenResponse, error) {
			return admin.CreateToken(cmd.Context(), db, r, time.Now())
		})
		if err != nil {
			return err
		}

		fmt.Fprintln(c.out, out.Secret)
		return nil
	}

	return groupCommand(&cobra.Command{
		Use: "token", GroupID: groupPeople, Short: "make tokens for the API", Example: "  tidings token create --user ana@example.org",
	}, create)
}

// hideOtherFlags hides the flags of a command that it does not use.
func hideOtherFlags(cmd *cobra.Command, uses []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { f.Hidden = !slices.Contains(uses, f.Name) })
}
