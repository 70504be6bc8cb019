package transcribe

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// WhisperConfig is whisper.cpp, as a library or as a command line program, and a
// model for it. All of them may be installed later.
type WhisperConfig struct {
	Library  []string // paths at which libwhisper may be; the first that exists is used. None = the program alone
	Program  string   // whisper-cli, by name or path, where the library cannot be used
	Model    string   // path of a ggml file
	Threads  int      // 0 = as many as there are idle cores, at most maxThreads
	Detector string   // file of the voice activity detector
	Dir      string   // where the private folders of the program's runs are made; "" = the system's
	Timeout  time.Duration
	Memory   int64         // bytes: address space of the program, or allocations of the library, which are bounded in any case; 0 = no limit
	Idle     time.Duration // how long the library's process is kept without work; 0 = a minute
	Runs     int           // of the program at once; the library transcribes one piece at a time
	Self     string        // our binary; "" = the running one
	Unsuited error         // why the library that can be downloaded is not for this machine; nil = it is
}

// maxThreads is where more threads stop helping: the decoder's work for one
// token is small, and its threads wait for each other.
const maxThreads = 8

// whisperPiece is how much sound Whisper gets at once: its model hears 30 s,
// however little speech there is in them.
const whisperPiece = minPiece

// Whisper is the engine whisper (https://github.com/ggml-org/whisper.cpp, MIT).
// It gets the speech found by the detector, so that silence yields nothing, and
// transcribes it in a long-lived child process with libwhisper. Where the library
// is missing, or not made for this machine, the program whisper-cli is run.
type Whisper struct {
	cfg       WhisperConfig
	model     string
	languages []string
	batch     pieceEngine
	process   *whisperProcess

	mu      sync.Mutex
	program *Command                // nil = not found so far
	refused map[whisperFiles]string // why files cannot be used; "" = they can, as far as is known
}

// NewWhisper makes the engine. KindUnavailable when only the program may be used
// and is not installed. Ready reports what is missing otherwise.
func NewWhisper(c WhisperConfig) (*Whisper, error) {
	detector, err := newDetector(c.Detector)
	if err != nil {
		return nil, err
	}

	c.Self, c.Timeout, c.Idle, c.Runs = cmp.Or(c.Self, "/proc/self/exe"), cmp.Or(c.Timeout, 15*time.Minute), cmp.Or(c.Idle, whisperIdle), max(1, c.Runs)
	w := &Whisper{cfg: c, model: strings.TrimSuffix(strings.TrimPrefix(filepath.Base(c.Model), "ggml-"), ".bin"),
		batch: pieceEngine{detector: detector, length: whisperPiece, workers: c.Runs, packed: true}, process: newWhisperProcess(c.Self, c.Timeout, c.Idle), refused: map[whisperFiles]string{}}
	if strings.Contains(w.model, ".en") { // trained on English alone
		w.languages = []string{"en"}
	}

	if len(c.Library) == 0 {
		if _, err := w.findProgram(); err != nil {
			return nil, err
		}
	}

	return w, nil
}

// Name implements Engine.
func (w *Whisper) Name() string { return "whisper" }

// Model implements Engine.
func (w *Whisper) Model() string { return w.model }

// Caps implements Engine.
func (w *Whisper) Caps() Caps {
	return Caps{WordTimes: true, Punctuation: true, Languages: w.languages}
}

// WorksInWindows says that the engine can follow a recording.
func (*Whisper) WorksInWindows() bool { return true }

// Ready reports what is missing.
func (w *Whisper) Ready() error {
	if err := w.checkMachine(); err != nil {
		return err
	}
	if err := w.batch.detector.checkReady(); err != nil {
		return err
	}

	if err := w.cfg.checkModel(); err != nil {
		return err
	}

	_, err := w.chooseProgram()
	return err
}

// Transcribe implements Engine.
func (w *Whisper) Transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error {
	b := w.batch
	b.recognise = func(ctx context.Context, p piece) (engineResult, error) {
		return w.transcribePiece(ctx, p, opt.inLanguageOf(p))
	}
	return b.transcribePieces(ctx, pcm, opt, sink)
}

// transcribePiece transcribes a piece by the library, or else by the program.
func (w *Whisper) transcribePiece(ctx context.Context, p piece, opt Options) (engineResult, error) {
	if err := w.cfg.checkModel(); err != nil {
		return engineResult{}, err
	}

	program, err := w.chooseProgram()
	if err != nil {
		return engineResult{}, err
	}
	if program != nil {
		return program.transcribePiece(ctx, p, opt)
	}

	h, err := w.transcribeByLibrary(ctx, p, opt)
	if !errors.Is(err, errLibraryRefused) {
		return h, err
	}

	// It is refused from now on: the program is chosen, or missing.
	if program, missing := w.chooseProgram(); missing != nil {
		return h, tidings.Wrap(err, tidings.KindOf(missing), "%s", tidings.Sentence(missing))
	} else if program != nil {
		return program.transcribePiece(ctx, p, opt)
	}

	return h, err
}

func (w *Whisper) transcribeByLibrary(ctx context.Context, p piece, opt Options) (engineResult, error) {
	files, err := w.currentFiles()
	if err != nil {
		return engineResult{}, err
	}

	language, _, _ := strings.Cut(opt.Language, "-")
	r := whisperRequest{Samples: len(p.pcm) / 2, Language: language, Prompt: strings.Join(opt.Vocabulary, ", "), Threads: w.cfg.threads()}
	result, err := w.process.transcribeSamples(ctx, files, r, p.pcm)
	if errors.Is(err, errLibraryRefused) {
		w.refuseLibrary(files, err)
	}

	if err != nil {
		return engineResult{}, err
	}

	return whisperResult(result, p.pcm, alignmentDelayMS(w.model)), nil
}

func (c WhisperConfig) threads() int {
	if c.Threads > 0 {
		return c.Threads
	}
	return freeCores()
}

// checkModel is KindUnavailable while the model is missing.
func (c WhisperConfig) checkModel() error {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(c.Model), "ggml-"), ".bin")
	_, err := os.Stat(c.Model)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return tidings.Wrap(err, tidings.KindUnavailable, "The model is not here: `tidings models pull %s` fetches it.", name)
	case err != nil:
		return tidings.Wrap(err, tidings.KindUnavailable, "The model %s cannot be read.", name)
	}
	return nil
}

// freeCores is how many cores were idle during the last minute, at least one and
// at most maxThreads. With more threads whisper.cpp waits for the one that waits
// for a core (measured: ten times slower).
func freeCores() int {
	free := float64(runtime.NumCPU())
	if b, err := os.ReadFile("/proc/loadavg"); err == nil { // proc(5)
		first, _, _ := strings.Cut(string(b), " ")
		if load, err := strconv.ParseFloat(first, 64); err == nil {
			free -= load
		}
	}
	return min(max(1, int(math.Round(free))), maxThreads)
}
