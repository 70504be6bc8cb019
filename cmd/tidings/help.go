package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groupAnnotation is the annotation of a flag that names its group in the help.
const groupAnnotation = "group"

// flagWidth is the width of the lines that describe flags.
const flagWidth = 120

// printHelp prints what a command does, its usage, examples, subcommands and
// flags; settings are grouped by subject.
func printHelp(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, "%s\n\nusage: %s\n", cmp.Or(cmd.Long, cmd.Short), useLine(cmd))

	if cmd.Example != "" {
		fmt.Fprintf(w, "\nexamples:\n%s\n", cmd.Example)
	}

	printCommands(w, cmd)
	printFlags(w, cmd.Flags())

	if !cmd.HasParent() {
		fmt.Fprintln(w, "\nSettings are flags, TIDINGS_* variables or lines of tidings.toml: `tidings serve --help`.")
	}
}

func useLine(cmd *cobra.Command) string {
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() && cmd.HasParent() {
		line = cmd.CommandPath() + " COMMAND"
	}
	return line
}

// printCommands prints the subcommands by group; those of no group come last.
func printCommands(w io.Writer, cmd *cobra.Command) {
	titles := []string{}
	lines := map[string][]string{}

	for _, g := range cmd.Groups() {
		titles = append(titles, g.ID)
	}

	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			lines[sub.GroupID] = append(lines[sub.GroupID], fmt.Sprintf("  %-12s %s", sub.Name(), sub.Short))
		}
	}

	for _, title := range append(titles, "") {
		if len(lines[title]) > 0 {
			fmt.Fprintf(w, "\n%s:\n%s\n", strings.TrimSpace(title+" commands"), strings.Join(lines[title], "\n"))
		}
	}
}

// printFlags prints flags by group; those of no group come first.
func printFlags(w io.Writer, flags *pflag.FlagSet) {
	groups := map[string]*pflag.FlagSet{}
	var titles []string
	flags.VisitAll(func(f *pflag.Flag) {
		title := strings.Join(f.Annotations[groupAnnotation], "")

		if f.Hidden {
			return
		}

		if groups[title] == nil {
			groups[title] = pflag.NewFlagSet(title, pflag.ContinueOnError)
			titles = append(titles, title)
		}

		groups[title].AddFlag(f)
	})

	slices.Sort(titles)
	for _, title := range titles {
		fmt.Fprintf(w, "\n%s:\n%s", cmp.Or(strings.TrimPrefix(title+" settings", " settings"), "flags"), groups[title].FlagUsagesWrapped(flagWidth))
	}
}

// suggestionDistance is how many letters a suggestion may differ by.
const suggestionDistance = 2

// suggestCommands is a "did you mean" for a misspelt command.
func suggestCommands(parent *cobra.Command, name string) string {
	parent.SuggestionsMinimumDistance = suggestionDistance
	return didYouMean(parent.SuggestionsFor(name))
}

func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(names, " or ") + "?"
}

// describeFlagError adds a "did you mean" to an error about an unknown flag.
func describeFlagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return usageError{err.Error()}
	}
	name := unknown.GetSpecifiedName()
	return usageErrorf("there is no flag --%s%s", name, didYouMean(similarFlags(cmd.Flags(), name)))
}

// similarFlags are the flags whose names are most like name, at most three.
func similarFlags(flags *pflag.FlagSet, name string) []string {
	// Cobra compares the names of commands: make one of each flag.
	names := &cobra.Command{SuggestionsMinimumDistance: suggestionDistance}
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names.AddCommand(&cobra.Command{Use: "--" + f.Name, Run: func(*cobra.Command, []string) {}})
		}
	})
	similar := names.SuggestionsFor("--" + name)

	return similar[:min(len(similar), 3)]
}
