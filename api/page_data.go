package api

import (
	"context"

	"tidings.example/tidings/api/page"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// pageData implements page.Data: the JSON of the API as the first data of
// pages.
type pageData struct{ s *server }

var _ page.Data = pageData{}

// Me implements page.Data.
func (d pageData) Me(ctx context.Context) (spec.Me, error) {
	user, err := d.s.Stores.Accounts.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return spec.Me{}, err
	}
	return d.s.auth.Me(ctx, user)
}

// Clip implements page.Data.
func (d pageData) Clip(ctx context.Context, id string) (spec.Clip, error) {
	return d.s.clipViews.loadClipJSON(ctx, id, tidings.ActView)
}

// ReplyPath implements page.Data.
func (d pageData) ReplyPath(ctx context.Context, clip spec.Clip) (string, error) {
	if clip.ReplyToClipID == nil {
		return "", nil
	}

	at, err := d.s.Stores.Access.CommentOfReply(ctx, clip.ID)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}

	if at.AtMS == nil && at.ParentID != "" { // the time is that of its thread
		root, err := d.s.Stores.Access.Comment(ctx, at.ParentID)
		if err != nil {
			return "", err
		}
		at.AtMS = root.AtMS
	}

	return commentURL(at), nil
}

// Setup implements page.Data.
func (d pageData) Setup(ctx context.Context) (spec.SetupState, error) { return d.s.setup.State(ctx) }

// EventID implements page.Data.
func (d pageData) EventID() string { return formatEventID(d.s.epoch, d.s.Stores.Events.Serial()) }

// ResetsByMail implements page.Data.
func (d pageData) ResetsByMail() bool { return d.s.resets.ByMail() }

// SignInWays implements page.Data.
func (d pageData) SignInWays(ctx context.Context, problem string) *spec.SignInWays {
	return d.s.signInMethods.SignInWays(ctx, problem)
}
