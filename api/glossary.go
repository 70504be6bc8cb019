package api

import (
	"context"
	"slices"
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/glossary"
)

// GlossaryStore is what glossaryHandlers needs of the rows.
type GlossaryStore interface {
	Corrections(ctx context.Context, ws, user tidings.ID) ([]tidings.Correction, error)
	DismissCorrection(ctx context.Context, ws, user tidings.ID, c tidings.Correction) error
	Glossary(ctx context.Context, ws tidings.ID) (tidings.Glossary, error)
	PutGlossary(ctx context.Context, ws tidings.ID, g tidings.Glossary) (tidings.Glossary, error) // KindStale
}

// glossaryHandlers serves the glossary of a workspace.
type glossaryHandlers struct {
	store       GlossaryStore
	transcripts *transcriptHandlers
	access      *auth.Access
}

// glossaryWorkspace is the workspace of a glossary, for members who may add
// clips to it. Guests see single clips only.
func glossaryWorkspace(ctx context.Context, ws string) (tidings.ID, error) {
	id, r, err := auth.RoleIn(ctx, ws)
	if err == nil && r == tidings.RoleGuest {
		return "", tidings.Errorf(tidings.KindForbidden, "Guests have no glossary.")
	}
	return id, err
}

// GetGlossary is GET /workspaces/{ws}/glossary.
func (h *glossaryHandlers) GetGlossary(ctx context.Context, r spec.GetGlossaryRequestObject) (spec.GetGlossaryResponseObject, error) {
	ws, err := glossaryWorkspace(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	g, err := h.store.Glossary(ctx, ws)
	if err != nil {
		return nil, err
	}
	out, err := h.glossaryJSON(ctx, ws, g)
	return spec.GetGlossary200JSONResponse(out), err
}

// PutGlossary is PUT /workspaces/{ws}/glossary.
func (h *glossaryHandlers) PutGlossary(ctx context.Context, r spec.PutGlossaryRequestObject) (spec.PutGlossaryResponseObject, error) {
	ws, err := glossaryWorkspace(ctx, r.Ws)
	if err != nil {
		return nil, err
	}

	version, err := ifMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}

	g, err := tidings.Glossary{Entries: spec.Map(r.Body.Entries, glossaryEntryOf)}.Validate()
	if err != nil {
		return nil, err
	}

	for try := 1; ; try++ {
		if version == nil {
			now, err := h.store.Glossary(ctx, ws)
			if err != nil {
				return nil, err
			}
			g.Version = now.Version
		} else {
			g.Version = *version
		}

		put, err := h.store.PutGlossary(ctx, ws, g)
		if tidings.KindOf(err) == tidings.KindStale && version == nil && try < editTries {
			continue
		}
		if err != nil {
			return nil, err
		}

		out, err := h.glossaryJSON(ctx, ws, put)
		return spec.PutGlossary200JSONResponse(out), err
	}
}

func glossaryEntryOf(e spec.GlossaryEntry) tidings.GlossaryEntry {
	return tidings.GlossaryEntry{Term: e.Term, SoundsLike: e.SoundsLike, CaseSensitive: spec.Deref(e.CaseSensitive), Note: spec.Deref(e.Note)}
}

func (h *glossaryHandlers) glossaryJSON(ctx context.Context, ws tidings.ID, g tidings.Glossary) (spec.Glossary, error) {
	out := spec.Glossary{Version: g.Version, Suggestions: []spec.Correction{}, Entries: spec.Map(g.Entries, func(e tidings.GlossaryEntry) spec.GlossaryEntry {
		sounds := append([]string{}, e.SoundsLike...)
		return spec.GlossaryEntry{Term: e.Term, SoundsLike: sounds, CaseSensitive: spec.OrNil(e.CaseSensitive), Note: spec.OrNil(e.Note)}
	})}

	corrections, err := h.store.Corrections(ctx, ws, request.SubjectOf(ctx).UserID)
	for _, c := range corrections {
		if !isInGlossary(g, c) {
			out.Suggestions = append(out.Suggestions, spec.Correction{Heard: c.Original, Written: c.Replacement, Times: c.Times})
		}
	}

	return out, err
}

// isInGlossary reports whether an entry already has the misheard text of a
// correction.
func isInGlossary(g tidings.Glossary, c tidings.Correction) bool {
	return slices.ContainsFunc(g.Entries, func(e tidings.GlossaryEntry) bool {
		return slices.ContainsFunc(e.SoundsLike, func(s string) bool { return strings.ToLower(s) == c.Original })
	})
}

// DismissCorrection is POST /workspaces/{ws}/glossary/dismiss.
func (h *glossaryHandlers) DismissCorrection(ctx context.Context, r spec.DismissCorrectionRequestObject) (spec.DismissCorrectionResponseObject, error) {
	ws, err := glossaryWorkspace(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	return spec.DismissCorrection204Response{}, h.store.DismissCorrection(ctx, ws, request.SubjectOf(ctx).UserID,
		tidings.Correction{Original: r.Body.Heard, Replacement: r.Body.Written})
}

// UseGlossary is POST /clips/{id}/transcript/glossary.
func (h *glossaryHandlers) UseGlossary(ctx context.Context, r spec.UseGlossaryRequestObject) (spec.UseGlossaryResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActEdit)
	if err != nil {
		return nil, err
	}

	only, at, term := spec.Deref(r.Body.SegmentID), -1, spec.Deref(r.Body.Term)
	if r.Body.Word != nil {
		if at = *r.Body.Word; only == "" {
			return nil, tidings.Invalid("segment_id", "Say in which segment the word is.")
		}
	}

	do := func(seg tidings.TranscriptSegment) (tidings.TranscriptSegment, int) {
		return glossary.Restore(seg, at, term)
	}
	if r.Body.Action == "apply" {
		words, err := h.store.Glossary(ctx, g.WorkspaceID)
		if err != nil {
			return nil, err
		}
		do = glossary.New(words).Apply
	}

	out, err := h.transcripts.editMany(ctx, r.ID, tidings.EditGlossary, func(seg tidings.TranscriptSegment) (tidings.TranscriptSegment, bool) {
		if only != "" && string(seg.ID) != only {
			return seg, false
		}
		next, n := do(seg)
		return next, n > 0
	})

	return spec.UseGlossary200JSONResponse(out), err
}
