// Command tidings is the whole product in one binary: the server with its
// embedded database, storage, search and speech, and the command line that
// looks after it. `tidings help` lists the commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // people's time zones, also where the system has none

	"tidings.example/tidings/admin"
	"tidings.example/tidings/media"
	"tidings.example/tidings/transcribe"
)

func main() {
	// Private commands: the program runs itself as its own confined child.
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "__guard":
			os.Exit(media.SandboxMain(os.Args[2:]))
		case "__speech":
			os.Exit(transcribe.SpeechMain(os.Args[2:]))
		case "__whisper":
			os.Exit(transcribe.WhisperMain(os.Args[2:]))
		case "__command":
			os.Exit(transcribe.CommandMain(os.Args[2:]))
		}
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	os.Exit(runCommandLine(ctx, &cli{out: os.Stdout, err: os.Stderr, getenv: os.Getenv}, os.Args[1:]))
}

// runCommandLine runs a command line and returns the exit code: 0, 1 when the command
// failed, 2 when the command line is wrong.
func runCommandLine(ctx context.Context, c *cli, args []string) int {
	root := newRoot(c)
	root.SetArgs(append([]string{}, doubleDashes(root, args)...)) // nil would be os.Args
	cmd, err := root.ExecuteContextC(ctx)

	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDrift), errors.Is(err, errIncomplete):
		return 1
	case errors.As(err, &usage):
		fmt.Fprintf(c.err, "%s: %s\nRun `%s --help` for usage.\n", cmd.CommandPath(), strings.TrimRight(usage.text, "\n"), cmd.CommandPath())
		return 2
	default:
		fmt.Fprintf(c.err, "%s: %s\n", cmd.CommandPath(), admin.DescribeError(err))
		return 1
	}
}
