package models

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"tidings.example/tidings/tidings"
)

// silentServer never answers until its request ends.
type silentServer struct{ asked chan struct{} }

// Do implements Fetcher.
func (d silentServer) Do(r *http.Request) (*http.Response, error) {
	d.asked <- struct{}{}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestPuller: a requested download continues in the background until it is
// cancelled or the process ends.
func TestPuller(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()

	asked := make(chan struct{}, 10)
	m := New(Config{Models: dir, Speech: t.TempDir(), Fetch: silentServer{asked}})
	p := NewPuller(ctx, m, []string{filepath.Join(dir, "ggml-base-q8_0.bin")}, slog.New(slog.DiscardHandler))
	see := func(name string) tidings.SpeechModel {
		for _, m := range p.List() {
			if m.Name == name {
				return m
			}
		}
		t.Fatalf("no %s", name)
		return tidings.SpeechModel{}
	}

	if err := p.Pull("nothing"); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("%v", err)
	}

	for range 2 { // the second time it is under way
		if err := p.Pull("base-q8_0"); err != nil {
			t.Fatal(err)
		}
	}

	<-asked

	if m := see("base-q8_0"); !m.Pulling || !m.Used || m.Installed || m.Bytes != 81_768_585 || see("tiny").Used {
		t.Errorf("%+v", m)
	}

	if err := p.Remove("base-q8_0"); err != nil {
		t.Fatal(err)
	}

	p.running.Wait()

	if m := see("base-q8_0"); m.Pulling || m.Failure != "" {
		t.Errorf("stopped: %+v", m)
	}

	if err := p.Pull("tiny"); err != nil {
		t.Fatal(err)
	}

	<-asked
	stop()
	p.running.Wait()

	if m := see("tiny"); m.Pulling {
		t.Errorf("at the end: %+v", m)
	}

	if err := context.Cause(p.ctx); err == nil {
		t.Error("it goes on")
	}
}
