package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// KnownFailedTranscripts is what the database of an installation knows of
// transcriptions that were given up: how many, and the newest. It changes
// nothing.
func KnownFailedTranscripts(ctx context.Context, cfg Config, limit int) (total int, some []tidings.FailedTranscript, err error) {
	err = inspectDatabase(ctx, cfg, func(q *dbq.Queries) error {
		n, err := q.CountFailedTranscripts(ctx)
		if err != nil {
			return err
		}

		rows, err := q.FailedTranscripts(ctx, int32(limit))
		for _, r := range rows {
			some = append(some, tidings.FailedTranscript{ClipID: tidings.ID(r.ClipID), Reason: r.Failure})
		}

		total = int(n)
		return err
	})
	return total, some, err
}
