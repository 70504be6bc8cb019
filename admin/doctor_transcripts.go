package admin

import (
	"context"

	"tidings.example/tidings/tidings"
)

// shownFailures is how many transcriptions doctor names.
const shownFailures = 3

// CheckTranscripts reports the transcriptions that were given up.
func CheckTranscripts(c DataChecks) Check {
	return func(ctx context.Context) (out []Finding) {
		total, some, err := c.FailedTranscripts(ctx, shownFailures)
		switch {
		case tidings.KindOf(err) == tidings.KindNotFound:
			return nil
		case err != nil:
			return reportWarning("transcripts", "Start the server once, which brings the database up to date; if it stays, see the line of the database.", "what has failed cannot be read: %v", err)
		case total == 0:
			return reportOK("transcripts", "none was given up")
		}

		for _, f := range some {
			out = append(out, reportWarning("transcripts", "Once the cause is gone, press \"Try again\" on the clip's page (/c/"+string(f.ClipID)+") or POST /api/v1/clips/"+string(f.ClipID)+"/retry.",
				"that of clip %s was given up: %s", f.ClipID, f.Reason)...)
		}

		if total > len(some) {
			out = append(out, reportWarning("transcripts", "The metric tidings_jobs{queue=\"transcribe\",state=\"failed\"} counts them.", "%d more were given up", total-len(some))...)
		}
		return out
	}
}
