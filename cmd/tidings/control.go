package main

import (
	"context"
	"errors"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/server"
	"tidings.example/tidings/tidings"
)

// streamFunc is a method of server.App that takes long and reports progress.
type streamFunc[In, Out any] func(a *server.App, ctx context.Context, in In, report func(tidings.Progress)) (Out, error)

// streamOnData runs a method on a data folder and shows a progress bar: it
// calls the server that owns the folder, or opens the folder when none runs.
func streamOnData[In, Out any](ctx context.Context, c *cli, cfg server.Config, path string, in In, do streamFunc[In, Out]) (Out, error) {
	bar := admin.NewProgressBar(c.err)
	defer bar.Close()

	if admin.ServerRuns(cfg.Data) {
		return admin.CallStream[Out](ctx, cfg.Data, path, in, bar.Show)
	}
	return withApp(ctx, c, cfg, func(ctx context.Context, a *server.App) (Out, error) { return do(a, ctx, in, bar.Show) })
}

// withApp opens a data folder while do runs.
func withApp[Out any](ctx context.Context, c *cli, cfg server.Config, do func(context.Context, *server.App) (Out, error)) (out Out, err error) {
	log, err := newLog(c.err, "warn")
	if err != nil {
		return out, err
	}

	a, err := server.Open(ctx, cfg, log)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()

	return do(ctx, a)
}
