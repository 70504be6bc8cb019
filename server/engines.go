package server

import (
	"context"
	"errors"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/media"
	"tidings.example/tidings/models"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// refinePause is how long a clip waits for a free refine slot.
const refinePause = 10 * time.Second

// openSpeech makes the engines that the settings name: the built-in one, which
// writes drafts, and those that write refined transcripts. What an engine lacks
// may be installed at any time, so each clip checks anew. Without any engine the
// server runs and reports it.
func (a *App) openSpeech() error {
	routes, err := a.Config.Routes()
	if err != nil {
		return err
	}

	c := transcribe.Config{
		Rows: a.Store, Pieces: a.Store, Source: a.source, PCM: a.media.PCM, Log: a.log, RefineSlots: a.Config.RefineSlots, Language: a.Config.SpeechLanguage, Routes: routes,
		Glossary: a.Store.Glossary,
		NoAudio:  func(err error) bool { return errors.Is(err, media.ErrNoAudio) },
	}

	a.engines = transcribe.OpenServerEngines(a.Config.Settings)
	for _, e := range a.engines {
		if remote, ok := e.Engine.(*transcribe.Remote); ok {
			a.workers = remote
		}
	}

	if err := c.UseEngines(a.engines, a.log); err != nil {
		return err
	}

	a.transcriber = transcribe.New(c)
	return nil
}

// transcribeClip runs the step transcribe, again later when all slots are taken,
// and only a few times more when an engine's answers cannot be read.
func (a *App) transcribeClip(ctx context.Context, run tidings.StepRun) error {
	err := a.transcriber.Transcribe(ctx, run)
	if errors.Is(err, transcribe.ErrBusy) {
		return jobs.RetryAfter(err, refinePause)
	}
	if transcribe.IsUnreadable(err) {
		return jobs.FewTries(err)
	}
	return err
}

// speechEngines describes the engines for the API.
func (a *App) speechEngines() []tidings.SpeechEngine {
	out := make([]tidings.SpeechEngine, 0, len(a.engines))
	for _, e := range a.engines {
		out = append(out, e.Describe())
	}
	return out
}

// ModelManager manages the models in the folders of the settings.
func (c *Config) ModelManager() *models.Manager {
	unsuited := map[string]error{models.WhisperLibrary: c.CheckWhisperLibrary()}
	return models.New(models.Config{Models: c.Models, Speech: c.Speech, Mirror: c.ModelMirror, Unsuited: unsuited})
}
