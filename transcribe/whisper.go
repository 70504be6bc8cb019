package transcribe

import (
	"cmp"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// WhisperConfig is whisper.cpp's command line program and a model for it.
type WhisperConfig struct {
	Program  string // whisper-cli, by name or path
	Model    string // path of a ggml file, which may be installed later
	Threads  int    // 0 = as many as there are idle cores, at most maxThreads
	Detector string // file of the voice activity detector
	Dir      string // where the private folders of runs are made; "" = the system's
	Timeout  time.Duration
	Memory   int64 // bytes of address space; 0 = no limit
	Runs     int
	Self     string
}

// maxThreads is where more threads stop helping: the decoder's work for one
// token is small, and its threads wait for each other by spinning.
const maxThreads = 8

// whisperPiece is how much sound the program gets at once. It processes 30 s at
// a time and loads its model (0.1 to 1 s) for each piece.
const whisperPiece = 5 * time.Minute

// NewWhisper is the engine whisper: a Command that runs whisper-cli of
// whisper.cpp (https://github.com/ggml-org/whisper.cpp, MIT) on speech found by
// the detector, so that silence yields nothing. KindUnavailable when the program
// is not installed. Ready reports a missing model.
func NewWhisper(c WhisperConfig) (*Command, error) {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(c.Model), "ggml-"), ".bin")
	var languages []string
	if strings.Contains(name, ".en") { // trained on English alone
		languages = []string{"en"}
	}

	return NewCommand(CommandConfig{
		Name: "whisper", Model: name, Languages: languages, Detector: c.Detector, Dir: c.Dir, Piece: whisperPiece, Timeout: c.Timeout,
		Memory: c.Memory, Runs: c.Runs, Self: c.Self,
		// Full JSON has the times of tokens; non-speech tokens are suppressed; the
		// glossary is passed as the preceding text.
		Args: []string{cmp.Or(c.Program, "whisper-cli"), "--model", "{model}", "--threads", "{threads}", "--language", languagePlaceholder, "--prompt", promptPlaceholder,
			"--suppress-nst", "--no-prints", "--output-json-full", "--output-file", outPlaceholder, "--file", wavPlaceholder},
		Placeholders: func() ([]string, error) {
			if _, err := os.Stat(c.Model); err != nil {
				return nil, missingModelError(err, name)
			}

			threads := c.Threads
			if threads <= 0 {
				threads = freeCores()
			}

			return []string{"{model}", c.Model, "{threads}", strconv.Itoa(threads)}, nil
		},
	})
}

func missingModelError(err error, name string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return tidings.Wrap(err, tidings.KindUnavailable, "The model is not here: `tidings models pull %s` fetches it.", name)
	}
	return tidings.Wrap(err, tidings.KindUnavailable, "The model %s cannot be read.", name)
}

// freeCores is how many cores were idle during the last minute, at least one and
// at most maxThreads. With more threads whisper.cpp spins while one thread waits
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
