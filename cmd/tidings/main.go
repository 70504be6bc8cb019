// Command tidings is the whole product in one binary: the server with its
// embedded database, storage, search and speech, and the command line that
// looks after it. `tidings help` lists the subcommands.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // people's time zones, also where the system has none

	"tidings.example/tidings/admin"
	"tidings.example/tidings/media"
	"tidings.example/tidings/transcribe"
)

// version is set by the build.
var version = "dev"

// command is one subcommand.
type command struct {
	name, args, help string
	run              func(ctx context.Context, c *cli, args []string) error
}

// cli is what a subcommand may touch of the world.
type cli struct {
	out, err io.Writer
	getenv   func(string) string
}

func commands() []command {
	return []command{
		{"serve", "[flags]", "serve the product", serveCommand},
		{"worker", "--server URL --token TOKEN [--engine NAME] [flags]", "transcribe for a server on another machine", workerCommand},
		{"models", "list | pull NAME… | verify [NAME…] | rm NAME…", "fetch and check what speech engines need", modelsCommand},
		{"user", "list | create | set-role | remove | set-password", "look after people; `tidings user` says how", userCommand},
		{"workspace", "list | create --name N --owner EMAIL", "look after workspaces", workspaceCommand},
		{"token", "create --user EMAIL [--scope write] [--name NAME]", "print a new API token", tokenCommand},
		{"search", "WORDS", "find the second at which something was said", searchCommand},
		{"push", "FILE… [--title T] | --watch DIR [--channel C]", "upload files, or what appears in a folder, as clips", pushCommand},
		{"audit", "[flags]", "compare database, objects and index; exit 1 on drift", auditCommand},
		{"reindex", "[flags]", "fill the search index again from the rows", reindexCommand},
		{"export", "[flags] DIR", "copy everything into a folder: a backup, or to move", exportCommand},
		{"import", "[flags] DIR", "make a new installation of an export", importCommand},
		{"migrate", "[flags]", "bring the database up to date", migrateCommand},
		{"doctor", "[--json] [flags]", "check everything the server needs", doctorCommand},
		{"config", "[flags]", "print the effective settings, secrets masked", configCommand},
		{"version", "", "print the version", versionCommand},
	}
}

func main() {
	// Private subcommands are this binary as its own guarded child.
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "__guard":
			os.Exit(media.SandboxMain(os.Args[2:]))
		case "__speech":
			os.Exit(transcribe.SpeechMain(os.Args[2:]))
		case "__command":
			os.Exit(transcribe.CommandMain(os.Args[2:]))
		}
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	os.Exit(run(ctx, &cli{out: os.Stdout, err: os.Stderr, getenv: os.Getenv}, os.Args[1:]))
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, c *cli, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		usage(c.out)
		return 0
	}

	for _, cmd := range commands() {
		if cmd.name != args[0] {
			continue
		}

		switch err := cmd.run(ctx, c, args[1:]); {
		case err == nil || errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errDrift), errors.Is(err, errIncomplete): // they have been told
			return 1
		default:
			fmt.Fprintf(c.err, "tidings %s: %s\n", cmd.name, admin.DescribeError(err))
			return 1
		}
	}

	fmt.Fprintf(c.err, "tidings: there is no command %q\n\n", args[0])
	usage(c.err)

	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "Tidings: video and voice updates for people who work at different hours.\n\nusage: tidings COMMAND\n ")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-9s %-52s %s\n", cmd.name, cmd.args, cmd.help)
	}
	fmt.Fprintln(w, "\nSettings are flags, TIDINGS_* variables or lines of tidings.toml: `tidings serve --help`.")
}

func versionCommand(_ context.Context, c *cli, _ []string) error {
	fmt.Fprintln(c.out, "tidings", version)
	return nil
}

func configCommand(_ context.Context, c *cli, args []string) error {
	cfg, _, err := loadConfig("config", args, c.getenv, c.err)
	if err != nil {
		return err
	}
	cfg.print(c.out)
	return nil
}
