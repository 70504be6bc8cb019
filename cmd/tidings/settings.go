package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tidings.example/tidings/server"
)

// settingFlags are the flags of settings that a command line gives.
type settingFlags struct {
	given map[string]string // by name
	file  string            // --config
}

// addSettings adds a flag for each setting and --config. With names it adds
// only those settings.
func addSettings(flags *pflag.FlagSet, names ...string) *settingFlags {
	f := &settingFlags{given: map[string]string{}}
	if len(names) == 0 {
		flags.StringVar(&f.file, "config", "", "settings file (default tidings.toml, if there is one)")
	}

	for _, s := range new(server.Config).ListSettings() {
		if len(names) > 0 && !slices.Contains(names, s.Flag) {
			continue
		}

		flag := &pflag.Flag{
			Name: s.Flag, Usage: fmt.Sprintf("%s (%s)", s.Help, s.Env), DefValue: s.Default, Value: &settingValue{s, f.given},
			Annotations: map[string][]string{groupAnnotation: {s.Group}},
		}
		if s.IsBool() {
			flag.NoOptDefVal = "true"
		}

		flags.AddFlag(flag)
	}

	return f
}

// completeWords completes the value of a flag by fixed words.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // there is no such flag
	}
}

// loadSettings returns the settings with folders as absolute paths.
func (f *settingFlags) loadSettings(c *cli) (server.Config, error) {
	cfg, err := server.Load(f.given, c.getenv, f.file)
	if err != nil {
		return cfg, err
	}
	cfg.Version = version
	return cfg, cfg.ResolvePaths()
}

// settingValue implements pflag.Value: it records the text, which server.Load
// parses together with the other sources.
type settingValue struct {
	setting server.Setting
	given   map[string]string
}

// String implements pflag.Value.
func (v *settingValue) String() string { return v.given[v.setting.Flag] }

// Set implements pflag.Value.
func (v *settingValue) Set(text string) error {
	v.given[v.setting.Flag] = text
	return nil
}

// Type implements pflag.Value.
func (v *settingValue) Type() string { return v.setting.Type() }
