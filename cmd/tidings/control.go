package main

import (
	"context"
	"errors"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/tidings"
)

// serveControl answers commands on the control socket until life ends; stop
// cancels those that take long.
func serveControl(life, stop context.Context, a *app) error {
	s := admin.NewControlServer(stop)
	admin.HandleRPC(s, "/token", func(ctx context.Context, r admin.TokenRequest) (admin.TokenResponse, error) {
		return admin.CreateToken(ctx, a.store, r, time.Now())
	})
	admin.HandleRPC(s, "/people", people(a.store).Do)
	admin.HandleRPC(s, "/audit", func(ctx context.Context, _ struct{}) (admin.AuditReport, error) { return audit(ctx, a) })
	handleStream(s, "/reindex", a, reindex)
	handleStream(s, "/export", a, export)

	return s.Serve(life, a.cfg.Data)
}

// streamFunc does what takes long and reports its progress.
type streamFunc[In, Out any] func(ctx context.Context, a *app, in In, report func(admin.Progress)) (Out, error)

func handleStream[In, Out any](s *admin.ControlServer, path string, a *app, do streamFunc[In, Out]) {
	admin.HandleStream(s, path, func(ctx context.Context, in In, report func(admin.Progress)) (Out, error) {
		return do(ctx, a, in, report)
	})
}

// runOnData runs a command on a data folder: it asks the server that owns the
// folder, or opens the folder when none runs.
func runOnData[Out any](ctx context.Context, c *cli, cfg config, path string, do func(context.Context, *app) (Out, error)) (Out, error) {
	if admin.ServerRuns(cfg.Data) {
		return admin.CallRPC[Out](ctx, cfg.Data, path, struct{}{})
	}
	return withApp(ctx, c, cfg, do)
}

// streamOnData is runOnData for what takes long: it shows a progress bar.
func streamOnData[In, Out any](ctx context.Context, c *cli, cfg config, path string, in In, do streamFunc[In, Out]) (Out, error) {
	bar := admin.NewProgressBar(c.err)
	defer bar.Close()

	if admin.ServerRuns(cfg.Data) {
		return admin.CallStream[Out](ctx, cfg.Data, path, in, bar.Show)
	}
	return withApp(ctx, c, cfg, func(ctx context.Context, a *app) (Out, error) { return do(ctx, a, in, bar.Show) })
}

// dataConfig are the settings of a subcommand that takes nothing but flags.
func dataConfig(name string, c *cli, args []string) (config, error) {
	cfg, rest, err := loadConfig(name, args, c.getenv, c.err)
	if err == nil && len(rest) > 0 {
		err = tidings.Errorf(tidings.KindInvalid, "%q is not a flag.", rest[0])
	}
	if err != nil {
		return cfg, err
	}
	return cfg, cfg.absolute()
}

// withApp opens the rooms of a data folder for the while.
func withApp[Out any](ctx context.Context, c *cli, cfg config, do func(context.Context, *app) (Out, error)) (out Out, err error) {
	log, err := newLog(c.err, "warn")
	if err != nil {
		return out, err
	}
	a, err := openApp(ctx, cfg, log)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	return do(ctx, a)
}
