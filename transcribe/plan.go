package transcribe

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// Route says which engines write better transcripts for some clips, in order:
// when one cannot, the next is asked.
type Route struct {
	Workspace tidings.ID // "" = any
	Language  string     // BCP 47 or its first part; "" = any
	Engines   []string   // names
}

// matchesClip reports whether the route is for clips of a workspace and language,
// which is "" while nobody knows it.
func (r Route) matchesClip(ws tidings.ID, language string) bool {
	return (r.Workspace == "" || r.Workspace == ws) && (r.Language == "" || coversLanguage(r.Language, language))
}

// coversLanguage reports whether a language tag is a wider one's own or a part of it:
// "pt" covers "pt-BR".
func coversLanguage(wide, tag string) bool {
	wide, tag = strings.ToLower(wide), strings.ToLower(tag)
	return tag == wide || strings.HasPrefix(tag, wide+"-")
}

// understandsLanguage reports whether an engine knows a language; "" = any will do.
func understandsLanguage(e Engine, language string) bool {
	return speaksLanguage(e.Caps().Languages, language)
}

// speaksLanguage is understands for the languages an engine knows; none = any.
func speaksLanguage(known []string, language string) bool {
	return language == "" || len(known) == 0 || slices.ContainsFunc(known, func(wide string) bool { return coversLanguage(wide, language) })
}

// Ready says what an engine lacks that may still come, such as a model to be
// downloaded; nil when it can be asked.
func Ready(e Engine) error {
	if r, ok := e.(interface{ Ready() error }); ok {
		return r.Ready()
	}
	return nil
}

// transcriptPlan is who writes the transcript of a clip. Each list is in order of
// preference: one that cannot gives way to the next.
type transcriptPlan struct {
	opt         Options  // Language is "" when nobody knows it
	live        []Engine // what there is not yet, while one speaks
	refine      []Engine // writes it again once it is whole
	replace     []Engine // a person asked for it to be written again
	acceptDraft bool     // when nobody refines it, the draft will do
}

// planTranscript decides by the settings, the clip's workspace and language and what a
// person asked for.
func (t *Transcriber) planTranscript(ctx context.Context, clip tidings.ID) (p transcriptPlan, err error) {
	c, err := t.cfg.Rows.Clip(ctx, clip)
	if err != nil {
		return p, err
	}

	old, err := t.cfg.Rows.Transcript(ctx, clip)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return p, err
	}

	asked, err := t.cfg.Rows.TranscriptRequest(ctx, clip)
	wanted := err == nil

	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return p, err
	}

	p.opt.Language = t.chooseLanguage(c.Language, old.Language, asked.Language)
	p.applyRoutes(t.cfg, c.WorkspaceID, p.opt.Language)
	if !wanted {
		return p, nil
	}

	whole := old.State == tidings.StepDone
	switch e := t.findEngine(asked.Engine); {
	case asked.Engine != "" && e == nil:
		return p, tidings.Errorf(tidings.KindInvalid, "The speech engine %s, which was asked for, is no longer here.", asked.Engine)
	case e != nil && whole:
		p.replace = []Engine{e}
	case e != nil:
		p.live, p.refine = []Engine{e}, nil
	case whole && len(p.refine) > 0:
		p.replace = p.refine
	case whole:
		p.replace = p.live
	}

	return p, nil
}

// chooseLanguage is what a clip's speech is in: as asked for now; as a person chose,
// that is, other than an engine heard; or as the settings say.
func (t *Transcriber) chooseLanguage(clip, heard, asked string) string {
	if clip == heard {
		clip = ""
	}
	return cmp.Or(asked, clip, t.cfg.Language)
}

// applyRoutes fills in who writes and who refines.
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

	if draft == nil && len(cfg.Routes) == 0 { // the first other one is better than nothing
		if i := slices.IndexFunc(cfg.Others, func(e Engine) bool { return understandsLanguage(e, language) && Ready(e) == nil }); i >= 0 {
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

// triesPerEngine is how often an engine that others stand behind is tried when it fails
// in a way that another try may help. One that is unavailable has been patient
// itself.
const triesPerEngine = 2

// tryEngines has engines try in their order until one is done. Sound that is
// broken, rows that cannot be written and a run that is over are nobody's
// fault: the next engine is not asked. The last one's error is the answer, and
// the queue's to judge.
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

// isEngineFault reports whether an error is an engine's own.
func isEngineFault(ctx context.Context, err error) bool {
	var outside *pipelineError
	switch tidings.KindOf(err) {
	case tidings.KindInvalid, tidings.KindUnsupported, tidings.KindTooLarge, tidings.KindConflict, tidings.KindNotFound:
		return false
	}
	return ctx.Err() == nil && !errors.As(err, &outside) && !errors.Is(err, ErrBusy)
}

// pipelineError is an error of what an engine reads from or writes to.
type pipelineError struct{ error }

// Unwrap gives errors.As the cause.
func (e *pipelineError) Unwrap() error { return e.error }
