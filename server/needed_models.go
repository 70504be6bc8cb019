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
// fetched; none when no clip goes to it, or when there is no library for this
// machine and no program was named.
func (c *Config) neededModels(m *models.Manager) (out []models.Model) {
	if !c.hasRole("transcribe") || !c.Uses(whisperEngine) {
		return nil
	}

	names := []string{"silero-vad-v6", models.WhisperLibrary, c.WhisperModelName()}
	if c.Whisper != "" {
		names = slices.Delete(names, 1, 2)
	}

	for _, name := range names {
		e, err := m.Find(name)
		switch {
		case err == nil:
			out = append(out, e)
		case name == models.WhisperLibrary:
			return nil
		}
	}

	return out
}

// startFetching downloads, in the background, what the engine whisper lacks.
func (a *App) startFetching(ctx context.Context) {
	manager := a.Config.ModelManager()
	needed := a.Config.neededModels(manager)
	a.addFetchMetrics(manager, needed)
	if !a.Config.FetchModels || len(needed) == 0 {
		return
	}

	missing := manager.Progress(needed)
	if missing.Total > 0 {
		a.log.Info("fetching what better transcripts need", "bytes", missing.Total-missing.Done)
	}
	go a.modelPuller.FetchNeeded(ctx, needed, models.UsualPauses)
}

// addFetchMetrics adds what is missing of the needed models.
func (a *App) addFetchMetrics(manager *models.Manager, needed []models.Model) {
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
	needed := c.neededModels(manager)
	s := tidings.FetchState{Needed: len(needed) > 0, Enabled: c.FetchModels}

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
	return e.Name == whisperEngine && e.Missing != "" && c.Refine == transcribe.RefineAuto && (len(s.Missing) > 0 || !s.Needed)
}
