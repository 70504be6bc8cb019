package admin

import (
	"context"
	"errors"
	"fmt"

	"tidings.example/tidings/tidings"
)

// DataChecks read what a data folder knows of its own state. Each is
// KindNotFound while there is no database.
type DataChecks struct {
	// QuickCheck reads the whole database; "" = nothing is wrong.
	QuickCheck func(ctx context.Context) (wrong string, err error)
	// Loss is what a start found to be missing; "" = nothing.
	Loss func() (string, error)
	// Damage are the damaged objects that are known, and the scrub.
	Damage func(ctx context.Context, limit int) (total int, some []tidings.Damage, scrub tidings.Scrub, err error)
	// FailedTranscripts are the transcriptions that were given up, the newest first.
	FailedTranscripts func(ctx context.Context, limit int) (total int, some []tidings.FailedTranscript, err error)
	// LossFile is the file that keeps Loss.
	LossFile string
}

// shownDamage is how many damaged objects doctor names.
const shownDamage = 5

// CheckDatabase reads the whole database, and reports what a start found to be
// missing of it.
func CheckDatabase(c DataChecks) Check {
	return func(ctx context.Context) []Finding {
		wrong, err := c.QuickCheck(ctx)
		switch {
		case tidings.KindOf(err) == tidings.KindNotFound:
			return reportOK("database", "there is none yet")
		case errors.Is(err, context.DeadlineExceeded):
			return reportWarning("database", "Run `sqlite3 tidings.db 'PRAGMA quick_check'` in the data folder.", "it is too large to be read whole in time")
		case err != nil:
			wrong = err.Error()
		}
		if wrong != "" {
			return reportFailure("database", "Stop the server, keep a copy of tidings.db and tidings.db-wal, and make the installation again from the newest export (`tidings import` into an empty folder); "+
				"without one, `sqlite3 tidings.db .recover` saves what can be read.", "it is damaged: %s", wrong)
		}

		loss, err := c.Loss()
		if err == nil && loss == "" {
			return reportOK("database", "is whole")
		}
		if err != nil {
			loss = err.Error()
		}
		return reportWarning("database", fmt.Sprintf("Put tidings.db-wal back if you have it (with the server stopped), or compare with a backup and `tidings audit`; then remove %s.", c.LossFile), "%s", loss)
	}
}

// CheckObjects reports the objects that are known to be damaged.
func CheckObjects(c DataChecks) Check {
	return func(ctx context.Context) (out []Finding) {
		total, some, scrub, err := c.Damage(ctx, shownDamage)
		switch {
		case tidings.KindOf(err) == tidings.KindNotFound:
			return nil
		case err != nil:
			return reportWarning("objects", "Start the server once, which brings the database up to date; if it stays, see the line of the database.", "what is known of them cannot be read: %v", err)
		case total == 0 && scrub.FinishedAt != nil && scrub.Objects > 0:
			return reportOK("objects", "none is known to be damaged; all %d were read until %s", scrub.Objects, scrub.FinishedAt.Format("2006-01-02"))
		case total == 0:
			return reportOK("objects", "none is known to be damaged; not all were read yet (--scrub-interval, or `tidings audit --bytes`)")
		}

		for _, d := range some {
			fix := "It is made again by itself; if it stays, run `tidings audit --bytes`, which says why not."
			if d.IsOriginal() {
				fix = "Put the object back from a backup under its key, then run `tidings audit --bytes`."
			}
			out = append(out, reportWarning("objects", fix, "%s of clip %s is damaged: %s", d.Key, d.ClipID, d.Reason)...)
		}

		if total > len(some) {
			out = append(out, reportWarning("objects", "Run `tidings audit --bytes`, which names them all.", "%d more are damaged", total-len(some))...)
		}
		return out
	}
}
