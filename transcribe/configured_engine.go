package transcribe

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"tidings.example/tidings/tidings"
)

// ConfiguredEngine is an engine that the settings name, or why it cannot be
// used.
type ConfiguredEngine struct {
	Engine
	EngineName string
	Live       bool // see EngineSpec
	// Err is why the engine could not be made: KindUnavailable when something it
	// needs is missing, another kind when its settings are wrong.
	Err error
}

// Describe returns what users see of the engine when they choose one. An engine
// that could not be made has no properties but its name.
func (e ConfiguredEngine) Describe() tidings.SpeechEngine {
	s := tidings.SpeechEngine{Name: e.EngineName, Live: e.Live}
	err := e.Err
	if err == nil {
		caps := e.Caps()
		s.Model, s.Languages, s.Punctuation, s.WordTimes, s.Remote = e.Model(), caps.Languages, caps.Punctuation, caps.WordTimes, caps.Remote
		err = checkAvailable(e.Engine)
	}

	if err != nil {
		s.Missing = tidings.Sentence(err)
	}

	return s
}

// checkAvailable is Ready for users: the engine worker takes clips at any time, but
// users should know that no worker is connected.
func checkAvailable(e Engine) error {
	if remote, ok := e.(*Remote); ok {
		return remote.CheckWorkers()
	}
	return Ready(e)
}

// UseEngines puts the usable engines into c and logs what the others lack. Wrong
// settings are an error; a missing part is not, since it may be installed while
// the server runs.
func (c *Config) UseEngines(engines []ConfiguredEngine, log *slog.Logger) error {
	for _, e := range engines {
		switch {
		case e.Err != nil && tidings.KindOf(e.Err) != tidings.KindUnavailable:
			return fmt.Errorf("speech engine %s: %w", e.EngineName, e.Err)
		case e.Err != nil:
			log.Warn("a speech engine is not there", "engine", e.EngineName, "reason", tidings.Sentence(e.Err))
			continue
		case e.Live:
			c.Engine = e.Engine
		default:
			c.Others = append(c.Others, e.Engine)
		}

		if err := Ready(e.Engine); err != nil {
			log.Warn("a speech engine waits for what it lacks", "engine", e.EngineName, "reason", tidings.Sentence(err))
		}
	}

	return nil
}

// OpenWorkerEngine returns the engine of a worker: the named one, or with name ""
// the first that is ready. Naming an engine enables it, if its settings suffice.
func OpenWorkerEngine(s Settings, name string) (Engine, error) {
	if slices.Contains([]string{"", RefineAuto, RefineNone}, s.Refine) && s.settingsSuffice(name) {
		s.Refine = name
	}
	return SelectEngine(OpenEngines(s), name)
}

// settingsSuffice reports whether the settings of the named engine are complete.
func (s Settings) settingsSuffice(name string) bool {
	i := slices.IndexFunc(registry, func(e EngineSpec) bool { return e.Name == name })
	if i < 0 {
		return false
	}

	ok := true
	if validate := registry[i].Validate; validate != nil {
		validate(s, true, func(string, string, ...any) { ok = false })
	}

	return ok
}

// SelectEngine returns the engine with the name, or with name "" the first that
// is ready. The error lists why none can be used.
func SelectEngine(engines []ConfiguredEngine, name string) (Engine, error) {
	var reasons error
	for _, e := range engines {
		if name != "" && e.EngineName != name {
			continue
		}

		err := e.Err
		if err == nil {
			err = Ready(e.Engine)
		}

		if err == nil {
			return e.Engine, nil
		}

		reasons = errors.Join(reasons, fmt.Errorf("%s: %s", e.EngineName, tidings.Sentence(err)))
	}

	if reasons == nil {
		return nil, fmt.Errorf("there is no speech engine %q in the settings", name)
	}

	return nil, fmt.Errorf("no speech engine can work here: %w", reasons)
}
