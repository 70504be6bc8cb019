package server

import (
	"context"
	"slices"

	"tidings.example/tidings/models"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// whisperEngine is the engine whose files are fetched in the background.
const whisperEngine = "whisper"

// neededModels are what the engine whisper needs, in the order in which they are
// fetched; none when no clip goes to it. An error says why it cannot work on this
// machine, for which nothing is fetched.
func (c *Config) neededModels(m *models.Manager) (out []models.Model, err error) {
	if !c.hasRole("transcribe") || !c.Uses(whisperEngine) {
		return nil, nil
	}

	library, err := c.NeedsWhisperLibrary()
	if err != nil {
		return nil, err
	}

	names := []string{"silero-vad-v6", models.WhisperLibrary, c.WhisperModelName()}
	if !library {
		names = slices.Delete(names, 1, 2)
	}
	for _, name := range names {
		if e, err := m.Find(name); err == nil { // a model may be a path
			out = append(out, e)
		}
	}

	return out, nil
}

// startFetching downloads, in the background, what the engine whisper lacks.
func (a *App) startFetching(ctx context.Context) {
	manager := a.Config.ModelManager()
	needed, unsuited := a.Config.neededModels(manager)
	a.addFetchMetrics(manager, needed, unsuited != nil)
	if !a.Config.FetchModels || len(needed) == 0 {
		return
	}

	missing := manager.Progress(needed)
	if missing.Total > 0 {
		a.log.Info("fetching what better transcripts need", "bytes", missing.Total-missing.Done)
	}
	go a.modelPuller.FetchNeeded(ctx, needed, models.UsualPauses)
}

// addFetchMetrics adds what is missing of the needed models, and whether this
// machine is unsuited to them.
func (a *App) addFetchMetrics(manager *models.Manager, needed []models.Model, unsuited bool) {
	a.metrics.AddGauge("tidings_speech_machine_unsuited", "1 where nothing is downloaded, because Whisper's library is not made for this machine.", func() float64 {
		if unsuited {
			return 1
		}
		return 0
	})
	a.metrics.AddGauge("tidings_speech_files_missing_bytes", "Bytes still to be downloaded for the default speech engine.", func() float64 {
		p := manager.Progress(needed)
		return float64(p.Total - p.Done)
	})
	a.metrics.AddGauge("tidings_speech_files_failed", "1 while the last download for the default speech engine failed.", func() float64 {
		if manager.FetchFailure() == nil {
			return 0
		}
		return 1
	})
}

// fetchState describes the needed models to `tidings doctor`.
func (c *Config) fetchState() tidings.FetchState {
	manager := c.ModelManager()
	needed, unsuited := c.neededModels(manager)
	s := tidings.FetchState{Needed: len(needed) > 0, Unsuited: unsuited != nil, Enabled: c.FetchModels}

	for _, e := range needed {
		if !manager.Installed(e) {
			s.Missing = append(s.Missing, e.Name)
		}
	}

	p := manager.Progress(needed)
	s.Done, s.Total = p.Done, p.Total
	if f := manager.FetchFailure(); f != nil {
		s.Failure, s.RetryAt = f.Reason, f.RetryAt
	}

	return s
}

// isExpected reports whether an engine lacks only what is being fetched, or what
// nobody asked for: that is told once, by the check of the files.
func (c *Config) isExpected(e tidings.SpeechEngine, s tidings.FetchState) bool {
	return e.Name == whisperEngine && e.Missing != "" && c.Refine == transcribe.RefineAuto && !s.Unsuited && (len(s.Missing) > 0 || !s.Needed)
}
