package transcribe

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
)

// Placeholders in a command's arguments, filled in for each run. A program
// without {wav} gets the sound on its standard input; one without {out} writes
// its result to its standard output.
const (
	wavPlaceholder      = "{wav}"      // path of a WAV file, 16 kHz, mono, 16 bits
	outPlaceholder      = "{out}"      // path of a file to write, without its extension: .json, .vtt or .srt
	languagePlaceholder = "{language}" // its code, such as de, or "auto"
	promptPlaceholder   = "{prompt}"   // words that may occur, such as names, or empty
)

// CommandConfig is the configuration of a program that transcribes speech.
type CommandConfig struct {
	Name      string   // of the engine; "" = command
	Args      []string // the program and its arguments
	Model     string   // stored with transcripts; "" = the program's name
	Languages []string // supported ones, BCP 47; empty = any
	// Placeholders are more placeholders and their values, in pairs, evaluated
	// before each run; nil = none. KindUnavailable when something that the
	// program needs is missing.
	Placeholders func() ([]string, error)
	Detector     string // file of the voice activity detector
	Dir          string // where the private folders of runs are made; "" = the system's
	// Piece is the longest range of sound that the program gets at once, from 30
	// s to 10 min; 0 = 5 min, so that a large model is not loaded too often.
	Piece   time.Duration
	Packed  bool          // pieces have no long pauses: see pieceEngine
	Timeout time.Duration // of one run; 0 = 15 min
	Memory  int64         // bytes of address space; 0 = no limit
	Runs    int           // at once, for all clips; 0 = 1
	Self    string        // our binary, which has the subcommand __command; "" = the running one
}

// Command is an engine that runs a program for each piece of speech: any program
// that takes WAV and writes JSON (whisper.cpp's -oj and -ojf, Whisper's own,
// ours), WebVTT or SubRip. It never gets a user's file, only decoded sound.
type Command struct {
	cfg   CommandConfig
	batch pieceEngine
	slots chan struct{}
}

// NewCommand finds the program. KindUnavailable when it is not installed.
func NewCommand(c CommandConfig) (*Command, error) {
	if len(c.Args) == 0 || c.Args[0] == "" {
		return nil, tidings.Errorf(tidings.KindInvalid, "The command of the speech engine is empty.")
	}

	path, err := exec.LookPath(c.Args[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}

	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindUnavailable, "The speech program %s is not there.", c.Args[0])
	}

	detector, err := newDetector(c.Detector)
	if err != nil {
		return nil, err
	}

	c.Args = append([]string{path}, c.Args[1:]...)
	c.Name, c.Model = cmp.Or(c.Name, "command"), cmp.Or(c.Model, filepath.Base(path))
	c.Piece, c.Timeout = min(cmp.Or(c.Piece, 5*time.Minute), maxPiece), cmp.Or(c.Timeout, 15*time.Minute)
	c.Runs, c.Self = max(1, c.Runs), cmp.Or(c.Self, "/proc/self/exe")
	return &Command{cfg: c, batch: pieceEngine{detector: detector, length: c.Piece, workers: c.Runs, packed: c.Packed}, slots: make(chan struct{}, c.Runs)}, nil
}

// Name implements Engine.
func (c *Command) Name() string { return c.cfg.Name }

// Model implements Engine.
func (c *Command) Model() string { return c.cfg.Model }

// Caps implements Engine.
func (c *Command) Caps() Caps {
	return Caps{WordTimes: true, Punctuation: true, Languages: c.cfg.Languages}
}

// Ready reports what the program lacks.
func (c *Command) Ready() error {
	if err := c.batch.detector.checkReady(); err != nil {
		return err
	}
	_, err := c.extraPlaceholders()
	return err
}

func (c *Command) extraPlaceholders() ([]string, error) {
	if c.cfg.Placeholders == nil {
		return nil, nil
	}
	return c.cfg.Placeholders()
}

// WorksInWindows reports whether the program gets windows of speech that are
// short enough to be transcribed while a clip is recorded.
func (c *Command) WorksInWindows() bool { return c.cfg.Packed }

