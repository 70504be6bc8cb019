package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/backup"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// importCommand makes an installation of an export: objects into the storage
// of the settings, the database into the data folder, which has none yet.
func importCommand(ctx context.Context, c *cli, args []string) error {
	cfg, dir, err := dirConfig("import", c, args)
	if err != nil {
		return err
	}

	log, err := newLog(c.err, "warn")
	if err != nil {
		return err
	}

	if admin.ServerRuns(cfg.Data) {
		return tidings.Errorf(tidings.KindConflict, "A server runs on %s. Stop it first, or name another folder with --data.", cfg.Data)
	}

	show := admin.NewProgressBar(c.err)
	r, err := backup.Import(ctx, importConfig(cfg, log, show), dir)
	show.Close()

	if err != nil {
		return err
	}

	fmt.Fprintf(c.out, "%s: %d clips, %d objects of %s; %d copied, %d were there\n",
		cfg.Data, r.Manifest.Clips, r.Manifest.Objects, admin.FormatBytes(r.Manifest.Bytes), r.Copied, r.Manifest.Objects-r.Copied)
	if r.Manifest.Missing > 0 {
		fmt.Fprintf(c.out, "%d objects were missing when this was exported\n", r.Manifest.Missing)
	}

	fmt.Fprintln(c.out, "Start the server now. The search index fills itself then.")
	return nil
}

// importConfig are the data folder and storage of the settings, to be filled.
func importConfig(cfg config, log *slog.Logger, show *admin.ProgressBar) backup.ImportConfig {
	return backup.ImportConfig{
		DataDir: cfg.Data, SchemaVersion: store.SchemaVersion, CheckEmpty: store.CheckEmpty,
		Claim: func(ctx context.Context, dir string) (backup.Claim, error) {
			claim, err := store.ClaimDir(ctx, dir)
			if err != nil {
				return nil, err
			}
			return claim, nil
		},
		OpenObjects: func(ctx context.Context) (backup.Objects, func() error, error) {
			a := &app{cfg: cfg, log: log} // its storage only
			if err := a.openBlobs(ctx); err != nil {
				return nil, nil, errors.Join(err, a.close())
			}
			return backupObjects{a.blobs}, a.close, nil
		},
		Report: func(p backup.Progress) { show.Show(admin.Progress(p)) },
	}
}
