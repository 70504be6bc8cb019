package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/models"
	"tidings.example/tidings/transcribe"
)

const modelsUsage = `usage: tidings models list | pull NAME… | verify [NAME…] | rm NAME… [--data DIR] [--models DIR] [--speech DIR]`

// manager is the models of the settings.
func (c *config) manager() *models.Manager {
	return models.New(models.Config{Models: c.Models, Speech: c.Speech, Mirror: c.ModelMirror})
}

func modelsCommand(ctx context.Context, c *cli, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return errors.New(modelsUsage)
	}

	cfg, names, err := loadMixed("models", args[1:], c)
	if err != nil {
		return err
	}
	if err := cfg.absolute(); err != nil {
		return err
	}

	m := cfg.manager()
	chosen := m.All()
	if len(names) > 0 {
		chosen = nil
		for _, name := range names {
			e, err := m.Find(name)
			if err != nil {
				return err
			}
			chosen = append(chosen, e)
		}
	}

	switch {
	case args[0] == "list":
		return listModels(c.out, &cfg, m, chosen)
	case args[0] == "verify":
		return verifyModels(ctx, c.out, m, chosen, len(names) > 0)
	case len(names) == 0:
		return errors.New(modelsUsage)
	case args[0] == "pull":
		return pullModels(ctx, c.out, m, chosen)
	case args[0] == "rm":
		for _, e := range chosen {
			if err := m.Remove(e); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "%s is removed.\n", e.Name)
		}
		return nil
	}

	return errors.New(modelsUsage)
}

// loadMixed is loadConfig with flags wherever they stand among the names.
func loadMixed(name string, args []string, c *cli) (cfg config, names []string, err error) {
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") {
			cfg, rest, err := loadConfig(name, args[i:], c.getenv, c.err)
			return cfg, append(names, rest...), err
		}
		names = append(names, arg)
	}
	cfg, _, err = loadConfig(name, nil, c.getenv, c.err)
	return cfg, names, err
}

func listModels(out io.Writer, cfg *config, m *models.Manager, all []models.Model) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tENGINE\tSIZE\tLANGUAGES\tLICENCE\tHERE\tNOTE")
	for _, e := range all {
		languages := "about 100"
		if len(e.Languages) > 0 {
			languages = strings.Join(e.Languages, " ")
		} else if e.Folder == models.InSpeech {
			languages = "any"
		}

		here := "no"
		if have := m.PartialBytes(e); m.Installed(e) {
			here = "yes"
		} else if have > 0 {
			here = fmt.Sprintf("%d %%", 100*have/max(1, e.Bytes()))
		}

		note := e.Note
		if slices.Contains(transcribe.UsedModels(cfg.Settings), m.Path(e)) {
			note += "; the settings name it"
		}

		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, e.Engine, admin.FormatMegabytes(e.Bytes()), languages, e.Licence, here, note)
	}

	return w.Flush()
}

// verifyModels reads what is installed; of what is not, it speaks only when it
// was asked by name.
func verifyModels(ctx context.Context, out io.Writer, m *models.Manager, all []models.Model, named bool) error {
	var errs []error
	for _, e := range all {
		if !named && !m.Installed(e) {
			continue
		}
		if err := m.Verify(ctx, e); err != nil {
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

func pullModels(ctx context.Context, out io.Writer, m *models.Manager, all []models.Model) error {
	for _, e := range all {
		fmt.Fprintf(out, "%s, %s, licence %s\n", e.Name, admin.FormatMegabytes(e.Bytes()), e.Licence)
		b := admin.NewDownloadBar(out)
		err := m.Pull(ctx, e, b.Show)
		b.Close()

		if err != nil {
			return err
		}

		fmt.Fprintf(out, "%s is in %s\n", e.Name, filepath.Dir(m.Path(e)))
	}
	return nil
}
