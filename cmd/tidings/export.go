package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/backup"
	"tidings.example/tidings/server"
	"tidings.example/tidings/tidings"
)

func newExportCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "export [flags] DIR", GroupID: groupData,
		Short:   "copy everything into a folder: a backup, or to move",
		Long:    "Copy the database and all objects into a folder, from which `tidings import` makes an installation. A repeated export copies only what is new.",
		Example: "  tidings export /mnt/backup/tidings\n  tidings export --data /srv/tidings /mnt/backup/tidings",
	}

	return withDir(c, cmd, func(ctx context.Context, cfg server.Config, dir string) error {
		if err := cfg.RequireSQLite("tidings export"); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(cfg.Data, "tidings.db")); errors.Is(err, fs.ErrNotExist) {
			return tidings.Errorf(tidings.KindNotFound, "There is no installation in %s. Name its data folder with --data.", cfg.Data)
		}

		r, err := streamOnData(ctx, c, cfg, "/export", server.ExportRequest{Dir: dir}, (*server.App).Export)
		if err != nil {
			return err
		}

		return printExport(c, dir, r)
	})
}

func printExport(c *cli, dir string, r backup.ExportReport) error {
	for _, l := range r.Lines {
		fmt.Fprintln(c.out, l)
	}

	fmt.Fprintf(c.out, "%s: %d clips, %d objects of %s; %d copied, %d were there\n",
		dir, r.Manifest.Clips, r.Manifest.Objects, admin.FormatBytes(r.Manifest.Bytes), r.Copied, r.Kept)
	if r.Manifest.Missing > 0 {
		fmt.Fprintf(c.out, "%d objects that rows name are missing from the storage; the export is whole but for them\n", r.Manifest.Missing)
	}

	if r.Manifest.Damaged > 0 {
		fmt.Fprintf(c.out, "%d objects are damaged in the storage; the export is whole but for them\n", r.Manifest.Damaged)
	}

	if r.Manifest.Missing+r.Manifest.Damaged > 0 {
		return errIncomplete
	}

	return nil
}

// withDir makes a command that takes settings and one folder, whose path do
// gets as an absolute one: the embedded storage changes the working directory.
func withDir(c *cli, cmd *cobra.Command, do func(ctx context.Context, cfg server.Config, dir string) error) *cobra.Command {
	settings := addSettings(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usageErrorf("Which folder? usage: tidings %s", cmd.Use)
		case len(args) > 1:
			return usageErrorf("One folder is enough: %q is too much.", args[1])
		}

		dir, err := filepath.Abs(args[0])
		if err != nil {
			return err
		}

		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		return do(cmd.Context(), cfg, dir)
	}

	return cmd
}

func newImportCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "import [flags] DIR", GroupID: groupData,
		Short:   "make a new installation of an export",
		Long:    "Make an installation of an export: the objects go into the storage of the settings, the database into the data folder, which has none yet.",
		Example: "  tidings import --data /srv/tidings /mnt/backup/tidings",
	}

	return withDir(c, cmd, func(ctx context.Context, cfg server.Config, dir string) error {
		if err := cfg.RequireSQLite("tidings import"); err != nil {
			return err
		}

		log, err := newLog(c.err, "warn")
		if err != nil {
			return err
		}

		if admin.ServerRuns(cfg.Data) {
			return tidings.Errorf(tidings.KindConflict, "A server runs on %s. Stop it first, or name another folder with --data.", cfg.Data)
		}

		bar := admin.NewProgressBar(c.err)
		r, err := backup.Import(ctx, cfg.ImportConfig(log, bar.Show), dir)
		bar.Close()

		if err != nil {
			return err
		}

		fmt.Fprintf(c.out, "%s: %d clips, %d objects of %s; %d copied, %d were there\n",
			cfg.Data, r.Manifest.Clips, r.Manifest.Objects, admin.FormatBytes(r.Manifest.Bytes), r.Copied, r.Manifest.Objects-r.Copied-r.Damaged)
		if lost := r.Manifest.Missing + r.Manifest.Damaged; lost > 0 {
			fmt.Fprintf(c.out, "%d objects were missing or damaged when this was exported\n", lost)
		}

		fmt.Fprintln(c.out, "Start the server now. The search index fills itself then.")
		return printImportDamage(c, r)
	})
}

// printImportDamage names the objects that an import left out.
func printImportDamage(c *cli, r backup.ImportReport) error {
	if r.Damaged == 0 {
		return nil
	}

	for _, l := range r.Lines {
		fmt.Fprintln(c.out, l)
	}

	fmt.Fprintf(c.out, "%d objects were damaged before they were exported, and are left out; everything else is here\n", r.Damaged)
	return errIncomplete
}
