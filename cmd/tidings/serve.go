package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"tidings.example/tidings/server"
	"tidings.example/tidings/tidings"
)

func newServeCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve [flags]", GroupID: groupServer, Args: noArgs,
		Short:   "serve the product",
		Example: "  tidings serve\n  tidings serve --listen :8080 --data /srv/tidings --public-url https://tidings.example.org",
	}
	settings := addSettings(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		log, err := newLog(c.err, cfg.LogLevel)
		if err != nil {
			return err
		}

		return server.Run(cmd.Context(), cfg, log, server.Output{Out: c.out, Err: c.err})
	}

	return cmd
}

func newLog(w io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		return nil, tidings.Errorf(tidings.KindInvalid, "log-level: %q is not one of debug, info, warn, error.", level)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}

func newConfigCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "config [flags]", GroupID: groupServer, Args: noArgs,
		Short:   "print the effective settings, secrets masked",
		Example: "  tidings config\n  tidings config --config /etc/tidings.toml",
	}
	settings := addSettings(cmd.Flags())
	cmd.RunE = func(*cobra.Command, []string) error {
		cfg, err := server.Load(settings.given, c.getenv, settings.file)
		if err != nil {
			return err
		}
		cfg.Print(c.out)
		return nil
	}

	return cmd
}

func newMigrateCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "migrate [flags]", GroupID: groupData, Args: noArgs,
		Short:   "bring the database up to date",
		Long:    "Bring the database up to date and exit. `tidings serve` does the same when it starts.",
		Example: "  tidings migrate --data /srv/tidings",
	}
	settings := addSettings(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		db, err := cfg.OpenStore(cmd.Context())
		if err != nil {
			return err
		}

		fmt.Fprintln(c.out, "The database is up to date.")
		return db.Close()
	}

	return cmd
}

func newVersionCommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "version", Args: noArgs, Short: "print the version", Example: "  tidings version",
		Run: func(*cobra.Command, []string) { fmt.Fprintln(c.out, "tidings", version) },
	}
}

func newCompletionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "completion bash|zsh|fish", ValidArgs: []string{"bash", "zsh", "fish"},
		Short: "print a script that completes commands and flags",
		Example: "  source <(tidings completion bash)\n" +
			"  tidings completion zsh > \"${fpath[1]}/_tidings\"\n" +
			"  tidings completion fish > ~/.config/fish/completions/tidings.fish",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch strings.Join(args, " ") {
			case "bash":
				return cmd.Root().GenBashCompletionV2(cmd.OutOrStdout(), true)
			case "zsh":
				return cmd.Root().GenZshCompletion(cmd.OutOrStdout())
			case "fish":
				return cmd.Root().GenFishCompletion(cmd.OutOrStdout(), true)
			}
			return usageErrorf("there is no completion for %q; usage: tidings %s", strings.Join(args, " "), cmd.Use)
		},
	}
}
