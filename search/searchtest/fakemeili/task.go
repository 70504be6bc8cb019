package fakemeili

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// task is a change that is applied after it was accepted.
type task struct {
	UID        int64      `json:"uid"`
	IndexUID   *string    `json:"indexUid"`
	Type       string     `json:"type"`
	Status     string     `json:"status"`
	Error      *problem   `json:"error"`
	EnqueuedAt time.Time  `json:"enqueuedAt"`
	StartedAt  *time.Time `json:"startedAt"`
	FinishedAt *time.Time `json:"finishedAt"`

	do func() *problem
}

// enqueueTask accepts a change. name is "" if it concerns several indexes.
func (s *Server) enqueueTask(name, kind string, do func() *problem) (int, any, *problem) {
	t := &task{Type: kind, Status: "enqueued", EnqueuedAt: time.Now(), do: do}
	if name != "" {
		t.IndexUID = &name
	}
	if n := len(s.tasks); n > 0 {
		t.UID = s.tasks[n-1].UID + 1
	}
	s.tasks = append(s.tasks, t)
	s.changed.Broadcast()
	return http.StatusAccepted, map[string]any{"taskUid": t.UID, "indexUid": t.IndexUID, "status": t.Status, "type": t.Type, "enqueuedAt": t.EnqueuedAt}, nil
}

// runTasks applies the changes in the order in which they were accepted.
func (s *Server) runTasks() {
	s.mu.Lock()
	defer s.mu.Unlock()

	for !s.closed {
		t := s.nextTask()
		if t == nil {
			s.changed.Wait()
			continue
		}

		now := time.Now()
		t.Status, t.StartedAt = "processing", &now
		s.mu.Unlock() // so that requests see the task as processing
		s.mu.Lock()
		s.finishTask(t)
	}
}

func (s *Server) nextTask() *task {
	if s.faults.paused {
		return nil
	}
	for _, t := range s.tasks {
		if t.Status == "enqueued" {
			return t
		}
	}
	return nil
}

func (s *Server) finishTask(t *task) {
	defer s.changed.Broadcast()

	now := time.Now()
	t.FinishedAt = &now
	if len(s.faults.fail) > 0 && (t.Type == "documentAdditionOrUpdate" || t.Type == "documentDeletion") {
		code := s.faults.fail[0]
		s.faults.fail = s.faults.fail[1:]

		switch code {
		case "":
		case "canceled":
			t.Status = "canceled"
			return
		default:
			t.Status, t.Error = "failed", badRequest(code, "told to fail")
			return
		}
	}

	if t.Error = t.do(); t.Error != nil {
		t.Status = "failed"
		return
	}

	t.Status = "succeeded"
}

// canSeeTask reports whether a caller may see a task: a key that is limited to
// some indexes sees only their tasks.
func (c *call) canSeeTask(t *task) bool {
	return c.key == nil || c.key.allowsAllIndexes() || t.IndexUID != nil && c.key.allowsIndex(*t.IndexUID)
}

func (s *Server) getTask(c *call) (int, any, *problem) {
	uid, err := strconv.ParseInt(c.PathValue("task"), 10, 64)
	if err != nil {
		return 0, nil, badRequest("invalid_task_uids", "the task is no number")
	}
	for _, t := range s.tasks {
		if t.UID == uid && c.canSeeTask(t) {
			return http.StatusOK, *t, nil
		}
	}
	return 0, nil, badRequest("task_not_found", "Task `"+c.PathValue("task")+"` not found.")
}

func (s *Server) getTasks(c *call) (int, any, *problem) {
	limit, err := strconv.Atoi(c.URL.Query().Get("limit"))
	if err != nil {
		limit = 20
	}

	out := []task{}
	for i := len(s.tasks) - 1; i >= 0 && len(out) < limit; i-- {
		if c.canSeeTask(s.tasks[i]) {
			out = append(out, *s.tasks[i])
		}
	}

	return http.StatusOK, map[string]any{"results": out, "limit": limit, "total": len(out)}, nil
}

// decodeStrict decodes a request; an unknown field is an error.
func decodeStrict(body []byte, to any) *problem {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return badRequest("bad_request", err.Error())
	}
	return nil
}
