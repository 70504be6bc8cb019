package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// refinePause is how long a clip waits for a place to be written again.
const refinePause = 10 * time.Second

// openSpeech makes the engines that the settings name: the built-in one, which
// writes drafts, and those that write refined transcripts. What an engine lacks
// may be installed at any time, so each clip checks anew. Without any engine the
// server runs and reports it.
func (a *app) openSpeech() error {
	routes, err := a.cfg.routes()
	if err != nil {
		return err
	}

	c := transcribe.Config{
		Rows: a.store, Source: a.source, PCM: a.media.PCM, Log: a.log, RefineSlots: a.cfg.RefineSlots, Language: a.cfg.SpeechLanguage, Routes: routes,
		Glossary: a.store.Glossary,
		NoAudio:  func(err error) bool { return errors.Is(err, media.ErrNoAudio) },
	}

	a.engines = a.cfg.engines()
	if a.cfg.usesEngine("worker") {
		a.workers = transcribe.NewRemote(transcribe.RemoteConfig{Wait: a.cfg.WorkerWait, Lease: a.cfg.WorkerLease})
		a.engines = append([]transcribe.ConfiguredEngine{{Engine: a.workers, EngineName: a.workers.Name(), Check: a.workers.CheckWorkers}}, a.engines...)
	}

	if err := c.UseEngines(a.engines, a.log); err != nil {
		return err
	}

	a.scribe = transcribe.New(c)
	return nil
}

// engines makes every engine that the settings name.
func (c *config) engines() []transcribe.ConfiguredEngine {
	var out []transcribe.ConfiguredEngine
	add := func(name string, e transcribe.Engine, err error) {
		out = append(out, transcribe.ConfiguredEngine{Engine: e, EngineName: name, Err: err})
	}

	detector := transcribe.DetectorFile(c.Speech)
	if c.Whisper != "" || c.usesEngine("whisper") {
		add(c.whisper(detector))
	}

	if c.OpenAIURL != "" {
		add(c.openAI(detector))
	}

	if c.Command != "" {
		add(c.program(detector))
	}

	add(transcribe.EngineVosk, &transcribe.Vosk{Files: transcribe.VoskFilesIn(c.Speech), Workers: c.SpeechWorkers}, nil)
	return out
}

func (c *config) openAI(detector string) (string, transcribe.Engine, error) {
	const name = "openai"
	key, err := c.openAIKey()
	if err != nil {
		return name, nil, err
	}
	e, err := transcribe.NewOpenAI(transcribe.OpenAIConfig{URL: c.OpenAIURL, Key: key, Model: c.OpenAIModel, Detector: detector,
		Piece: c.OpenAIPiece, Requests: c.OpenAIRequests, Timeout: c.OpenAITimeout})
	return name, e, err
}

func (c *config) program(detector string) (string, transcribe.Engine, error) {
	const name = "command"
	args, err := transcribe.SplitCommand(c.Command)
	if err != nil {
		return name, nil, err
	}
	e, err := transcribe.NewCommand(transcribe.CommandConfig{Args: args, Model: c.CommandModel, Detector: detector, Dir: filepath.Join(c.Data, "tmp"),
		Piece: c.CommandPiece, Timeout: c.CommandTimeout, Memory: c.CommandMemory, Runs: c.CommandRuns})
	return name, e, err
}

func (c *config) whisper(detector string) (string, transcribe.Engine, error) {
	const name = "whisper"
	e, err := transcribe.NewWhisper(transcribe.WhisperConfig{Program: c.whisperProgram(), Model: c.whisperModel(), Threads: c.WhisperThreads, Detector: detector,
		Dir: filepath.Join(c.Data, "tmp"), Timeout: c.CommandTimeout, Memory: c.CommandMemory, Runs: c.CommandRuns})
	return name, e, err
}

// whisperProgram is whisper-cli of the settings, else of the PATH, else where
// `make whisper` puts it.
func (c *config) whisperProgram() string {
	const usual = "whisper-cli"

	if c.Whisper != "" {
		return c.Whisper
	}
	if _, err := exec.LookPath(usual); err == nil {
		return usual
	}

	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), "whisper", usual)
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}

	return usual
}

// whisperModel is the path of the model: a name in the models folder, or a path.
func (c *config) whisperModel() string {
	if filepath.Base(c.WhisperModel) != c.WhisperModel {
		return c.WhisperModel
	}
	return filepath.Join(c.Models, "ggml-"+c.WhisperModel+".bin")
}

// openAIKey is the key from the settings or from its file.
func (c *config) openAIKey() (string, error) {
	if c.OpenAIKeyFile == "" {
		return c.OpenAIKey, nil
	}
	b, err := os.ReadFile(c.OpenAIKeyFile)
	if err != nil {
		return "", tidings.Wrap(err, tidings.KindInvalid, "The file %s with the key of the speech engine cannot be read.", c.OpenAIKeyFile)
	}
	return strings.TrimSpace(string(b)), nil
}

// transcribeSlots are the clips in the step transcribe at once: those with a
// draft to be written, and those that are written again meanwhile.
func (c *config) transcribeSlots() int {
	if c.Refine == "" && c.SpeechRoute == "" {
		return c.SpeechSlots
	}
	return c.SpeechSlots + c.RefineSlots
}

// transcribe is the step transcribe.
func (a *app) transcribe(ctx context.Context, run tidings.StepRun) error {
	err := a.scribe.Transcribe(ctx, run)
	if errors.Is(err, transcribe.ErrBusy) {
		return jobs.Later(err, refinePause)
	}
	return err
}

// routes are the rules of speech_route, or one for all clips by refine.
func (c *config) routes() ([]transcribe.Route, error) {
	if strings.TrimSpace(c.SpeechRoute) != "" {
		return transcribe.ParseRoutes(c.SpeechRoute)
	}
	if c.Refine != "" {
		return []transcribe.Route{{Engines: []string{c.Refine}}}, nil
	}
	return nil, nil
}

// usesEngine reports whether refine or a route sends clips to the engine.
func (c *config) usesEngine(name string) bool {
	if c.Refine == name {
		return true
	}
	routes, err := c.routes()
	return err == nil && slices.ContainsFunc(routes, func(r transcribe.Route) bool { return slices.Contains(r.Engines, name) })
}

// speechEngines describes the engines for the API.
func (a *app) speechEngines() []tidings.SpeechEngine {
	out := make([]tidings.SpeechEngine, 0, len(a.engines))
	for _, e := range a.engines {
		out = append(out, e.Describe())
	}
	return out
}
