package store

import (
	"context"
	"errors"

	"tidings.example/tidings/tidings"
)

// KnownFailedTranscripts is what the database of a data folder knows of
// transcriptions that were given up: how many, and the newest. It changes
// nothing.
func KnownFailedTranscripts(ctx context.Context, dir string, limit int) (total int, some []tidings.FailedTranscript, err error) {
	q, closeFile, _, err := openReadOnly(dir)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, closeFile()) }()

	n, err := q.CountFailedTranscripts(ctx)
	if err != nil {
		return 0, nil, err
	}

	rows, err := q.FailedTranscripts(ctx, int32(limit))
	for _, r := range rows {
		some = append(some, tidings.FailedTranscript{ClipID: tidings.ID(r.ClipID), Reason: r.Failure})
	}

	return int(n), some, err
}
