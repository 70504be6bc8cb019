package transcribe

import (
	"slices"
	"strings"
	"time"

	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/tidings"
)

// Settings are the settings of the speech engines. The server embeds them in its
// configuration; the tags name the setting, its default and its help text.
type Settings struct {
	Speech         string        `toml:"speech" help:"folder of the speech engine and model; empty = DATA/speech, or speech beside the program"`
	SpeechWorkers  int           `toml:"speech_workers" default:"2" help:"speech windows decoded at once"`
	SpeechSlots    int           `toml:"speech_slots" default:"2" help:"clips transcribed at once"`
	SpeechLanguage string        `toml:"speech_language" help:"language of speech (BCP 47) where nobody chose one; empty = the engine decides"`
	Refine         string        `toml:"refine" default:"auto" help:"engine that writes transcripts again, better: whisper, openai, command, worker or none; auto = whisper as soon as its files are here"`
	RefineSlots    int           `toml:"refine_slots" default:"1" help:"clips refined at once"`
	SpeechRoute    string        `toml:"speech_route" help:"which engines by language, such as de=openai,command; *=whisper,vosk; empty = refine for all"`
	Models         string        `toml:"models" help:"folder of downloaded models; empty = DATA/models"`
	Whisper        string        `toml:"whisper" help:"whisper-cli of whisper.cpp; empty = on the PATH, or whisper/whisper-cli beside the program"`
	WhisperModel   string        `toml:"whisper_model" default:"auto" help:"its model: a name of tidings models list, or a path; auto = base-q8_0, on a small machine tiny.en-q8_0"`
	WhisperThreads int           `toml:"whisper_threads" default:"0" help:"its threads; 0 = as many as there are free cores"`
	WorkerWait     time.Duration `toml:"worker_wait" default:"30s" help:"how long a clip that goes to a worker waits for one, before the next engine is asked"`
	WorkerLease    time.Duration `toml:"worker_lease" default:"25s" help:"how long a worker that is not heard of keeps a clip"`
	OpenAIURL      string        `toml:"openai_url" help:"base of an OpenAI-compatible API, such as http://localhost:8000/v1"`
	OpenAIModel    string        `toml:"openai_model" default:"whisper-1" help:"model to ask it for"`
	OpenAIKey      string        `toml:"openai_key" secret:"true" help:"its key"`
	OpenAIKeyFile  string        `toml:"openai_key_file" help:"file with its key"`
	OpenAIPiece    time.Duration `toml:"openai_piece" default:"30s" help:"longest stretch of speech sent at once, 30s to 10m"`
	OpenAIRequests int           `toml:"openai_requests" default:"1" help:"requests at once for one clip"`
	OpenAITimeout  time.Duration `toml:"openai_timeout" default:"5m" help:"how long one request may take"`
	Command        string        `toml:"command" help:"speech program and its arguments, with {wav}, {out} and {language} filled in"`
	CommandModel   string        `toml:"command_model" help:"name of its model, shown with transcripts"`
	CommandPiece   time.Duration `toml:"command_piece" default:"5m" help:"longest stretch of speech it is given at once, 30s to 10m"`
	CommandTimeout time.Duration `toml:"command_timeout" default:"15m" help:"how long one run may take"`
	CommandMemory  int64         `toml:"command_memory_bytes" default:"8589934592" help:"its address space; 0 = no limit, as programs on a GPU need"`
	CommandRuns    int           `toml:"command_runs" default:"1" help:"runs at once, for all clips"`

	TempDir   string // for the private folders of engines' runs; not a setting
	Processor string // file that describes the processor, "" = /proc/cpuinfo; not a setting
}

// ReportFunc reports a wrong setting by its flag's name.
type ReportFunc func(setting, format string, args ...any)

// Validate reports all mistakes in the settings of engines and routes.
func (s Settings) Validate(report ReportFunc) {
	if names := append(RefineEngines(), RefineAuto, RefineNone); s.Refine != "" && !slices.Contains(names, s.Refine) {
		report("refine", "%q is not one of %s", s.Refine, strings.Join(names, ", "))
	}

	if _, err := s.Routes(); err != nil {
		report("speech-route", "%s", strings.TrimPrefix(tidings.Sentence(err), "speech-route: "))
	}

	checkSlots(report, "speech-slots", s.SpeechSlots)
	checkSlots(report, "refine-slots", s.RefineSlots)
	for _, e := range registry {
		if e.Validate != nil {
			e.Validate(s, s.Uses(e.Name), report)
		}
	}
}

// checkSlots checks a number of things done at once.
func checkSlots(report ReportFunc, setting string, n int) {
	if n < 1 || n > 64 {
		report(setting, "%d is not between 1 and 64", n)
	}
}

// checkPiece checks the length of the pieces that an engine gets.
func checkPiece(report ReportFunc, setting string, d time.Duration) {
	if d < minPiece || d > maxPiece {
		report(setting, "%v is not between 30s and 10m", d)
	}
}

// Values of refine that are no engine.
const (
	RefineAuto = "auto" // the default engine, as soon as its files are there
	RefineNone = "none"
)

// defaultRefineEngine refines for everybody unless the operator chose otherwise.
const defaultRefineEngine = "whisper"

// Routes are the routes of speech_route, or one for all clips by refine.
func (s Settings) Routes() ([]Route, error) {
	if strings.TrimSpace(s.SpeechRoute) != "" {
		return ParseRoutes(s.SpeechRoute)
	}

	switch s.Refine {
	case "", RefineNone:
		return nil, nil
	case RefineAuto:
		return []Route{{Engines: []string{defaultRefineEngine}, Automatic: true}}, nil
	}
	return []Route{{Engines: []string{s.Refine}}}, nil
}

// Uses reports whether refine or a route names the engine.
func (s Settings) Uses(name string) bool {
	if s.Refine == name {
		return true
	}
	routes, err := s.Routes()
	return err == nil && slices.ContainsFunc(routes, func(r Route) bool { return slices.Contains(r.Engines, name) })
}

// Slots is how many clips are in the step transcribe at once: drafts being
// written, and transcripts being refined.
func (s Settings) Slots() int {
	if routes, err := s.Routes(); err == nil && len(routes) == 0 {
		return s.SpeechSlots
	}
	return s.SpeechSlots + s.RefineSlots
}

// openAIKey is the key of the settings or of its file.
func (s Settings) openAIKey() (string, error) {
	return endpoint.ReadKey(s.OpenAIKey, s.OpenAIKeyFile, "the key of the speech engine")
}
