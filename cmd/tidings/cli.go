package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// version is set by the build.
var version = "dev"

// cli is what a command uses of its process.
type cli struct {
	out, err io.Writer
	getenv   func(string) string
}

// Errors that make a command exit with 1 without a message: the command has
// printed what is wrong.
var (
	errDrift      = errors.New("drift")
	errIncomplete = errors.New("objects are missing")
)

// usageError is a command line that cannot be run; the exit code is 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usageErrorf(format string, args ...any) error {
	return usageError{fmt.Sprintf(format, args...)}
}

// Groups of commands in the help.
const (
	groupServer = "server"
	groupClips  = "clips"
	groupPeople = "people"
	groupData   = "data"
)

// isHelpFlag reports whether arg asks for help, where flags are not parsed.
func isHelpFlag(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }

// groupCommand makes a command that only has subcommands.
func groupCommand(cmd *cobra.Command, subcommands ...*cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.FParseErrWhitelist.UnknownFlags = true // an unknown subcommand is the better message
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var names []string
		for _, s := range cmd.Commands() {
			names = append(names, s.Name())
		}

		if len(args) == 0 {
			return usageErrorf("which? usage: %s %s", cmd.CommandPath(), strings.Join(names, " | "))
		}
		return usageErrorf("there is no %q; usage: %s %s%s", args[0], cmd.CommandPath(), strings.Join(names, " | "), suggestCommands(cmd, args[0]))
	}
	cmd.AddCommand(subcommands...)

	return cmd
}

// noArgs refuses arguments that are not flags.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageErrorf("%q is not a flag", args[0])
	}
	return nil
}
