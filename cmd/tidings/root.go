package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newRoot returns the tree of commands.
func newRoot(c *cli) *cobra.Command {
	root := &cobra.Command{
		Use:     "tidings COMMAND",
		Long:    "Tidings: video and voice updates for people who work at different hours.",
		Example: "  tidings serve\n  tidings token create --user ana@example.org\n  tidings push recording.mp4",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || isHelpFlag(args[0]) {
				return cmd.Help()
			}
			return usageErrorf("there is no command %q%s", args[0], suggestCommands(cmd, args[0]))
		},
		Args: cobra.ArbitraryArgs, DisableFlagParsing: true, // flags come after the command
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}

	root.AddGroup(
		&cobra.Group{ID: groupServer, Title: "server"},
		&cobra.Group{ID: groupClips, Title: "clip"},
		&cobra.Group{ID: groupPeople, Title: "people"},
		&cobra.Group{ID: groupData, Title: "data"},
	)
	root.AddCommand(
		newServeCommand(c), newWorkerCommand(c), newModelsCommand(c), newDoctorCommand(c), newConfigCommand(c),
		newSearchCommand(c), newPushCommand(c),
		newUserCommand(c), newWorkspaceCommand(c), newTokenCommand(c),
		newAuditCommand(c), newReindexCommand(c), newExportCommand(c), newImportCommand(c), newMigrateCommand(c),
		newCompletionCommand(), newVersionCommand(c),
	)
	root.SetHelpCommand(newHelpCommand())
	root.InitDefaultHelpCmd() // adds it

	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { printHelp(cmd.OutOrStdout(), cmd) })
	root.SetFlagErrorFunc(describeFlagError)

	return root
}

func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", DisableFlagsInUseLine: true,
		Short: "print the help of a command", Example: "  tidings help serve\n  tidings help user create",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
			about, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}

			for _, sub := range about.Commands() {
				names = append(names, sub.Name()+"\t"+sub.Short)
			}

			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return usageErrorf("there is no command %q%s", rest[0], suggestCommands(about, rest[0]))
			}
			return about.Help()
		},
	}
}

// doubleDashes writes -listen as --listen. Documentation uses two dashes, but
// the commands have always taken one as well, and there are no one-letter flags
// but -h.
func doubleDashes(root *cobra.Command, args []string) []string {
	cmd, rest := root, args
	for len(rest) > 0 {
		next := findCommand(cmd, rest[0])
		if next == nil {
			break
		}
		cmd, rest = next, rest[1:]
	}

	if cmd.DisableFlagParsing {
		return args
	}

	out := append([]string{}, args[:len(args)-len(rest)]...)
	for i := 0; i < len(rest); i++ {
		arg := rest[i]
		if arg == "--" {
			return append(out, rest[i:]...)
		}

		if len(arg) > 2 && arg[0] == '-' && arg[1] != '-' {
			arg = "-" + arg
		}

		out = append(out, arg)
		if takesValue(cmd.Flags(), arg) && i+1 < len(rest) {
			i++
			out = append(out, rest[i])
		}
	}

	return out
}

func findCommand(parent *cobra.Command, name string) *cobra.Command {
	for _, cmd := range parent.Commands() {
		if cmd.Name() == name {
			return cmd
		}
	}
	return nil
}

// takesValue reports whether arg is a flag whose value is the next argument.
func takesValue(flags *pflag.FlagSet, arg string) bool {
	name, isFlag := strings.CutPrefix(arg, "--")
	if !isFlag || strings.Contains(name, "=") {
		return false
	}
	f := flags.Lookup(name)
	return f != nil && f.NoOptDefVal == ""
}
