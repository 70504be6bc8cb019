package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"tidings.example/tidings/client"
	"tidings.example/tidings/transcribe"
)

// workerFlags are those of `tidings worker` beside the settings of engines.
type workerFlags struct {
	server, token, engine string
	slots                 int
	plain                 bool
}

const workerUsage = `usage: tidings worker --roles transcribe --server URL --token TOKEN [--engine NAME] [--slots N] [settings of the engine]

Transcribes the clips of a server on another machine with an engine of this one. The token is made there:
  tidings token create --user EMAIL --scope worker
TIDINGS_URL and TIDINGS_TOKEN are used where --server and --token are left out.`

func workerCommand(ctx context.Context, c *cli, args []string) error {
	f, rest, err := parseWorker(c, args)
	if err != nil {
		return err
	}

	cfg, left, err := loadConfig("worker", rest, c.getenv, c.err)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("%q is not a flag\n%s", left[0], workerUsage)
	}
	if !slices.Equal(strings.Fields(strings.ReplaceAll(cfg.Roles, ",", " ")), []string{"transcribe"}) {
		return errors.New("a worker on another machine has one role: --roles transcribe")
	}
	if err := cfg.absolute(); err != nil {
		return err
	}

	log, err := newLog(c.err, cfg.LogLevel)
	if err != nil {
		return err
	}

	e, err := transcribe.OpenWorkerEngine(cfg.Settings, f.engine)
	if err != nil {
		return err
	}

	base, err := client.CheckURL(f.server, f.plain)
	if err != nil {
		return err
	}

	w := &transcribe.Worker{Server: client.NewWorkServer(base, f.token), Engine: e, Slots: f.slots, Log: log}
	fmt.Fprintf(c.out, "Tidings transcribes for %s with %s, model %s\n", base, e.Name(), e.Model())

	return w.Run(ctx)
}

// parseWorker takes the worker's own flags out of the arguments.
func parseWorker(c *cli, args []string) (f workerFlags, rest []string, err error) {
	own := flag.NewFlagSet("tidings worker", flag.ContinueOnError)
	own.SetOutput(io.Discard)
	own.StringVar(&f.server, "server", c.getenv("TIDINGS_URL"), "")
	own.StringVar(&f.token, "token", c.getenv("TIDINGS_TOKEN"), "")
	own.StringVar(&f.engine, "engine", "", "")
	own.IntVar(&f.slots, "slots", 1, "")
	own.BoolVar(&f.plain, "plain-http", false, "")
	roles := false
	for i := 0; i < len(args); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		known := own.Lookup(name)
		roles = roles || name == "roles"

		switch {
		case !strings.HasPrefix(args[i], "-") || known == nil:
			rest = append(rest, args[i])
		case joined || name == "plain-http" || i+1 == len(args):
			err = errors.Join(err, own.Parse(args[i:i+1]))
		default:
			err = errors.Join(err, own.Parse(args[i:i+2]))
			i++
		}
	}

	if !roles {
		rest = append([]string{"--roles", "transcribe"}, rest...)
	}

	switch {
	case err != nil:
	case f.server == "" || f.token == "":
		err = errors.New(workerUsage)
	case f.slots < 1 || f.slots > 64:
		err = errors.New("--slots: between 1 and 64")
	}

	return f, rest, err
}
