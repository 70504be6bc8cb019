package transcribe

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// EngineSpec registers a speech engine. Validation of the settings, routes, the
// choice of engines in the API, `tidings doctor` and `tidings worker --engine`
// follow from the registry; capabilities come from the engine's Caps.
// docs/how-to/add-an-engine.md describes how to add one.
type EngineSpec struct {
	// Name is the engine's name in refine and speech_route, in the API and with
	// transcripts. It equals Engine.Name.
	Name string
	// Live engines write drafts while a clip is recorded; all others refine.
	Live bool
	// ServerOnly engines hand the work to other processes and exist only in the
	// server, not in a worker.
	ServerOnly bool
	// Enabled reports whether the settings enable the engine although no clip is
	// routed to it; nil = never. An engine that is routed to is always enabled.
	Enabled func(s Settings) bool
	// Validate reports mistakes in the engine's settings, if it has any. used says
	// that clips are routed to it.
	Validate func(s Settings, used bool, report ReportFunc)
	// ModelPath is the downloaded model that the settings name; nil = none.
	ModelPath func(s Settings) string
	// New makes the engine. KindUnavailable when something that can be installed
	// is missing; another kind when the settings are wrong.
	New func(s Settings) (Engine, error)
}

// registry is every speech engine, in order of preference.
var registry = []EngineSpec{
	{Name: "whisper", Enabled: func(s Settings) bool { return s.Whisper != "" }, Validate: validateWhisper, ModelPath: Settings.WhisperModelPath, New: newWhisperEngine},
	{Name: "openai", Enabled: func(s Settings) bool { return s.OpenAIURL != "" }, Validate: validateOpenAI, New: newOpenAIEngine},
	{Name: "command", Enabled: func(s Settings) bool { return s.Command != "" }, Validate: validateCommand, New: newCommandEngine},
	{Name: "worker", ServerOnly: true, Validate: validateWorker, New: newRemoteEngine},
	{Name: EngineVosk, Live: true, Enabled: func(Settings) bool { return true }, Validate: validateVosk, New: newVoskEngine},
}

// Engines are the registered engines, in order of preference.
func Engines() []EngineSpec { return slices.Clone(registry) }

// RefineEngines are the names of the engines that write refined transcripts. A
// route may also name a live engine, which accepts the draft as the result.
func RefineEngines() []string {
	var names []string
	for _, e := range registry {
		if !e.Live {
			names = append(names, e.Name)
		}
	}
	return names
}

// engineNames are the names that a route may use, live engines first.
func engineNames() []string {
	var names []string
	for _, e := range registry {
		if e.Live {
			names = append(names, e.Name)
		}
	}
	return append(names, RefineEngines()...)
}

// OpenEngines makes the enabled engines of a worker or of `tidings doctor`.
func OpenEngines(s Settings) []ConfiguredEngine {
	return openEngines(s, func(e EngineSpec) bool { return !e.ServerOnly })
}

// OpenServerEngines makes the enabled engines of the server: those of
// OpenEngines after the ones that hand work to other processes.
func OpenServerEngines(s Settings) []ConfiguredEngine {
	return append(openEngines(s, func(e EngineSpec) bool { return e.ServerOnly }), OpenEngines(s)...)
}

func openEngines(s Settings, keep func(EngineSpec) bool) []ConfiguredEngine {
	var out []ConfiguredEngine
	for _, e := range registry {
		enabled := s.Uses(e.Name) || e.Enabled != nil && e.Enabled(s)
		if !enabled || !keep(e) {
			continue
		}
		engine, err := e.New(s)
		out = append(out, ConfiguredEngine{Engine: engine, EngineName: e.Name, Live: e.Live, Err: err})
	}

	return out
}

// UsedModels are the paths of the downloaded models that the settings name.
func UsedModels(s Settings) []string {
	var paths []string
	for _, e := range registry {
		if e.ModelPath != nil {
			paths = append(paths, e.ModelPath(s))
		}
	}
	return paths
}

func validateVosk(s Settings, _ bool, report ReportFunc) {
	checkSlots(report, "speech-workers", s.SpeechWorkers)
}

func newVoskEngine(s Settings) (Engine, error) {
	return &Vosk{Files: VoskFilesIn(s.Speech), Workers: s.SpeechWorkers}, nil
}

