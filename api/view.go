package api

import (
	"context"

	"tidings"
	"tidings/api/spec"
)

// AddView is POST /clips/{id}/views.
func (s *server) AddView(ctx context.Context, r spec.AddViewRequestObject) (spec.AddViewResponseObject, error) {
	g, err := s.clip(ctx, r.ID, tidings.ActView)
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
	}
	return spec.AddView204Response{}, s.Store.AddView(ctx, g.ClipID, viewer, r.Body.Session, ranges, deref(r.Body.Read))
}
