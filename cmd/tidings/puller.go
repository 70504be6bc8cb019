package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"tidings.example/tidings/models"
	"tidings.example/tidings/tidings"
)

// puller fetches models for people who ask by the settings page, one at a time
// of each, and remembers how far it is.
type puller struct {
	models *models.Manager
	used   func() string // path of the model that the settings name
	log    *slog.Logger
	ctx    context.Context // a download outlives the request it began with
	stop   context.CancelFunc

	mu   sync.Mutex
	runs map[string]*pull
	busy sync.WaitGroup
}

// pull is a download under way, or how the last one ended.
type pull struct {
	cancel  context.CancelFunc // nil = it has ended
	done    int64
	failure string
}

func newPuller(ctx context.Context, c *config, log *slog.Logger) *puller {
	ctx, stop := context.WithCancel(ctx)
	return &puller{models: c.manager(), used: c.whisperModel, log: log, ctx: ctx, stop: stop, runs: map[string]*pull{}}
}

// List implements api.Models.
func (p *puller) List() []tidings.SpeechModel {
	p.mu.Lock()
	defer p.mu.Unlock()

	out := []tidings.SpeechModel{}
	for _, e := range p.models.All() {
		m := tidings.SpeechModel{Name: e.Name, Engine: e.Engine, Note: e.Note, Licence: e.Licence, Languages: e.Languages, Bytes: e.Bytes(),
			Used: p.models.Path(e) == p.used() || e.Folder == models.InSpeech, Installed: p.models.Installed(e), Done: p.models.PartialBytes(e)}
		if run := p.runs[e.Name]; run != nil {
			m.Pulling, m.Failure = run.cancel != nil, run.failure
			if m.Pulling {
				m.Done = run.done
			}
		}

		out = append(out, m)
	}

	return out
}

// Pull implements api.Models: it begins a download, which goes on without the
// caller.
func (p *puller) Pull(name string) error {
	e, err := p.models.Find(name)
	if err != nil {
		return tidings.NotFound()
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	if run := p.runs[name]; run != nil && run.cancel != nil {
		return nil
	}

	ctx, cancel := context.WithCancel(p.ctx)
	run := &pull{cancel: cancel, done: p.models.PartialBytes(e)}
	p.runs[name] = run
	p.busy.Go(func() {
		defer cancel()

		err := p.models.Pull(ctx, e, func(done, _ int64) {
			p.mu.Lock()
			run.done = done
			p.mu.Unlock()
		})
		p.ended(e.Name, run, err)
	})

	return nil
}

func (p *puller) ended(name string, run *pull, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()

	switch run.cancel = nil; {
	case err == nil:
		p.log.Info("model fetched", "model", name)
	case errors.Is(err, context.Canceled):
		p.log.Info("download stopped", "model", name)
	default:
		run.failure = tidings.Sentence(err)
		p.log.Warn("model not fetched", "model", name, "error", err)
	}
}

// Remove implements api.Models: a download under way is stopped and what came
// of it kept for the next time; without one, the model is deleted.
func (p *puller) Remove(name string) error {
	e, err := p.models.Find(name)
	if err != nil {
		return tidings.NotFound()
	}

	p.mu.Lock()
	run := p.runs[name]
	if run != nil && run.cancel != nil {
		run.cancel()
		p.mu.Unlock()
		return nil
	}

	delete(p.runs, name)
	p.mu.Unlock()
	return p.models.Remove(e)
}

// close stops all downloads, which can go on later.
func (p *puller) close() {
	p.stop()
	p.busy.Wait()
}
