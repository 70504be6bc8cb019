package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tidings.example/tidings/client"
	"tidings.example/tidings/server"
	"tidings.example/tidings/transcribe"
)

// workerFlags are those of `tidings worker` beside the settings of engines.
type workerFlags struct {
	server, token, engine string
	slots                 int
	plainHTTP             bool
}

func newWorkerCommand(c *cli) *cobra.Command {
	var w workerFlags
	cmd := &cobra.Command{
		Use: "worker --server URL --token TOKEN [flags]", GroupID: groupServer, Args: noArgs,
		Short: "transcribe for a server on another machine",
		Long: "Transcribe the clips of a server on another machine with an engine of this one. The token is made there:\n" +
			"  tidings token create --user EMAIL --scope worker\n" +
			"TIDINGS_URL and TIDINGS_TOKEN are used where --server and --token are left out.",
		Example: "  tidings worker --server https://tidings.example.org --token tdg_… --engine whisper",
	}

	flags := cmd.Flags()
	flags.StringVar(&w.server, "server", "", "URL of the server (TIDINGS_URL)")
	flags.StringVar(&w.token, "token", "", "API token with the scope worker (TIDINGS_TOKEN)")
	flags.StringVar(&w.engine, "engine", "", "speech engine to use (default: the first that is ready)")
	flags.IntVar(&w.slots, "slots", 1, "clips at once")
	flags.BoolVar(&w.plainHTTP, "plain-http", false, "allow http:// to another machine, as in a VPN")
	settings := addSettings(flags)

	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !flags.Changed("server") {
			w.server = c.getenv("TIDINGS_URL")
		}

		if !flags.Changed("token") {
			w.token = c.getenv("TIDINGS_TOKEN")
		}

		switch {
		case w.server == "" || w.token == "":
			return usageErrorf("--server and --token are needed; usage: tidings %s", cmd.Use)
		case w.slots < 1 || w.slots > 64:
			return usageErrorf("--slots: between 1 and 64")
		}

		if !flags.Changed("roles") {
			settings.given["roles"] = "transcribe"
		}

		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		return runWorker(cmd.Context(), c, cfg, w)
	}

	return cmd
}

func runWorker(ctx context.Context, c *cli, cfg server.Config, f workerFlags) error {
	if !slices.Equal(strings.Fields(strings.ReplaceAll(cfg.Roles, ",", " ")), []string{"transcribe"}) {
		return errors.New("a worker on another machine has one role: --roles transcribe")
	}

	log, err := newLog(c.err, cfg.LogLevel)
	if err != nil {
		return err
	}

	e, err := transcribe.OpenWorkerEngine(cfg.Settings, f.engine)
	if err != nil {
		return err
	}

	base, err := client.CheckURL(f.server, f.plainHTTP)
	if err != nil {
		return err
	}

	w := &transcribe.Worker{Server: client.NewWorkServer(base, f.token), Engine: e, Slots: f.slots, Log: log}
	fmt.Fprintf(c.out, "Tidings transcribes for %s with %s, model %s\n", base, e.Name(), e.Model())

	return w.Run(ctx)
}
