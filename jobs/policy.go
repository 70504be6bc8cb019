package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river/rivertype"

	"tidings"
)

// backoff waits 1, 4, 9, 16 … seconds, at most two minutes.
type backoff struct{}

// NextRetry implements river.ClientRetryPolicy.
func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	n := len(job.Errors) + 1
	return time.Now().Add(min(time.Duration(n*n)*time.Second, 2*time.Minute))
}

func levelOf(s tidings.StepState) slog.Level {
	if s == tidings.StepFailed {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// levelFilter passes records of at least a level on.
type levelFilter struct {
	slog.Handler
	least slog.Level
}

// Enabled implements slog.Handler.
func (f levelFilter) Enabled(_ context.Context, l slog.Level) bool { return l >= f.least }

// WithAttrs implements slog.Handler.
func (f levelFilter) WithAttrs(as []slog.Attr) slog.Handler {
	return levelFilter{f.Handler.WithAttrs(as), f.least}
}

// WithGroup implements slog.Handler.
func (f levelFilter) WithGroup(name string) slog.Handler {
	return levelFilter{f.Handler.WithGroup(name), f.least}
}