func validateWhisper(s Settings, _ bool, report ReportFunc) {
	if s.WhisperThreads < 0 || s.WhisperThreads > 256 {
		report("whisper-threads", "%d is not between 0 and 256", s.WhisperThreads)
	}
}

func newWhisperEngine(s Settings) (Engine, error) {
	return engineOrError(NewWhisper(WhisperConfig{Library: s.whisperLibraries(), Unsuited: s.CheckWhisperLibrary(), Program: findWhisper(s.Whisper), Model: s.WhisperModelPath(), Threads: s.WhisperThreads,
		Detector: DetectorFile(s.Speech), Dir: s.TempDir, Timeout: s.CommandTimeout, Memory: s.CommandMemory, Runs: s.CommandRuns}))
}

// whisperLibraries are the paths at which Whisper's library may be. Settings that
// name a program want that one.
func (s Settings) whisperLibraries() []string {
	if s.Whisper != "" {
		return nil
	}
	return []string{WhisperLibraryIn(s.Models), WhisperLibraryIn(s.Speech)}
}

// findWhisper is the program of the settings, else whisper-cli on the PATH, else
// where `make whisper` installs it.
func findWhisper(program string) string {
	const usual = "whisper-cli"

	if program != "" {
		return program
	}
	if _, err := exec.LookPath(usual); err == nil {
		return usual
	}

	self, err := os.Executable()
	if err != nil {
		return usual
	}

	built := filepath.Join(filepath.Dir(self), "whisper", usual)
	if _, err := os.Stat(built); err != nil {
		return usual
	}

	return built
}

func validateOpenAI(s Settings, used bool, report ReportFunc) {
	if used && s.OpenAIURL == "" {
		report("openai-url", "is needed when clips go to openai")
	}

	if s.OpenAIKey != "" && s.OpenAIKeyFile != "" {
		report("openai-key and openai-key-file", "exclude each other")
	}

	if s.OpenAITimeout <= 0 {
		report("openai-timeout", "must be positive")
	}

	checkPiece(report, "openai-piece", s.OpenAIPiece)
	checkSlots(report, "openai-requests", s.OpenAIRequests)
}

func newOpenAIEngine(s Settings) (Engine, error) {
	key, err := s.openAIKey()
	if err != nil {
		return nil, err
	}
	return engineOrError(NewOpenAI(OpenAIConfig{URL: s.OpenAIURL, Key: key, Model: s.OpenAIModel, Detector: DetectorFile(s.Speech),
		Piece: s.OpenAIPiece, Requests: s.OpenAIRequests, Timeout: s.OpenAITimeout}))
}

func validateCommand(s Settings, used bool, report ReportFunc) {
	if used && s.Command == "" {
		report("command", "is needed when clips go to command")
	}
	if s.CommandTimeout <= 0 || s.CommandMemory < 0 {
		report("command-timeout and command-memory-bytes", "must be positive")
	}

	checkPiece(report, "command-piece", s.CommandPiece)
	checkSlots(report, "command-runs", s.CommandRuns)
}

func newCommandEngine(s Settings) (Engine, error) {
	args, err := SplitCommand(s.Command)
	if err != nil {
		return nil, err
	}
	return engineOrError(NewCommand(CommandConfig{Args: args, Model: s.CommandModel, Detector: DetectorFile(s.Speech), Dir: s.TempDir,
		Piece: s.CommandPiece, Timeout: s.CommandTimeout, Memory: s.CommandMemory, Runs: s.CommandRuns}))
}

func validateWorker(s Settings, _ bool, report ReportFunc) {
	if s.WorkerWait <= 0 || s.WorkerLease < time.Second {
		report("worker-wait and worker-lease", "must be positive, the latter at least 1s")
	}
}

func newRemoteEngine(s Settings) (Engine, error) {
	return NewRemote(RemoteConfig{Wait: s.WorkerWait, Lease: s.WorkerLease}), nil
}

// engineOrError converts a constructor's result to an Engine that is nil, not a
// nil pointer, after an error.
func engineOrError[E Engine](e E, err error) (Engine, error) {
	if err != nil {
		return nil, err
	}
	return e, nil
}
