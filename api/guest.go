package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// GuestStore is what guestHandlers needs of the rows.
type GuestStore interface {
	CreateGuest(ctx context.Context, g tidings.Guest) error
	RenameGuest(ctx context.Context, id tidings.ID, name string) error
}

// guestHandlers serves the guest accounts of visitors by link.
type guestHandlers struct {
	store         GuestStore
	commentAccess *commentAccess
	access        *auth.Access
	auth          *auth.Authenticator
	clock         tidings.Clock
}

// BecomeGuest is POST /links/{token}/guest.
func (h *guestHandlers) BecomeGuest(ctx context.Context, r spec.BecomeGuestRequestObject) (spec.BecomeGuestResponseObject, error) {
	k := request.FromContext(ctx)
	k.Credentials.Share, k.Subject.Link = r.Token, nil
	if err := h.auth.AddLink(ctx, &k.Subject, r.Token); err != nil {
		return nil, err
	}

	link := k.Subject.Link
	if link == nil {
		return nil, tidings.NotFound()
	}

	g, _, err := h.access.AuthorizeClipOrSnippet(ctx, string(link.ClipID), tidings.ActRead)
	switch {
	case err != nil:
		return nil, err
	case k.Subject.UserID != "":
		return nil, tidings.Errorf(tidings.KindConflict, "You are signed in: comment in your own name.")
	}

	if err := h.commentAccess.limitGuest(ctx, *link); err != nil {
		return nil, err
	}

	name, err := tidings.GuestName(r.Body.Name)
	if err != nil {
		return nil, err
	}

	guest := tidings.Guest{ID: h.auth.GuestID(ctx, g.ClipID), ClipID: g.ClipID, LinkID: link.ID, Name: name, CreatedAt: h.clock()}
	if made, repeated := request.RepeatedCreation(ctx); repeated {
		guest.ID = made.ID
		err = h.auth.RememberGuest(ctx, guest)
	} else {
		err = h.keepGuest(ctx, &guest)
	}
	if err != nil {
		return nil, err
	}

	return spec.BecomeGuest201JSONResponse{ID: guest.ID, ClipID: guest.ClipID, Name: guest.Name}, nil
}

// keepGuest renames the session's guest of the clip, or creates one and sets
// the session cookie.
func (h *guestHandlers) keepGuest(ctx context.Context, g *tidings.Guest) error {
	if g.ID != "" {
		err := h.store.RenameGuest(ctx, g.ID, g.Name)
		if tidings.KindOf(err) != tidings.KindNotFound {
			return err
		}
	}

	g.ID = tidings.NewID(g.CreatedAt)
	claimed, err := request.ClaimForCookie(ctx, request.Creation{ID: g.ID})
	if err != nil {
		return err
	}
	if err := h.store.CreateGuest(claimed, *g); err != nil {
		return err
	}

	return h.auth.RememberGuest(ctx, *g)
}

// limitGuest limits the rate of guests, by link and address.
func (a *commentAccess) limitGuest(ctx context.Context, l tidings.Link) error {
	return a.guestLimiter.Check("link " + string(l.ID) + " " + auth.AddressKey(request.FromContext(ctx).ClientIP))
}

// authorizeContribution is AuthorizeClipOrSnippet for requests that write comments
// or reactions. Visitors by a link that allows comments must give a name first,
// and the rate of guests is limited.
func (a *commentAccess) authorizeContribution(ctx context.Context, id string, act tidings.Action) (tidings.ClipAccess, *tidings.Span, error) {
	g, snippet, err := a.access.AuthorizeClipOrSnippet(ctx, id, act)
	who := request.SubjectOf(ctx)
	if who.UserID != "" || who.Link == nil {
		return g, snippet, err
	}
	if tidings.KindOf(err) == tidings.KindForbidden && who.Link.AllowComments && who.GuestID == "" {
		return g, snippet, tidings.Errorf(tidings.KindUnauthenticated, "Say your name first.")
	}
	if err != nil {
		return g, snippet, err
	}

	return g, snippet, a.limitGuest(ctx, *who.Link)
}
