package api

import (
	"context"

	"tidings.example/tidings/api/page"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// pageData is the JSON of the API for the first data of pages.
type pageData struct{ s *server }

var _ page.Data = pageData{}

// Me implements page.Data.
func (d pageData) Me(ctx context.Context) (spec.Me, error) {
	user, err := d.s.Store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return spec.Me{}, err
	}
	return d.s.auth.Me(ctx, user)
}

// Clip implements page.Data.
func (d pageData) Clip(ctx context.Context, id string) (spec.Clip, error) {
	return d.s.clipViews.shownClip(ctx, id, tidings.ActView)
}

// ReplyPath implements page.Data.
func (d pageData) ReplyPath(ctx context.Context, clip spec.Clip) (string, error) {
	return d.s.replyPath(ctx, clip)
}

// Setup implements page.Data.
func (d pageData) Setup(ctx context.Context) (spec.SetupState, error) { return d.s.setup.State(ctx) }

// SignInWays implements page.Data.
func (d pageData) SignInWays(ctx context.Context, problem string) *spec.SignInWays {
	return d.s.signInMethods.SignInWays(ctx, problem)
}
