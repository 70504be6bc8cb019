package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/models"
	"tidings.example/tidings/server"
	"tidings.example/tidings/transcribe"
)

func newModelsCommand(c *cli) *cobra.Command {
	return groupCommand(&cobra.Command{
		Use: "models", GroupID: groupServer, Short: "fetch and check what speech engines need",
		Example: "  tidings models list\n  tidings models pull base-q8_0",
	},
		newModelCommand(c, "list [NAME…]", "list the models that can be fetched", false, listModels),
		newModelCommand(c, "pull NAME…", "download models", true, pullModels),
		newModelCommand(c, "verify [NAME…]", "compare installed models with what their makers publish", false, verifyModels),
		newModelCommand(c, "rm NAME…", "delete models", true, removeModels),
	)
}

// modelSelection is what a subcommand of `tidings models` works on.
type modelSelection struct {
	cfg     server.Config
	manager *models.Manager
	models  []models.Model
	named   bool // on the command line; otherwise models are all there are
}

func newModelCommand(c *cli, use, short string, namesNeeded bool, do func(ctx context.Context, out io.Writer, s modelSelection) error) *cobra.Command {
	name, _, _ := strings.Cut(use, " ")
	cmd := &cobra.Command{Use: use + " [flags]", Short: short, Example: "  tidings models " + name + " base-q8_0"}
	cmd.ValidArgsFunction = completeModels
	settings := addSettings(cmd.Flags())

	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		if namesNeeded && len(names) == 0 {
			return usageErrorf("which model? usage: tidings models %s", use)
		}

		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		s := modelSelection{cfg: cfg, manager: cfg.ModelManager(), named: len(names) > 0}
		if s.models, err = findModels(s.manager, names); err != nil {
			return err
		}

		return do(cmd.Context(), c.out, s)
	}

	return cmd
}

// completeModels completes the names of models.
func completeModels(_ *cobra.Command, given []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
	for _, m := range models.Table() {
		if !slices.Contains(given, m.Name) {
			names = append(names, m.Name+"\t"+m.Note)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// findModels are the models with the names, or all.
func findModels(m *models.Manager, names []string) (out []models.Model, err error) {
	if len(names) == 0 {
		return m.All(), nil
	}

	for _, name := range names {
		e, err := m.Find(name)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}

	return out, nil
}

func listModels(_ context.Context, out io.Writer, s modelSelection) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tENGINE\tSIZE\tLANGUAGES\tLICENCE\tHERE\tNOTE")
	for _, e := range s.models {
		languages := "about 100"
		if len(e.Languages) > 0 {
			languages = strings.Join(e.Languages, " ")
		} else if e.Folder == models.InSpeech {
			languages = "any"
		}

		installed := "no"
		if have := s.manager.PartialBytes(e); s.manager.Installed(e) {
			installed = "yes"
		} else if have > 0 {
			installed = fmt.Sprintf("%d %%", 100*have/max(1, e.Bytes()))
		}

		note := e.Note
		if slices.Contains(transcribe.UsedModels(s.cfg.Settings), s.manager.Path(e)) {
			note += "; the settings name it"
		}

		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, e.Engine, admin.FormatMegabytes(e.Bytes()), languages, e.Licence, installed, note)
	}

	return w.Flush()
}

// verifyModels checks what is installed; a model that is not installed is an
// error only when it is named.
func verifyModels(ctx context.Context, out io.Writer, s modelSelection) error {
	var errs []error
	for _, e := range s.models {
		if !s.named && !s.manager.Installed(e) {
			continue
		}
		if err := s.manager.Verify(ctx, e); err != nil {
			errs = append(errs, err)
			fmt.Fprintf(out, "%s: %s\n", e.Name, admin.DescribeError(err))
			continue
		}

		fmt.Fprintf(out, "%s: as published\n", e.Name)
	}

	if len(errs) > 0 {
		return fmt.Errorf("%d of these are not as they should be", len(errs))
	}
	return ctx.Err()
}

func pullModels(ctx context.Context, out io.Writer, s modelSelection) error {
	for _, e := range s.models {
		fmt.Fprintf(out, "%s, %s, licence %s\n", e.Name, admin.FormatMegabytes(e.Bytes()), e.Licence)
		bar := admin.NewDownloadBar(out)
		err := s.manager.Pull(ctx, e, bar.Show)
		bar.Close()

		if err != nil {
			return err
		}

		fmt.Fprintf(out, "%s is in %s\n", e.Name, filepath.Dir(s.manager.Path(e)))
	}
	return nil
}

func removeModels(_ context.Context, out io.Writer, s modelSelection) error {
	for _, e := range s.models {
		if err := s.manager.Remove(e); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s is removed.\n", e.Name)
	}
	return nil
}
