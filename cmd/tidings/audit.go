package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/server"
)

func newAuditCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "audit [flags]", GroupID: groupData, Args: noArgs,
		Short:   "compare database, objects and index; exit 1 on drift",
		Long:    "Compare database, objects and index. With --bytes every object is read too and compared with its checksums and the size that the database knows; what is damaged and was made of an original is made again.",
		Example: "  tidings audit --data /srv/tidings\n  tidings audit --bytes --rate 20 --data /srv/tidings",
	}
	readBytes := cmd.Flags().Bool("bytes", false, "read every object and compare its checksum and size")
	rate := cmd.Flags().Int64("rate", 100, "with --bytes: MB a second that are read at most; 0 = no limit")
	settings := addSettings(cmd.Flags())

	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		var r admin.AuditReport
		if *readBytes {
			r, err = streamOnData(cmd.Context(), c, cfg, "/audit-bytes", server.ByteAuditRequest{Rate: max(0, *rate) * 1e6}, (*server.App).AuditBytes)
		} else {
			r, err = auditData(cmd.Context(), c, cfg)
		}

		if err != nil {
			return err
		}

		for _, l := range r.Lines {
			fmt.Fprintln(c.out, l)
		}

		fmt.Fprintf(c.out, "%d clips, %d objects: %d missing, %d without a row; index: %d stale, %d pending\n",
			r.Clips, r.Objects, r.Missing, r.Orphans, r.Stale, r.Pending)
		if *readBytes {
			fmt.Fprintf(c.out, "%d objects read: %d damaged\n", r.Read, r.Damaged)
		}

		if r.HasDrift() {
			return errDrift
		}

		return nil
	}

	return cmd
}

// auditData asks the running server, or opens the data folder when none runs.
func auditData(ctx context.Context, c *cli, cfg server.Config) (admin.AuditReport, error) {
	if admin.ServerRuns(cfg.Data) {
		return admin.CallRPC[admin.AuditReport](ctx, cfg.Data, "/audit", struct{}{})
	}
	return withApp(ctx, c, cfg, func(ctx context.Context, a *server.App) (admin.AuditReport, error) { return a.Audit(ctx) })
}

func newReindexCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "reindex [flags]", GroupID: groupData, Args: noArgs,
		Short:   "fill the search index again from the rows",
		Long:    "Fill a new search index from the rows beside the current one, which stays in use meanwhile. An interrupted run is continued.",
		Example: "  tidings reindex --data /srv/tidings",
	}
	settings := addSettings(cmd.Flags())

	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		clips, err := streamOnData(cmd.Context(), c, cfg, "/reindex", struct{}{}, (*server.App).Reindex)
		if err != nil {
			return err
		}

		fmt.Fprintf(c.out, "%d clips are indexed again\n", clips)
		return nil
	}

	return cmd
}
