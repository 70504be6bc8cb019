package main

import (
	"context"
	"fmt"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/search"
)

// reindexCommand fills a new index beside the one that is searched. A running
// server does it itself and tells how far it is; either goes on where an earlier
// one was cut off.
func reindexCommand(ctx context.Context, c *cli, args []string) error {
	cfg, err := dataConfig("reindex", c, args)
	if err != nil {
		return err
	}
	clips, err := streamOnData(ctx, c, cfg, "/reindex", struct{}{}, reindex)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d clips are indexed again\n", clips)
	return nil
}

var phaseNames = map[string]string{search.PhaseFill: "filling", search.PhaseCheck: "comparing", search.PhaseSwap: "changing over"}

func reindex(ctx context.Context, a *app, _ struct{}, report func(admin.Progress)) (clips int, err error) {
	return a.indexer.Reindex(ctx, func(p search.Progress) {
		report(admin.Progress{Phase: phaseNames[p.Phase], Done: int64(p.Done), Total: int64(p.Total), Unit: "clips"})
	})
}
