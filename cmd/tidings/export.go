package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// errIncomplete makes `tidings export` exit with 1 when it has said why.
var errIncomplete = errors.New("objects are missing")

// exportOrder asks for an export. Dir is absolute: the server is elsewhere.
type exportOrder struct {
	Dir string `json:"dir"`
}

// exportReport is what an export did. Lines holds at most auditLines entries.
type exportReport struct {
	Info   exportInfo `json:"info"`
	Copied int64      `json:"copied"` // objects
	Kept   int64      `json:"kept"`   // that were there already
	Lines  []string   `json:"lines"`
}

// exportCommand copies an installation into a folder, from which importCommand
// makes one again anywhere.
func exportCommand(ctx context.Context, c *cli, args []string) error {
	cfg, dir, err := dirConfig("export", c, args)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "tidings.db")); errors.Is(err, fs.ErrNotExist) {
		return tidings.Errorf(tidings.KindNotFound, "There is no installation in %s. Name its data folder with --data.", cfg.Data)
	}

	r, err := longOnData(ctx, c, cfg, "/export", exportOrder{dir}, export)
	if err != nil {
		return err
	}

	for _, l := range r.Lines {
		fmt.Fprintln(c.out, l)
	}

	fmt.Fprintf(c.out, "%s: %d clips, %d objects of %s; %d copied, %d were there\n",
		dir, r.Info.Clips, r.Info.Objects, byteCount(r.Info.Bytes), r.Copied, r.Kept)
	if r.Info.Missing > 0 {
		fmt.Fprintf(c.out, "%d objects that rows name are missing from the storage; the export is whole but for them\n", r.Info.Missing)
		return errIncomplete
	}

	return nil
}

// dirConfig are the settings of a subcommand that takes flags and one folder.
// The folder is made absolute: the embedded storage changes the working one.
func dirConfig(name string, c *cli, args []string) (cfg config, dir string, err error) {
	cfg, rest, err := loadConfig(name, args, c.getenv, c.err)
	if err == nil && len(rest) > 1 && strings.HasPrefix(rest[1], "-") { // flags may stand behind it, too
		args = slices.Concat(args[:len(args)-len(rest)], rest[1:], rest[:1])
		cfg, rest, err = loadConfig(name, args, c.getenv, c.err)
	}

	switch {
	case err != nil:
		return cfg, "", err
	case len(rest) == 0:
		return cfg, "", tidings.Errorf(tidings.KindInvalid, "Which folder? usage: tidings %s [flags] DIR", name)
	case len(rest) > 1:
		return cfg, "", tidings.Errorf(tidings.KindInvalid, "One folder is enough: %q is too much.", rest[1])
	}

	if dir, err = filepath.Abs(rest[0]); err != nil {
		return cfg, "", err
	}

	return cfg, dir, cfg.absolute()
}

// export brings a folder up to date with the installation. It may be killed
// anywhere and repeated; nothing but the latest whole state is ever called an
// export.
func export(ctx context.Context, a *app, o exportOrder, tell func(progress)) (r exportReport, err error) {
	if inside(a.cfg.Data, o.Dir) {
		return r, tidings.Errorf(tidings.KindInvalid, "%s is in the data folder itself. Export to another disk, or at least another folder.", o.Dir)
	}

	release, err := a.hold.take()
	if err != nil {
		return r, err
	}
	defer release()

	installation, err := a.store.Installation(ctx)
	if err != nil {
		return r, err
	}

	f, err := openExport(o.Dir, installation)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.close()) }()

	x := &exporter{a: a, f: f, count: &counter{tell: tell}}
	x.r.Info = exportInfo{Format: exportFormat, Version: version, Installation: installation, CreatedAt: time.Now().UTC().Truncate(time.Millisecond)}
	err = x.run(ctx)
	return x.r, err
}

// inside reports whether path is dir or in it.
func inside(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
