package main

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// runArgs runs a command line in this process.
func runArgs(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = runCommandLine(t.Context(), &cli{out: &o, err: &e, getenv: envFrom(nil)}, args)
	return code, o.String(), e.String()
}

// commandPaths lists the arguments that name each command of the tree.
func commandPaths(cmd *cobra.Command, path []string) (out [][]string) {
	for _, sub := range cmd.Commands() {
		at := append(slices.Clone(path), sub.Name())
		out = append(append(out, at), commandPaths(sub, at)...)
	}
	return out
}

// TestHelp: every command prints usage and examples, however it is asked.
func TestHelp(t *testing.T) {
	paths := commandPaths(newRoot(&cli{}), nil)
	if len(paths) < 28 {
		t.Fatalf("only %d commands: %v", len(paths), paths)
	}

	for _, path := range append(paths, nil) {
		for _, ask := range []string{"--help", "-h", "-help"} {
			code, out, errOut := runArgs(t, append(slices.Clone(path), ask)...)
			if code != 0 || errOut != "" || !strings.Contains(out, "\nusage: tidings") || !strings.Contains(out, "\nexamples:\n  ") {
				t.Errorf("%v %s: exit %d\n%s%s", path, ask, code, out, errOut)
			}
		}
	}

	if code, out, _ := runArgs(t, "help", "user", "create"); code != 0 || !strings.Contains(out, "usage: tidings user create") {
		t.Errorf("help user create: exit %d\n%s", code, out)
	}

	if code, out, _ := runArgs(t); code != 0 || !strings.Contains(out, "usage: tidings COMMAND") || !strings.Contains(out, "completion") {
		t.Errorf("no arguments: exit %d\n%s", code, out)
	}
}

// TestHelpGroupsSettings: the many settings are printed by subject.
func TestHelpGroupsSettings(t *testing.T) {
	_, out, _ := runArgs(t, "serve", "--help")
	for _, want := range []string{"\nflags:\n", "\nserver settings:\n", "\nstorage settings:\n", "\nsearch settings:\n", "\nspeech settings:\n",
		"\nmail settings:\n", "\nsign-in settings:\n", "\nlimits settings:\n", "\nmedia settings:\n", "--meili-url", "(TIDINGS_MEILI_URL)", `(default "localhost:8080")`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestUsageErrors: a wrong command line exits with 2 and a suggestion.
func TestUsageErrors(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"serv"}, "did you mean serve"},
		{[]string{"nonsense"}, `there is no command "nonsense"`},
		{[]string{"nonsense", "--data", "x"}, `there is no command "nonsense"`},
		{[]string{"help", "serv"}, "did you mean serve"},
		{[]string{"help", "user", "mke"}, `there is no command "mke"`},
		{[]string{"--data", "x"}, `there is no command "--data"`},
		{[]string{"models"}, "usage: tidings models"},
		{[]string{"models", "lst", "--data", "x"}, "did you mean list?"},
		{[]string{"models", "pull"}, "which model?"},
		{[]string{"serve", "--lisen", ":1"}, "did you mean --listen?"},
		{[]string{"serve", "-lisen", ":1"}, "did you mean --listen?"},
		{[]string{"serve", "--open-ai-url", "x"}, "--openai-url"},
		{[]string{"serve", "left"}, `"left" is not a flag`},
		{[]string{"serve", "--listen"}, "needs an argument"},
		{[]string{"export"}, "Which folder?"},
		{[]string{"token", "create"}, "--user EMAIL is needed"},
		{[]string{"completion", "tcsh"}, "tcsh"},
	} {
		code, _, errOut := runArgs(t, c.args...)
		if code != 2 || !strings.Contains(errOut, c.want) || !strings.Contains(errOut, "--help") {
			t.Errorf("%v: exit %d, want %q\n%s", c.args, code, c.want, errOut)
		}
	}

	if code, _, errOut := runArgs(t, "config", "--speech-workers", "many"); code != 1 || !strings.Contains(errOut, "from --speech-workers") {
		t.Errorf("a wrong value: exit %d\n%s", code, errOut)
	}
}

// TestOneDash: the commands have always taken flags with one dash as well.
func TestOneDash(t *testing.T) {
	for _, args := range [][]string{
		{"config", "-data", "here", "-fsync=false", "--listen", "a:1"},
		{"config", "--data=here", "--fsync=false", "-listen=a:1"},
		{"config", "-listen", "a:1", "-fsync=0", "-data", "here"},
	} {
		code, out, errOut := runArgs(t, args...)
		if code != 0 || !strings.Contains(out, `data = "here"`) || !strings.Contains(out, "fsync = false") || !strings.Contains(out, `listen = "a:1"`) {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errOut)
		}
	}

	root := newRoot(&cli{})
	for _, c := range []struct{ args, want []string }{
		{[]string{"push", "-title", "-a title-", "file.mp4"}, []string{"push", "--title", "-a title-", "file.mp4"}},
		{[]string{"push", "--", "-title"}, []string{"push", "--", "-title"}},
		{[]string{"search", "figures", "-draft"}, []string{"search", "figures", "-draft"}},
		{[]string{"models", "pull", "-data", "x", "tiny"}, []string{"models", "pull", "--data", "x", "tiny"}},
	} {
		if got := doubleDashes(root, c.args); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestCompletion: the scripts are there, and the shell that is at hand reads
// its own; the program completes flags for them.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		code, out, _ := runArgs(t, "completion", shell)
		if code != 0 || !strings.Contains(out, "tidings") || strings.Count(out, "\n") < 50 {
			t.Errorf("%s: exit %d\n%s", shell, code, out)
		}

		if path, err := exec.LookPath(shell); err == nil {
			check := exec.Command(path, "-n")
			check.Stdin = strings.NewReader(out)
			if text, err := check.CombinedOutput(); err != nil {
				t.Errorf("%s -n: %v\n%s", shell, err, text)
			}
		} else if shell == "bash" {
			t.Errorf("no bash to check the script with: %v", err)
		}
	}

	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"help", "user", ""}, "set-role"},
		{[]string{"serve", "--meili"}, "--meili-url"},
		{[]string{"models", "pull", "base"}, "base-q8_0"},
		{[]string{"user", "set-role", "--role", ""}, "guest"},
		{[]string{"token", "create", "--scope", ""}, "worker"},
	} {
		code, out, _ := runArgs(t, append([]string{cobra.ShellCompRequestCmd}, c.args...)...)
		if code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("%q: exit %d, want %s in\n%s", c.args, code, c.want, out)
		}
	}
}
