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

	mu      sync.Mutex
	pulls   map[string]*pullState
	running sync.WaitGroup
}

// pullState is a running download, or the outcome of the last one.
type pullState struct {
	cancel  context.CancelFunc // nil = it has ended
	done    int64              // bytes
	failure string
}

// NewPuller returns a Puller whose downloads end with ctx. usedPaths are
// the paths of the models that the settings name.
func NewPuller(ctx context.Context, m *Manager, usedPaths []string, log *slog.Logger) *Puller {
	return &Puller{models: m, usedPaths: usedPaths, log: log, ctx: ctx, pulls: map[string]*pullState{}}
}

// List implements api.Models.
func (p *Puller) List() []tidings.SpeechModel {
	p.mu.Lock()
	defer p.mu.Unlock()

	out := []tidings.SpeechModel{}
	for _, e := range p.models.All() {
		m := tidings.SpeechModel{Name: e.Name, Engine: e.Engine, Note: e.Note, Licence: e.Licence, Languages: e.Languages, Bytes: e.Bytes(),
			Used: slices.Contains(p.usedPaths, p.models.Path(e)) || e.Folder == InSpeech, Installed: p.models.Installed(e), Done: p.models.PartialBytes(e)}
		if d := p.pulls[e.Name]; d != nil {
			m.Pulling, m.Failure = d.cancel != nil, d.failure
			if m.Pulling {
				m.Done = d.done
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

	p.mu.Lock()
	defer p.mu.Unlock()

	if d := p.pulls[name]; d != nil && d.cancel != nil {
		return nil
	}

	ctx, cancel := context.WithCancel(p.ctx)
	d := &pullState{cancel: cancel, done: p.models.PartialBytes(e)}
	p.pulls[name] = d
	p.running.Go(func() {
		defer cancel()

		err := p.models.Pull(ctx, e, func(done, _ int64) {
			p.mu.Lock()
			d.done = done
			p.mu.Unlock()
		})
		p.finishDownload(e.Name, d, err)
	})

	return nil
}

func (p *Puller) finishDownload(name string, d *pullState, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()

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
