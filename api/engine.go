package api

import (
	"context"
	"slices"
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// EngineStore is what engineHandlers needs of the rows.
type EngineStore interface {
	RetryTranscript(ctx context.Context, r tidings.TranscriptRequest) error // KindConflict when a person has edited it
	UpdateClip(ctx context.Context, id tidings.ID, p tidings.ClipPatch, ifVersion *int64) (tidings.Clip, error)
}

// engineHandlers serves the list of speech engines and repeated transcription.
type engineHandlers struct {
	store     EngineStore
	clipViews *clipViews
	access    *auth.Access
	engines   func() []tidings.SpeechEngine
}

// ListEngines is GET /engines.
func (h *engineHandlers) ListEngines(context.Context, spec.ListEnginesRequestObject) (spec.ListEnginesResponseObject, error) {
	return spec.ListEngines200JSONResponse{Items: spec.Map(h.listEngines(), engineJSON)}, nil
}

func (h *engineHandlers) listEngines() []tidings.SpeechEngine {
	if h.engines == nil {
		return nil
	}
	return h.engines()
}

func engineJSON(e tidings.SpeechEngine) spec.Engine {
	languages := e.Languages
	if languages == nil {
		languages = []string{}
	}
	return spec.Engine{Name: e.Name, Model: e.Model, Languages: languages, Live: e.Live, Punctuation: e.Punctuation, WordTimes: e.WordTimes,
		Remote: e.Remote, Available: e.Missing == "", Reason: spec.OrNil(e.Missing)}
}

// RetryTranscript is POST /clips/{id}/transcript/retry.
func (h *engineHandlers) RetryTranscript(ctx context.Context, r spec.RetryTranscriptRequestObject) (spec.RetryTranscriptResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActEdit)
	if err != nil {
		return nil, err
	}

	want := tidings.TranscriptRequest{ClipID: g.ClipID}
	if r.Body != nil {
		want.Engine, want.Language, want.ReplaceEdits = spec.Deref(r.Body.Engine), spec.Deref(r.Body.Language), spec.Deref(r.Body.ReplaceEdits)
	}

	if !validLanguage(want.Language) {
		return nil, badLanguage()
	}
	if err := h.checkEngine(want.Engine, want.Language); err != nil {
		return nil, err
	}
	if err := h.store.RetryTranscript(ctx, want); err != nil {
		return nil, err
	}

	if want.Language != "" {
		if _, err := h.store.UpdateClip(ctx, g.ClipID, tidings.ClipPatch{Language: &want.Language}, nil); err != nil {
			return nil, err
		}
	}

	out, err := h.clipViews.loadClipJSON(ctx, r.ID, tidings.ActView)
	return spec.RetryTranscript200JSONResponse(out), err
}

// checkEngine validates the engine and language of a request; name "" leaves
// the choice to the server.
func (h *engineHandlers) checkEngine(name, language string) error {
	if name == "" {
		return nil
	}

	all := h.listEngines()
	i := slices.IndexFunc(all, func(e tidings.SpeechEngine) bool { return e.Name == name })
	switch {
	case i < 0:
		return tidings.Invalid("engine", "There is no speech engine %q here. %s", name, engineChoices(all))
	case all[i].Missing != "":
		return tidings.Invalid("engine", "%s cannot be used: %s %s", name, all[i].Missing, engineChoices(all))
	case language != "" && len(all[i].Languages) > 0 && !slices.ContainsFunc(all[i].Languages, func(l string) bool { return isVariety(language, l) }):
		return tidings.Invalid("language", "%s understands only %s.", name, strings.Join(all[i].Languages, ", "))
	}

	return nil
}

// isVariety reports whether a language tag is the language wide or a variety of
// it.
func isVariety(tag, wide string) bool {
	tag, wide = strings.ToLower(tag), strings.ToLower(wide)
	return tag == wide || strings.HasPrefix(tag, wide+"-")
}

// engineChoices names the engines that can be used.
func engineChoices(all []tidings.SpeechEngine) string {
	var names []string
	for _, e := range all {
		if e.Missing == "" {
			names = append(names, e.Name)
		}
	}
	if len(names) == 0 {
		return "None can be used now."
	}
	return "Choose one of: " + strings.Join(names, ", ") + "."
}