// Transcribe implements Engine.
func (c *Command) Transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error {
	b := c.batch
	b.recognise = func(ctx context.Context, p piece) (engineResult, error) {
		return c.transcribePiece(ctx, p, opt.inLanguageOf(p))
	}
	return b.transcribePieces(ctx, pcm, opt, sink)
}

// transcribePiece runs the program on a piece, in a folder of its own.
func (c *Command) transcribePiece(ctx context.Context, p piece, opt Options) (h engineResult, err error) {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return h, ctx.Err()
	}
	defer func() { <-c.slots }()

	if c.cfg.Dir != "" { // it may have been removed
		if err := os.MkdirAll(c.cfg.Dir, 0o750); err != nil {
			return h, err
		}
	}

	dir, err := os.MkdirTemp(c.cfg.Dir, "speech-")
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	places, err := c.extraPlaceholders()
	if err != nil {
		return h, err
	}

	run := commandRun{args: c.fillArguments(dir, opt, places), dir: dir, self: c.cfg.Self, memory: c.cfg.Memory, timeout: c.cfg.Timeout}

	if c.usesPlaceholder(wavPlaceholder) {
		if err := writeWAV(filepath.Join(dir, "audio.wav"), p.pcm); err != nil {
			return h, err
		}
	} else {
		run.stdin = wavReader(p.pcm)
	}

	out, err := run.runProgram(ctx)
	if err != nil {
		return h, err
	}

	if c.usesPlaceholder(outPlaceholder) {
		if out, err = readOutput(dir); err != nil {
			return h, err
		}
	}

	return parseOutput(out, p.lengthMS())
}

// usesPlaceholder reports whether an argument contains the placeholder.
func (c *Command) usesPlaceholder(place string) bool {
	return slices.ContainsFunc(c.cfg.Args[1:], func(arg string) bool { return strings.Contains(arg, place) })
}

func (c *Command) fillArguments(dir string, opt Options, places []string) []string {
	language, _, _ := strings.Cut(opt.Language, "-")
	fill := strings.NewReplacer(append([]string{wavPlaceholder, filepath.Join(dir, "audio.wav"), outPlaceholder, filepath.Join(dir, "out"),
		languagePlaceholder, cmp.Or(language, "auto"), promptPlaceholder, strings.Join(opt.Vocabulary, ", ")}, places...)...)
	args := slices.Clone(c.cfg.Args)
	for i := range args[1:] {
		args[i+1] = fill.Replace(args[i+1])
	}
	return args
}

func writeWAV(path string, pcm []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, wavReader(pcm))
	return errors.Join(err, f.Close())
}

// parseOutput parses the output of a program in any of the supported formats.
func parseOutput(out []byte, lengthMS int64) (h engineResult, err error) {
	text := bytes.TrimSpace(bytes.TrimPrefix(out, []byte("\uFEFF")))
	var segs []tidings.TranscriptSegment
	switch {
	case len(text) == 0: // no speech
		return h, nil
	case text[0] == '{':
		h, err = parseSpeechJSON(text, lengthMS)
	case bytes.HasPrefix(text, []byte("WEBVTT")):
		segs, err = captions.ParseProgramVTT(out)
	default:
		segs, err = captions.ParseProgramSRT(out)
	}

	if err != nil {
		return h, unreadableAnswerError(fmt.Errorf("the speech program wrote %q: %w", captions.Excerpt(string(out[:min(len(out), 4<<10)])), err))
	}

	for _, s := range segs {
		h.utterances = append(h.utterances, utterance{startMS: s.StartMS, endMS: s.EndMS, text: s.Text, speaker: s.Speaker})
	}

	if len(segs) > 0 {
		h.settleTimes(lengthMS)
	}

	return h, nil
}

// SplitCommand splits a command line at its spaces. Quotes, single or double,
// keep spaces together; no other character is special.
func SplitCommand(line string) ([]string, error) {
	var out []string
	var word strings.Builder
	begun, quote := false, rune(0)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, begun = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if begun {
				out = append(out, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}

	if quote != 0 {
		return nil, tidings.Errorf(tidings.KindInvalid, "A quote in the command of the speech engine is not closed.")
	}

	if begun {
		out = append(out, word.String())
	}

	return out, nil
}
