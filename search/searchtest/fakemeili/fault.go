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

// faults are what the server suffers from.
type faults struct {
	down    bool
	busy    int           // requests that are answered 503
	full    bool          // no change is accepted
	stalled chan struct{} // requests wait for it
	paused  bool          // tasks stay enqueued
	fail    []string      // codes of the next tasks' errors; "canceled" cancels
}

// suffer lets a request feel what is wrong. It holds s.mu.
func (s *Server) suffer(c *call) *problem {
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

		panic(http.ErrAbortHandler) // the connection is cut
	case s.faults.busy > 0:
		s.faults.busy--
		return bad("too_many_search_requests", "Too many search requests running at the same time")
	case s.faults.full && c.Method != http.MethodGet && (strings.HasSuffix(c.URL.Path, "/documents") || strings.HasSuffix(c.URL.Path, "/delete")):
		return bad("no_space_left_on_device", "Meilisearch cannot receive write operations because the limit of the task database has been reached.")
	}

	return nil
}

func (s *Server) with(change func(f *faults)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.faults)
	s.changed.Broadcast()
}

// Down cuts every connection until Up.
func (s *Server) Down() { s.with(func(f *faults) { f.down = true }) }

// Up ends Down.
func (s *Server) Up() { s.with(func(f *faults) { f.down = false }) }

// Busy answers the next n requests with 503.
func (s *Server) Busy(n int) { s.with(func(f *faults) { f.busy = n }) }

// Full refuses changes with 422 while it is on.
func (s *Server) Full(on bool) { s.with(func(f *faults) { f.full = on }) }

// Pause accepts tasks and works none off, until Resume.
func (s *Server) Pause() { s.with(func(f *faults) { f.paused = true }) }

// Resume ends Pause.
func (s *Server) Resume() { s.with(func(f *faults) { f.paused = false }) }

// FailTasks fails the next tasks that change documents, one for each code.
// The code "canceled" cancels the task, "" lets it through.
func (s *Server) FailTasks(codes ...string) { s.with(func(f *faults) { f.fail = codes }) }

// Stall lets no request go on until Go.
func (s *Server) Stall() { s.with(func(f *faults) { f.stalled = make(chan struct{}) }) }

// Go ends Stall.
func (s *Server) Go() { s.with(func(*faults) { s.endStall() }) }

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

// Backup is what a server held at a time.
type Backup struct {
	indexes map[string]*index
	keys    []*apiKey
	tasks   []*task
}

// Backup copies everything.
func (s *Server) Backup() Backup {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Backup{indexes: map[string]*index{}, keys: slices.Clone(s.keys), tasks: slices.Clone(s.tasks)}
	for name, x := range s.indexes {
		b.indexes[name] = x.clone()
	}
	return b
}

// Restore puts a backup in place of what there is; the zero Backup empties the
// server.
func (s *Server) Restore(b Backup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indexes = map[string]*index{}
	for name, x := range b.indexes {
		s.indexes[name] = x.clone()
	}
	s.keys, s.tasks = slices.Clone(b.keys), slices.Clone(b.tasks)
	s.changed.Broadcast()
}

// Crash loses the tasks that were not worked off.
func (s *Server) Crash() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks = slices.DeleteFunc(s.tasks, func(t *task) bool { return t.Status == "enqueued" })
}

// Enqueued is how many tasks wait.
func (s *Server) Enqueued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enqueued()
}

func (s *Server) enqueued() (n int) {
	for _, t := range s.tasks {
		if t.Status == "enqueued" {
			n++
		}
	}
	return n
}

// AwaitEnqueued returns when a task waits.
func (s *Server) AwaitEnqueued(t testing.TB) { s.await(t, func() bool { return s.enqueued() > 0 }) }

// AwaitDocument returns when an index holds a document.
func (s *Server) AwaitDocument(t testing.TB, name, id string) {
	s.await(t, func() bool { return s.indexes[name] != nil && s.indexes[name].docs[id] != nil })
}

// await looks whenever something has changed, for a minute.
func (s *Server) await(t testing.TB, ok func() bool) {
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

// Corrupt drops or changes stored documents behind everybody's back: change
// answers nil to drop one.
func (s *Server) Corrupt(name string, change func(doc map[string]any) map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()

	x := s.indexes[name].clone()
	for _, id := range slices.Collect(maps.Keys(x.docs)) {
		if d := change(maps.Clone(x.docs[id].fields)); d == nil {
			delete(x.docs, id)
		} else {
			x.docs[id] = newStored(d)
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
