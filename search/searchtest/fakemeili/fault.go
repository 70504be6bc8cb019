package fakemeili

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// faults are the faults that are switched on.
type faults struct {
	down    bool
	busy    int           // number of requests still answered 503
	full    bool          // no change is accepted
	stalled chan struct{} // requests wait for it
	paused  bool          // tasks stay enqueued
	fail    []string      // error codes of the next tasks; "canceled" cancels
}

// applyFaults makes a request fail or wait as the faults say. The caller holds
// s.mu.
func (s *Server) applyFaults(c *call) *problem {
	if stalled := s.faults.stalled; stalled != nil {
		s.mu.Unlock()
		select {
		case <-stalled:
		case <-c.Context().Done():
		}
		s.mu.Lock()
	}

	switch {
	case s.faults.down:
		s.mu.Unlock()
		defer s.mu.Lock()

		panic(http.ErrAbortHandler) // closes the connection
	case s.faults.busy > 0:
		s.faults.busy--
		return badRequest("too_many_search_requests", "Too many search requests running at the same time")
	case s.faults.full && c.Method != http.MethodGet && (strings.HasSuffix(c.URL.Path, "/documents") || strings.HasSuffix(c.URL.Path, "/delete")):
		return badRequest("no_space_left_on_device", "Meilisearch cannot receive write operations because the limit of the task database has been reached.")
	}

	return nil
}

func (s *Server) changeFaults(change func(f *faults)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.faults)
	s.changed.Broadcast()
}

// Down closes every connection until Up.
func (s *Server) Down() { s.changeFaults(func(f *faults) { f.down = true }) }

// Up ends Down.
func (s *Server) Up() { s.changeFaults(func(f *faults) { f.down = false }) }

// Busy answers the next n requests with 503.
func (s *Server) Busy(n int) { s.changeFaults(func(f *faults) { f.busy = n }) }

// Full answers changes with 422 while it is on.
func (s *Server) Full(on bool) { s.changeFaults(func(f *faults) { f.full = on }) }

// Pause accepts tasks and runs none until Resume.
func (s *Server) Pause() { s.changeFaults(func(f *faults) { f.paused = true }) }

// Resume ends Pause.
func (s *Server) Resume() { s.changeFaults(func(f *faults) { f.paused = false }) }

// FailTasks fails the next tasks that change documents, one for each code. The
// code "canceled" cancels the task, "" lets it succeed.
func (s *Server) FailTasks(codes ...string) { s.changeFaults(func(f *faults) { f.fail = codes }) }

// Stall blocks all requests until Go.
func (s *Server) Stall() { s.changeFaults(func(f *faults) { f.stalled = make(chan struct{}) }) }

// Go ends Stall.
func (s *Server) Go() { s.changeFaults(func(*faults) { s.endStall() }) }

func (s *Server) endStall() {
	if s.faults.stalled != nil {
		close(s.faults.stalled)
		s.faults.stalled = nil
	}
}

// SetVersion changes the version the server says it has.
func (s *Server) SetVersion(v string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = v
}

// Backup is a copy of the data of a server.
type Backup struct {
	indexes map[string]*index
	keys    []*apiKey
	tasks   []*task
}

// Backup copies the data.
func (s *Server) Backup() Backup {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Backup{indexes: map[string]*index{}, keys: slices.Clone(s.keys), tasks: slices.Clone(s.tasks)}
	for name, x := range s.indexes {
		b.indexes[name] = x.cloneIndex()
	}
	return b
}

// Restore replaces the data by a backup; the zero Backup empties the server.
func (s *Server) Restore(b Backup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indexes = map[string]*index{}
	for name, x := range b.indexes {
		s.indexes[name] = x.cloneIndex()
	}
	s.keys, s.tasks = slices.Clone(b.keys), slices.Clone(b.tasks)
	s.changed.Broadcast()
}

// Crash drops the tasks that have not run.
func (s *Server) Crash() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks = slices.DeleteFunc(s.tasks, func(t *task) bool { return t.Status == "enqueued" })
}

// Enqueued is the number of waiting tasks.
func (s *Server) Enqueued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.countEnqueued()
}

func (s *Server) countEnqueued() (n int) {
	for _, t := range s.tasks {
		if t.Status == "enqueued" {
			n++
		}
	}
	return n
}

// AwaitEnqueued returns when a task waits.
func (s *Server) AwaitEnqueued(t testing.TB) {
	s.awaitChange(t, func() bool { return s.countEnqueued() > 0 })
}

// AwaitDocument returns when an index holds a document.
func (s *Server) AwaitDocument(t testing.TB, name, id string) {
	s.awaitChange(t, func() bool { return s.indexes[name] != nil && s.indexes[name].docs[id] != nil })
}

// awaitChange waits for at most a minute until ok, which it asks after every
// change.
func (s *Server) awaitChange(t testing.TB, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()

		s.changed.Broadcast()
	})()

	s.mu.Lock()
	defer s.mu.Unlock()

	for !ok() {
		if ctx.Err() != nil {
			t.Fatal("Meilisearch never comes into that state")
		}
		s.changed.Wait()
	}
}

// Searches are the bearer tokens of all searches so far.
func (s *Server) Searches() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.searches)
}

// DropKeys deletes all keys but the master key.
func (s *Server) DropKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = nil
}

// Corrupt changes stored documents without a task; change returns nil to delete
// one.
func (s *Server) Corrupt(name string, change func(doc map[string]any) map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()

	x := s.indexes[name].cloneIndex()
	for _, id := range slices.Collect(maps.Keys(x.docs)) {
		if d := change(maps.Clone(x.docs[id].fields)); d == nil {
			delete(x.docs, id)
		} else {
			x.docs[id] = newStored(d, x.docs[id].vectors)
		}
	}

	s.indexes[name] = x
}

// Documents are the stored documents of an index, by id.
func (s *Server) Documents(name string) map[string]map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]map[string]any{}
	if x := s.indexes[name]; x != nil {
		for id, d := range x.docs {
			out[id] = maps.Clone(d.fields)
		}
	}
	return out
}

// AwaitIdle returns when all tasks have run.
func (s *Server) AwaitIdle(t testing.TB) {
	s.awaitChange(t, func() bool {
		return !slices.ContainsFunc(s.tasks, func(t *task) bool { return t.FinishedAt == nil })
	})
}
