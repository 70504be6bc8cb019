package transcribe

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// Route says which engines refine the transcripts of some clips, in order of
// preference: when one fails, the next is tried.
type Route struct {
	Workspace tidings.ID // "" = any
	Language  string     // BCP 47 or its first part; "" = any
	Engines   []string   // names
	Automatic bool       // nobody chose it: what it lacks is no fault
}

// matchesClip reports whether the route applies to clips of a workspace and
// language, which is "" while it is unknown.
func (r Route) matchesClip(ws tidings.ID, language string) bool {
	return (r.Workspace == "" || r.Workspace == ws) && (r.Language == "" || coversLanguage(r.Language, language))
}

// coversLanguage reports whether a language tag equals a wider one or extends
// it: "pt" covers "pt-BR".
func coversLanguage(wide, tag string) bool {
	wide, tag = strings.ToLower(wide), strings.ToLower(tag)
	return tag == wide || strings.HasPrefix(tag, wide+"-")
}

// understandsLanguage reports whether an engine supports a language; "" =
// always.
func understandsLanguage(e Engine, language string) bool {
	return speaksLanguage(e.Caps().Languages, language)
}

// speaksLanguage is understandsLanguage for a list of languages; empty = any.
func speaksLanguage(known []string, language string) bool {
	return language == "" || len(known) == 0 || slices.ContainsFunc(known, func(wide string) bool { return coversLanguage(wide, language) })
}

// Ready reports what an engine lacks that can be installed while the server
// runs, such as a model; nil when it can be used.
func Ready(e Engine) error {
	if r, ok := e.(interface{ Ready() error }); ok {
		return r.Ready()
	}
	return nil
}

// transcriptPlan is which engines write the transcript of a clip. Each list is
// in order of preference: when one engine fails, the next is tried.
type transcriptPlan struct {
	opt         Options  // Language is "" when it is unknown
	live        []Engine // transcribe while the clip is recorded, when there is no transcript yet
	refine      []Engine // refine the finished draft
	replace     []Engine // replace the transcript because a user requested it
	acceptDraft bool     // the draft is the result when no engine can refine it
}

// planTranscript decides by the settings, the clip's workspace and language and
// a user's request.
func (t *Transcriber) planTranscript(ctx context.Context, clip tidings.ID) (p transcriptPlan, err error) {
	c, err := t.cfg.Rows.Clip(ctx, clip)
	if err != nil {
		return p, err
	}

	old, err := t.cfg.Rows.Transcript(ctx, clip)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return p, err
	}

	request, err := t.cfg.Rows.TranscriptRequest(ctx, clip)
	requested := err == nil

	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return p, err
	}

	p.opt.Language = t.chooseLanguage(c.Language, old.Language, request.Language)
	p.applyRoutes(t.cfg, c.WorkspaceID, p.opt.Language)
	if !requested {
		return p, nil
	}

	finished := old.State == tidings.StepDone
	switch e := t.findEngine(request.Engine); {
	case request.Engine != "" && e == nil:
		return p, tidings.Errorf(tidings.KindInvalid, "The speech engine %s, which was asked for, is no longer here.", request.Engine)
	case e != nil && finished:
		p.replace = []Engine{e}
	case e != nil:
		p.live, p.refine = []Engine{e}, nil
	case finished && len(p.refine) > 0:
		p.replace = p.refine
	case finished:
		p.replace = p.live
	}

	return p, nil
}

// chooseLanguage is the language of a clip's speech: the requested one; the one
// a user chose, that is, one other than the detected; or that of the settings.
func (t *Transcriber) chooseLanguage(clip, detected, requested string) string {
	if clip == detected {
		clip = ""
	}
	return cmp.Or(requested, clip, t.cfg.Language)
}

// applyRoutes fills in live and refine.
func (p *transcriptPlan) applyRoutes(cfg Config, ws tidings.ID, language string) {
	var routed []Engine
	for _, r := range cfg.Routes {
		if !r.matchesClip(ws, language) {
			continue
		}

		for _, name := range r.Engines {
			if e := engineByName(cfg.allEngines(), name); e != nil && understandsLanguage(e, language) && Ready(e) == nil {
				routed = append(routed, e)
			}
		}

		break
	}

	draft := cfg.Engine
	if draft != nil && Ready(draft) != nil {
		draft = nil
	}

	if (draft == nil || !understandsLanguage(draft, language)) && len(routed) == 0 && !cfg.hasChosenRoutes() { // the first other engine that can be used
		usable := func(e Engine) bool {
			leaves := draft != nil && e.Caps().Remote // no route says that sound may leave this machine
			return !leaves && understandsLanguage(e, language) && Ready(e) == nil
		}
		if i := slices.IndexFunc(cfg.Others, usable); i >= 0 {
			routed = cfg.Others[i : i+1]
		}
	}

	if draft == nil || !understandsLanguage(draft, language) {
		p.live = routed
		return
	}

	p.live, p.refine = []Engine{draft}, routed
	for i, e := range routed {
		if e == draft {
			p.refine, p.acceptDraft = routed[:i], true
			break
		}
	}

	for _, e := range routed {
		if e != draft {
			p.live = append(p.live, e)
		}
	}
}

// hasChosenRoutes reports whether the operator chose routes.
func (c Config) hasChosenRoutes() bool {
	return slices.ContainsFunc(c.Routes, func(r Route) bool { return !r.Automatic })
}

// allEngines are the engines of this server.
func (c Config) allEngines() []Engine {
	if c.Engine == nil {
		return c.Others
	}
	return append([]Engine{c.Engine}, c.Others...)
}

func engineByName(all []Engine, name string) Engine {
	for _, e := range all {
		if e.Name() == name {
			return e
		}
	}
	return nil
}

func (t *Transcriber) findEngine(name string) Engine { return engineByName(t.cfg.allEngines(), name) }

// triesPerEngine is how often an engine is tried, before the next one, when it
// fails in a way that a retry may help. KindUnavailable is not retried: the
// engine has retried itself.
const triesPerEngine = 2

// tryEngines tries engines in order until one succeeds. Undecodable sound, rows
// that cannot be written, a full disk and a run that has ended are not faults of the engine:
// the next one is not tried. The error of the last engine is returned, and the
// queue decides on it.
func (t *Transcriber) tryEngines(ctx context.Context, clip tidings.ID, engines []Engine, try func(Engine) error) (err error) {
	for i, e := range engines {
		last := i == len(engines)-1
		for n := 1; n <= triesPerEngine; n++ {
			err = try(e)
			if err == nil || last || !isEngineFault(ctx, err) {
				return err
			}

			t.cfg.Log.Warn("speech engine failed", "clip", clip, "engine", e.Name(), "try", n, "error", err)
			if tidings.KindOf(err) == tidings.KindUnavailable {
				break
			}
		}
	}
	return err
}

// isEngineFault reports whether an error is the engine's own.
func isEngineFault(ctx context.Context, err error) bool {
	var pipeline *pipelineError
	switch tidings.KindOf(err) {
	case tidings.KindInvalid, tidings.KindUnsupported, tidings.KindTooLarge, tidings.KindConflict, tidings.KindNotFound, tidings.KindStorageFull:
		return false
	}
	return ctx.Err() == nil && !errors.As(err, &pipeline) && !errors.Is(err, ErrBusy)
}

// pipelineError is an error of what an engine reads from or writes to: source,
// decoder or rows.
type pipelineError struct{ error }

// Unwrap gives errors.As the cause.
func (e *pipelineError) Unwrap() error { return e.error }
