package models

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"tidings.example/tidings/tidings"
)

// Puller downloads models in the background for the settings page, one
// download at a time for each model, and reports their progress.
type Puller struct {
	models    *Manager
	usedPaths []string // of the models that the settings name
	log       *slog.Logger
	ctx       context.Context // downloads outlive the requests that start them

	wake chan struct{} // ends a pause of FetchNeeded

	mu      sync.Mutex
	pulls   map[string]*pullState
	needed  map[string]bool // models that are downloaded without a request
	running sync.WaitGroup
}

// pullState is a running download, or the outcome of the last one.
type pullState struct {
	cancel      context.CancelFunc // nil = it has ended
	done, total int64              // bytes
	failure     string
	ended       chan struct{}
	err         error // once it has ended
}

// NewPuller returns a Puller whose downloads end with ctx. usedPaths are
// the paths of the models that the settings name.
func NewPuller(ctx context.Context, m *Manager, usedPaths []string, log *slog.Logger) *Puller {
	return &Puller{models: m, usedPaths: usedPaths, log: log, ctx: ctx, wake: make(chan struct{}, 1), pulls: map[string]*pullState{}, needed: map[string]bool{}}
}

// List implements api.Models.
func (p *Puller) List() []tidings.SpeechModel {
	p.mu.Lock()
	defer p.mu.Unlock()

	out := []tidings.SpeechModel{}
	for _, e := range p.models.All() {
		done, total := p.models.modelProgress(e)
		m := tidings.SpeechModel{Name: e.Name, Engine: e.Engine, Note: e.Note, Licence: e.Licence, Languages: e.Languages, Bytes: total, Done: done,
			Used: slices.Contains(p.usedPaths, p.models.Path(e)) || e.Folder == InSpeech || p.needed[e.Name], Automatic: p.needed[e.Name], Installed: p.models.Installed(e)}
		if d := p.pulls[e.Name]; d != nil {
			m.Pulling, m.Failure = d.cancel != nil, d.failure
			if m.Pulling && d.total > 0 {
				m.Done, m.Bytes = d.done, d.total
			}
		}

		out = append(out, m)
	}

	return out
}

// Pull implements api.Models: it starts a download, which does not end with the
// request. It does nothing when the model is being downloaded already.
func (p *Puller) Pull(name string) error {
	e, err := p.models.Find(name)
	if err != nil {
		return tidings.NotFound()
	}

	p.startPull(e)
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return nil
}

// startPull starts a download, unless the model is being downloaded already.
func (p *Puller) startPull(e Model) *pullState {
	p.mu.Lock()
	defer p.mu.Unlock()

	if d := p.pulls[e.Name]; d != nil && d.cancel != nil {
		return d
	}

	ctx, cancel := context.WithCancel(p.ctx)
	d := &pullState{cancel: cancel, ended: make(chan struct{})}
	p.pulls[e.Name] = d
	p.running.Go(func() {
		defer close(d.ended)
		defer cancel()

		err := p.models.Pull(ctx, e, func(done, total int64) {
			p.mu.Lock()
			d.done, d.total = done, total
			p.mu.Unlock()
		})
		p.finishDownload(e.Name, d, err)
	})

	return d
}

func (p *Puller) finishDownload(name string, d *pullState, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()

	d.err = err
	switch d.cancel = nil; {
	case err == nil:
		p.log.Info("model fetched", "model", name)
	case errors.Is(err, context.Canceled):
		p.log.Info("download stopped", "model", name)
	default:
		d.failure = tidings.Sentence(err)
		p.log.Warn("model not fetched", "model", name, "error", err)
	}
}

// Remove implements api.Models: it stops a running download, whose bytes are
// kept for the next one; without a download it deletes the model.
func (p *Puller) Remove(name string) error {
	e, err := p.models.Find(name)
	if err != nil {
		return tidings.NotFound()
	}

	p.mu.Lock()
	d := p.pulls[name]
	if d != nil && d.cancel != nil {
		d.cancel()
		p.mu.Unlock()
		return nil
	}

	delete(p.pulls, name)
	p.mu.Unlock()
	return p.models.Remove(e)
}
