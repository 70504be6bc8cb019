package jobs

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river/rivertype"

	"tidings.example/tidings/tidings"
)

// What a step's error means. A plain error is tried again after growing
// pauses, maxErrors times in all and over hours: what is out of order for a
// minute must not cost a transcript. RetryAfter puts the step off without counting.
// FewTries makes it maxFewErrors times instead. Permanent, and an error of kind invalid, unsupported_media, too_large or
// damaged, fails the step at once with the sentence of the error. An error of kind
// unavailable (storage, speech engine) is not the clip's fault: it is put off
// for up to an hour before it counts. One of kind storage_full is put off until
// there is space, however long that takes. A step that waits holds no slot.
const (
	maxErrors           = 7
	maxFewErrors        = 4
	firstRetryPause     = 2 * time.Second
	maxRetryPause       = 3 * time.Hour
	unavailablePause    = 10 * time.Second
	maxUnavailablePause = 10 * time.Minute
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

// fewTries wraps an error that is likely to come again.
type fewTries struct{ err error }

func (e *fewTries) Error() string { return e.err.Error() }
func (e *fewTries) Unwrap() error { return e.err }

// FewTries wraps err so that the step runs a few times more and then fails, even
// if err is of kind unavailable.
func FewTries(err error) error { return &fewTries{err} }

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
// failures counts this run and those before it, outages the runs in a row before
// it that ended with kind unavailable; age is the time since the job was
// enqueued.
func judgeError(err error, failures, outages int, age time.Duration) (verdict, time.Duration) {
	var l *retryLater
	var n *permanentError
	var few *fewTries
	kind := tidings.KindOf(err)
	switch {
	case kind == tidings.KindStorageFull:
		return verdictPutOff, storageFullPause
	case errors.As(err, &n):
		return verdictGiveUp, 0
	case errors.As(err, &l):
		return verdictPutOff, l.after
	case errors.As(err, &few) && failures >= maxFewErrors:
		return verdictGiveUp, 0
	case errors.As(err, &few):
		return verdictRetry, 0
	case kind == tidings.KindInvalid, kind == tidings.KindUnsupported, kind == tidings.KindTooLarge, kind == tidings.KindDamaged:
		return verdictGiveUp, 0
	case kind == tidings.KindUnavailable && age < unavailablePatience:
		return verdictPutOff, outagePause(outages)
	case failures >= maxErrors:
		return verdictGiveUp, 0
	}

	return verdictRetry, 0
}

// retryBackoff waits 2 s after the first error, and then six times as long each
// time: 12 s, 72 s, 7 min, 43 min, 3 h.
type retryBackoff struct{}

// NextRetry implements river.ClientRetryPolicy.
func (retryBackoff) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(addJitter(retryPause(len(job.Errors) + 1)))
}

// retryPause is the pause after the n-th error, before jitter.
func retryPause(n int) time.Duration {
	pause := firstRetryPause
	for range n - 1 {
		pause = min(6*pause, maxRetryPause)
	}
	return pause
}

// outagePause is the pause of a step that found something unavailable, after so
// many runs in a row that did: it doubles with each.
func outagePause(outages int) time.Duration {
	pause := unavailablePause
	for range outages {
		pause = min(2*pause, maxUnavailablePause)
	}
	return pause
}

// addJitter makes a pause up to a quarter longer, so that clips which failed
// together do not come back together.
func addJitter(pause time.Duration) time.Duration { return pause + rand.N(pause/4+1) }

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
