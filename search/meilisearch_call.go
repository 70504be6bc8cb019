package search

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/tidings"
)

// Requests are sent at most three times while the server is busy or unreachable.
// All of them may be repeated: documents are replaced as a whole.
const (
	maxRequests = 3
	firstPause  = 50 * time.Millisecond // then four times as long
)

// callRetrying sends a request and retries transient errors.
func (m *Meilisearch) callRetrying(ctx context.Context, send func(ctx context.Context) error) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := send(ctx)
		if err == nil || try == maxRequests || !isTransient(err) {
			return err
		}
		if werr := contextio.Sleep(ctx, pause); werr != nil {
			return err
		}

		pause *= 4
	}
}

// isTransient reports whether a request may succeed if it is sent again at once.
func isTransient(err error) bool {
	var e *meilisearch.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return e.ErrCode == meilisearch.MeilisearchCommunicationError && !errors.Is(e.OriginError, context.Canceled)
}

// errorCode is Meilisearch's code of an error, "" if it has none.
func errorCode(err error) string {
	var e *meilisearch.Error
	var t *taskError
	switch {
	case errors.As(err, &e):
		return e.MeilisearchApiError.Code
	case errors.As(err, &t):
		return t.code
	}
	return ""
}

// classifyError gives an error its kind and a sentence for the caller. An error
// about a single document keeps no kind. If the keys or indexes of the
// connection are invalid, the connection is dropped: the next call connects
// anew.
func (m *Meilisearch) classifyError(ctx context.Context, l *meiliLink, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}

	var known *tidings.Error
	if errors.As(err, &known) {
		return err
	}

	unavailable := func(sentence string) error { return tidings.Wrap(err, tidings.KindUnavailable, "%s", sentence) }
	if errorCode(err) == "index_not_found" { // of a request or of its task
		m.link.CompareAndSwap(l, nil)
		return unavailable("The search index is gone and is made again.")
	}

	var e *meilisearch.Error
	if !errors.As(err, &e) {
		var t *taskError
		if errors.As(err, &t) {
			return t.classifyRefusal()
		}
		return unavailable("The search server does not answer.")
	}

	switch e.MeilisearchApiError.Code {
	case "no_space_left_on_device", "too_many_open_files":
		return unavailable("The search server has no room left.")
	case "missing_master_key":
		return unavailable("Meilisearch runs without a master key, so nobody's rights would be kept; start it with one.")
	case "invalid_api_key", "missing_authorization_header", "api_key_not_found":
		m.link.CompareAndSwap(l, nil)
		return unavailable("The search server does not accept our key.")
	}

	switch {
	case e.StatusCode == 0, e.ErrCode == meilisearch.ErrCodeResponseUnmarshalBody:
		return unavailable("The search server does not answer.")
	case e.StatusCode == http.StatusUnauthorized, e.StatusCode == http.StatusForbidden:
		m.link.CompareAndSwap(l, nil)
		return unavailable("The search server does not accept our key.")
	case isTransient(err):
		return unavailable("The search server is busy.")
	case e.StatusCode >= http.StatusInternalServerError:
		return unavailable("The search server has failed.")
	}

	return err
}

// taskError is the error of a task that failed or was canceled.
type taskError struct {
	uid           int64
	status        meilisearch.TaskStatus
	code, message string
	kind          string // Meilisearch's "type": invalid_request, internal, system …
}

func (t *taskError) Error() string {
	return fmt.Sprintf("search: task %d %s: %s %s", t.uid, t.status, t.code, t.message)
}

// classifyRefusal returns the error of a refused document as it is, and all others, which
// may succeed when they are sent again, as KindUnavailable.
func (t *taskError) classifyRefusal() error {
	switch {
	case t.status == meilisearch.TaskStatusCanceled:
		return tidings.Wrap(t, tidings.KindUnavailable, "The search server's task was canceled; it will be sent again.")
	case t.code == "no_space_left_on_device":
		return tidings.Wrap(t, tidings.KindUnavailable, "The search server has no room left.")
	case t.kind == "invalid_request":
		return t
	}
	return tidings.Wrap(t, tidings.KindUnavailable, "The search server could not index.")
}

// awaitTask waits until a task has succeeded, at most TaskTimeout.
func (m *Meilisearch) awaitTask(ctx context.Context, by meilisearch.ServiceManager, uid int64) error {
	m.noteTask(uid)
	deadline := time.Now().Add(m.cfg.TaskTimeout)
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		var task *meilisearch.Task
		err := m.callRetrying(ctx, func(ctx context.Context) (err error) { task, err = by.GetTaskWithContext(ctx, uid); return err })
		if errorCode(err) == "task_not_found" {
			m.startEpoch("it does not know a task it had accepted")
			return tidings.Wrap(err, tidings.KindUnavailable, "The search server has lost a change; it will be sent again.")
		}
		if err != nil {
			return err
		}

		switch task.Status {
		case meilisearch.TaskStatusSucceeded:
			return nil
		case meilisearch.TaskStatusFailed, meilisearch.TaskStatusCanceled:
			return &taskError{uid: uid, status: task.Status, code: task.Error.Code, message: task.Error.Message, kind: task.Error.Type}
		}

		if time.Now().After(deadline) {
			return tidings.Errorf(tidings.KindUnavailable, "The search server has not indexed a change within %s.", m.cfg.TaskTimeout)
		}
		if err := contextio.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// noteTask records the id of a task for detectLoss.
func (m *Meilisearch) noteTask(uid int64) {
	for {
		known := m.lastTask.Load()
		if uid < known || m.lastTask.CompareAndSwap(known, uid+1) {
			return
		}
	}
}

// changeDocuments sends a change of documents and waits until it is searchable.
// If that times out, the next change waits for the same task first, so that a
// slow server does not get the same change again and again. The caller holds
// writeLock.
func (m *Meilisearch) changeDocuments(ctx context.Context, l *meiliLink, send func(ctx context.Context) (*meilisearch.TaskInfo, error)) error {
	if m.pending != 0 {
		err := m.awaitTask(ctx, l.writer, m.pending-1)
		var done *taskError
		if err != nil && !errors.As(err, &done) && errorCode(err) != "task_not_found" {
			return err
		}
		m.pending = 0
	}

	var task *meilisearch.TaskInfo
	if err := m.callRetrying(ctx, func(ctx context.Context) (err error) { task, err = send(ctx); return err }); err != nil {
		return err
	}

	m.pending = task.TaskUID + 1
	err := m.awaitTask(ctx, l.writer, task.TaskUID)
	var done *taskError
	if err == nil || errors.As(err, &done) || errorCode(err) == "task_not_found" {
		m.pending = 0
	}

	return err
}
