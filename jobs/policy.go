package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river/rivertype"

	"tidings.example/tidings/tidings"
)

// What a step's error means. A plain error is tried again after growing
// pauses, maxErrors times in all. RetryAfter puts the step off without counting.
// Permanent, and an error of kind invalid, unsupported_media, too_large or
// damaged, fails the step at once with the sentence of the error. An error of kind
// unavailable (storage, speech engine) is not the clip's fault: it is put off
// for up to an hour before it counts. One of kind storage_full is put off until
// there is space, however long that takes.
const (
	maxErrors           = 5
	unavailablePause    = 10 * time.Second
	unavailablePatience = time.Hour
	storageFullPause    = 10 * time.Second
)

// retryLater wraps an error after which the step runs again without counting an
// attempt.
type retryLater struct {
	err   error
	after time.Duration
}

func (e *retryLater) Error() string { return e.err.Error() }
func (e *retryLater) Unwrap() error { return e.err }

// RetryAfter wraps err so that the step runs again after a while, without counting an
// attempt.
func RetryAfter(err error, after time.Duration) error { return &retryLater{err, after} }

// permanentError wraps an error that every retry would meet again.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// Permanent wraps err so that the step fails at once with its sentence.
func Permanent(err error) error { return &permanentError{err} }

// verdict is how a failed run continues.
type verdict string

const (
	verdictRetry  verdict = "try again" // counts an attempt; retryBackoff sets the pause
	verdictPutOff verdict = "put off"   // counts no attempt
	verdictGiveUp verdict = "give up"
)

// judgeError classifies the error of a run, and returns the pause of putOff.
// failures counts this run and those before it; age is the time since the job
// was enqueued.
func judgeError(err error, failures int, age time.Duration) (verdict, time.Duration) {
	var l *retryLater
	var n *permanentError
	kind := tidings.KindOf(err)
	switch {
	case kind == tidings.KindStorageFull:
		return verdictPutOff, storageFullPause
	case errors.As(err, &n):
		return verdictGiveUp, 0
	case errors.As(err, &l):
		return verdictPutOff, l.after
	case kind == tidings.KindInvalid, kind == tidings.KindUnsupported, kind == tidings.KindTooLarge, kind == tidings.KindDamaged:
		return verdictGiveUp, 0
	case kind == tidings.KindUnavailable && age < unavailablePatience:
		return verdictPutOff, unavailablePause
	case failures >= maxErrors:
		return verdictGiveUp, 0
	}

	return verdictRetry, 0
}

// retryBackoff waits 1, 4, 9, 16 … seconds, at most two minutes.
type retryBackoff struct{}

// NextRetry implements river.ClientRetryPolicy.
func (retryBackoff) NextRetry(job *rivertype.JobRow) time.Time {
	n := len(job.Errors) + 1
	return time.Now().Add(min(time.Duration(n*n)*time.Second, 2*time.Minute))
}

// warningsOnly drops River's records below the level of warnings: its starts and
// stops, and its reports of failed jobs, which are logged here with clip and
// step.
func warningsOnly(log *slog.Logger) *slog.Logger {
	return slog.New(levelFilter{log.Handler(), slog.LevelWarn})
}

// levelFilter passes records of at least a level.
type levelFilter struct {
	slog.Handler
	least slog.Level
}

// Enabled implements slog.Handler.
func (f levelFilter) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= f.least && f.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (f levelFilter) WithAttrs(as []slog.Attr) slog.Handler {
	return levelFilter{f.Handler.WithAttrs(as), f.least}
}

// WithGroup implements slog.Handler.
func (f levelFilter) WithGroup(name string) slog.Handler {
	return levelFilter{f.Handler.WithGroup(name), f.least}
}
