package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// refinePause is how long a clip waits for a place to be written again.
const refinePause = 10 * time.Second

// engine is a speech engine of the settings, or why it is not there.
type engine struct {
	transcribe.Engine
	name    string
	missing error
	absent  func() error // asked for people only: what it lacks just now; nil = transcribe.Ready
}

// openSpeech makes the engines that the settings name: the built-in one, which
// writes drafts, and those that write better transcripts. What one lacks may come
// at any time, by the settings page or by hand: it is asked for each clip anew.
// Without any engine the product runs and says so.
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
	if a.cfg.names("worker") {
		a.workers = transcribe.NewRemote(transcribe.RemoteConfig{Wait: a.cfg.WorkerWait, Lease: a.cfg.WorkerLease})
		a.engines = append([]engine{{Engine: a.workers, name: a.workers.Name(), absent: a.workers.Absent}}, a.engines...)
	}

	for _, e := range a.engines {
		switch {
		case e.missing != nil && tidings.KindOf(e.missing) != tidings.KindUnavailable: // the settings are wrong
			return fmt.Errorf("speech engine %s: %w", e.name, e.missing)
		case e.missing != nil:
			a.log.Warn("a speech engine is not there", "engine", e.name, "reason", tidings.Sentence(e.missing))
			continue
		case e.name == builtIn:
			c.Engine = e.Engine
		default:
			c.Others = append(c.Others, e.Engine)
		}

		if err := transcribe.Ready(e.Engine); err != nil {
			a.log.Warn("a speech engine waits for what it lacks", "engine", e.name, "reason", tidings.Sentence(err))
		}
	}

	a.scribe = transcribe.New(c)
	return nil
}

// builtIn is the name of the engine that writes drafts.
const builtIn = "vosk"

// engines makes every engine that the settings name.
func (c *config) engines() []engine {
	var out []engine
	add := func(name string, e transcribe.Engine, err error) {
		out = append(out, engine{Engine: e, name: name, missing: err})
	}

	detector := transcribe.DetectorFile(c.Speech)
	if c.Whisper != "" || c.names("whisper") {
		add(c.whisper(detector))
	}

	if c.OpenAIURL != "" {
		add(c.openAI(detector))
	}

	if c.Command != "" {
		add(c.program(detector))
	}

	add(builtIn, &transcribe.Child{Files: transcribe.FilesIn(c.Speech), Workers: c.SpeechWorkers}, nil)
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

// speechEngines are the engines as people choose them.
func (a *app) speechEngines() []tidings.SpeechEngine {
	out := make([]tidings.SpeechEngine, 0, len(a.engines))
	for _, e := range a.engines {
		out = append(out, e.shown())
	}
	return out
}

func (e engine) shown() tidings.SpeechEngine {
	s := tidings.SpeechEngine{Name: e.name, Live: e.name == builtIn}
	err := e.missing
	if e.Engine != nil && (err == nil || s.Live) { // one that is not there has nothing to tell of itself
		caps := e.Caps()
		s.Model, s.Languages, s.Punctuation, s.WordTimes, s.Remote = e.Model(), caps.Languages, caps.Punctuation, caps.WordTimes, caps.Remote
	}

	switch {
	case err != nil:
	case e.absent != nil:
		err = e.absent()
	default:
		err = transcribe.Ready(e.Engine)
	}

	if err != nil {
		s.Missing = tidings.Sentence(err)
	}

	return s
}

// speech is what the doctor says of the engines.
func speech(cfg config) []finding {
	var out []finding
	for _, e := range cfg.engines() {
		s := e.shown()
		f := finding{"speech", "ok", fmt.Sprintf("%s, model %s; on this machine", s.Name, s.Model)}
		switch {
		case s.Missing != "":
			f.State, f.Text = "warn", s.Name+": "+s.Missing
		case s.Live:
			f.Text += ", in " + cfg.Speech
		case s.Remote:
			f.Text = fmt.Sprintf("%s, model %s; the sound of clips leaves this machine", s.Name, s.Model)
		}

		out = append(out, f)
	}

	routes, err := cfg.routes()
	if err != nil {
		return append(out, finding{"routes", "fail", tidings.Sentence(err)})
	}

	for _, r := range routes {
		out = append(out, finding{"routes", "ok", describeRoute(r)})
	}

	return out
}
