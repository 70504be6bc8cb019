package main

import (
	"context"
	"fmt"
)

func reindexCommand(ctx context.Context, c *cli, args []string) error {
	out, err := onData(ctx, "reindex", c, args, "/reindex", func(ctx context.Context, a *app) (reindexed, error) { return a.reindex(ctx) })
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d clips are indexed again\n", out.Clips)
	return nil
}

// reindexed is what `tidings reindex` did.
type reindexed struct {
	Clips int `json:"clips"`
}

// reindex empties the index and fills it from the rows.
func (a *app) reindex(ctx context.Context) (out reindexed, err error) {
	err = a.indexer.Reindex(ctx, func(done int) { out.Clips = done })
	return out, err
}
