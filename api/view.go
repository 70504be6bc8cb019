package api

import (
	"context"

	"tidings"
	"tidings/api/spec"
)

// AddView is POST /clips/{id}/views.
func (s *server) AddView(ctx context.Context, r spec.AddViewRequestObject) (spec.AddViewResponseObject, error) {
	g, part, err := s.part(ctx, r.ID, tidings.ActView)
	if err != nil {
		return nil, err
	}
	who := subjectOf(ctx)
	viewer := string(who.UserID)
	switch {
	case viewer != "" && !who.Scope.Includes(tidings.ScopeWrite):
		return nil, tidings.Errorf(tidings.KindForbidden, "This token may only read.")
	case viewer == "":
		viewer = "link:" + string(who.Link.ID) // the access check let them in by it
	}
	ranges := make([]tidings.Span, len(r.Body.Ranges))
	for i, p := range r.Body.Ranges {
		if ranges[i] = (tidings.Span{StartMS: p[0], EndMS: p[1]}); p[1] < p[0] {
			return nil, tidings.Invalid("ranges", "A range may not go backwards.")
		}
		if part != nil {
			ranges[i] = tidings.Span{StartMS: min(p[0]+part.StartMS, part.EndMS), EndMS: min(p[1]+part.StartMS, part.EndMS)}
		}
	}
	if who.Link != nil && who.Link.ClipID == g.ClipID {
		if err := s.Store.AddLinkSitting(ctx, who.Link.ID, r.Body.Session); err != nil {
			return nil, err
		}
	}
	return spec.AddView204Response{}, s.Store.AddView(ctx, g.ClipID, viewer, r.Body.Session, ranges, deref(r.Body.Read))
}
