package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings"
	"tidings/jobs"
	"tidings/media"
	"tidings/transcribe"
)

// refinePause is how long a clip with a draft waits for a place to be refined.
const refinePause = 10 * time.Second

// openSpeech finds the built-in engine, which writes drafts, and makes the one
// that refines them, if the settings name one. Where there is no built-in
// engine the other one writes from the start; without any the product runs and
// says so.
func (a *app) openSpeech() error {
	c := transcribe.Config{
		Rows: a.store, Source: a.source, PCM: a.media.PCM, Log: a.log, RefineSlots: a.cfg.RefineSlots, Language: a.cfg.SpeechLanguage,
		NoAudio: func(err error) bool { return errors.Is(err, media.ErrNoAudio) },
	}
	files, err := transcribe.Find(a.cfg.Speech)
	if err == nil {
		c.Engine = &transcribe.Child{Files: files, Workers: a.cfg.SpeechWorkers}
	}
	refine, rerr := a.cfg.refiner()
	switch {
	case rerr != nil && tidings.KindOf(rerr) != tidings.KindUnavailable: // the settings are wrong
		return fmt.Errorf("refine = %q: %w", a.cfg.Refine, rerr)
	case rerr != nil:
		a.log.Warn("transcripts stay drafts", "reason", tidings.Sentence(rerr))
	case refine != nil && c.Engine == nil:
		c.Engine = refine
	default:
		c.Refine = refine
	}
	if c.Engine == nil {
		a.log.Warn("clips get no transcript", "reason", tidings.Sentence(err))
		c.Missing = err
	}
	a.scribe = transcribe.New(c)
	return nil
}

// refiner makes the engine that the setting refine names; nil when it is empty.
// KindUnavailable when a part of it is not installed.
func (c *config) refiner() (transcribe.Engine, error) {
	if c.Refine == "" {
		return nil, nil
	}
	detector, err := transcribe.FindDetector(c.Speech)
	if err != nil {
		return nil, err
	}
	if c.Refine == "openai" {
		key, err := c.openAIKey()
		if err != nil {
			return nil, err
		}
		e, err := transcribe.NewOpenAI(transcribe.OpenAIConfig{URL: c.OpenAIURL, Key: key, Model: c.OpenAIModel, Detector: detector,
			Piece: c.OpenAIPiece, Requests: c.OpenAIRequests, Timeout: c.OpenAITimeout})
		if err != nil {
			return nil, err
		}
		return e, nil
	}
	args, err := transcribe.SplitCommand(c.Command)
	if err != nil {
		return nil, err
	}
	e, err := transcribe.NewCommand(transcribe.CommandConfig{Args: args, Model: c.CommandModel, Detector: detector, Dir: filepath.Join(c.Data, "tmp"),
		Piece: c.CommandPiece, Timeout: c.CommandTimeout, Memory: c.CommandMemory, Runs: c.CommandRuns})
	if err != nil {
		return nil, err
	}
	return e, nil
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
// draft to be written, and those that are refined meanwhile.
func (c *config) transcribeSlots() int {
	if c.Refine == "" {
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

// speech is what the doctor says of the engines.
func speech(cfg config) []finding {
	out := []finding{{"speech", "ok", cfg.Speech}}
	if _, err := transcribe.Find(cfg.Speech); err != nil {
		out[0] = finding{"speech", "warn", tidings.Sentence(err)}
	}
	e, err := cfg.refiner()
	switch {
	case err != nil:
		out = append(out, finding{"refine", "warn", tidings.Sentence(err)})
	case e != nil:
		where := "on this machine"
		if e.Caps().Remote {
			where = "the sound of clips leaves this machine"
		}
		out = append(out, finding{"refine", "ok", fmt.Sprintf("%s, model %s; %s", e.Name(), e.Model(), where)})
	}
	return out
}
