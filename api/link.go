package api

import (
	"cmp"
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// LinkStore is what linkHandlers needs of the rows.
type LinkStore interface {
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) // also in the trash
	CreateLink(ctx context.Context, l tidings.Link) error
	Link(ctx context.Context, id tidings.ID) (tidings.Link, error)
	LinkRow(ctx context.Context, id tidings.ID) (tidings.Link, error)
	Links(ctx context.Context, clip tidings.ID) ([]tidings.Link, error)
	RevokeLink(ctx context.Context, id tidings.ID) error
	UpdateLink(ctx context.Context, l tidings.Link) error
}

// linkHandlers serves share links.
type linkHandlers struct {
	store         LinkStore
	access        *auth.Access
	auth          *auth.Authenticator
	clock         tidings.Clock
	media         *media.Handler
	passwords     *auth.PasswordHasher
	signInLimiter *auth.Limiter
}

func linkJSON(l tidings.Link) spec.Link {
	return spec.Link{ID: l.ID, ClipID: l.ClipID, Access: l.Access, AllowComments: l.AllowComments, AllowDownload: l.AllowDownload,
		StartMs: l.StartMS, EndMs: l.EndMS, ExpiresAt: spec.InstantOrNil(l.ExpiresAt), CreatedAt: spec.Instant(l.CreatedAt),
		CreatedBy: spec.AuthorOf(tidings.Author{ID: l.CreatedBy, Name: l.Creator}), Views: l.Views, LastUsedAt: spec.InstantOrNil(l.LastUsedAt)}
}

// ListLinks is GET /clips/{id}/links.
func (h *linkHandlers) ListLinks(ctx context.Context, r spec.ListLinksRequestObject) (spec.ListLinksResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActShare)
	if err != nil {
		return nil, err
	}
	all, err := h.store.Links(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}
	items, next, err := pageOf(all, func(l tidings.Link) string { return string(l.ID) }, true, r.Params.Limit, r.Params.Cursor)
	return spec.ListLinks200JSONResponse{Items: spec.Map(items, linkJSON), NextCursor: next}, err
}

// CreateLink is POST /clips/{id}/links. The token has 128 random bits; only its
// hash is stored.
func (h *linkHandlers) CreateLink(ctx context.Context, r spec.CreateLinkRequestObject) (spec.CreateLinkResponseObject, error) {
	if made, repeated := request.RepeatedCreation(ctx); repeated {
		l, err := h.authorizeLink(ctx, string(made.ID))
		return newLinkJSON(ctx, l, made.Secret), err
	}

	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActShare)
	if err != nil {
		return nil, err
	}

	now, token := h.clock(), auth.RandomText(16)
	expires, err := expiryOf(now, r.Body.ExpiresAt, r.Body.ExpiresInMs)
	if err != nil {
		return nil, err
	}

	l := tidings.Link{ID: tidings.NewID(now), ClipID: g.ClipID, Hash: auth.HashSecret(token), Access: cmp.Or(spec.Deref(r.Body.Access), tidings.LinkAnyone),
		AllowComments: spec.Deref(r.Body.AllowComments), AllowDownload: spec.Deref(r.Body.AllowDownload), StartMS: r.Body.StartMs, EndMS: r.Body.EndMs,
		ExpiresAt: expires, CreatedBy: request.SubjectOf(ctx).UserID, CreatedAt: now}
	if err := h.checkLink(ctx, l, r.Body.Password, true); err != nil {
		return nil, err
	}
	if l.PasswordHash, err = h.linkPassword(ctx, l, r.Body.Password); err != nil {
		return nil, err
	}

	claimed, err := request.ClaimForCreation(ctx, request.Creation{ID: l.ID, Secret: token})
	if err != nil {
		return nil, err
	}
	if err := h.store.CreateLink(claimed, l); err != nil {
		return nil, err
	}
	if l, err = h.store.Link(ctx, l.ID); err != nil {
		return nil, err
	}

	h.media.PrepareSnippet(ctx, l)
	return newLinkJSON(ctx, l, token), nil
}

// newLinkJSON is a new link with its token, which is shown once.
func newLinkJSON(ctx context.Context, l tidings.Link, token string) spec.CreateLink201JSONResponse {
	j := linkJSON(l)
	return spec.CreateLink201JSONResponse{ID: j.ID, ClipID: j.ClipID, Access: j.Access, AllowComments: j.AllowComments, AllowDownload: j.AllowDownload,
		StartMs: j.StartMs, EndMs: j.EndMs, ExpiresAt: j.ExpiresAt, CreatedAt: j.CreatedAt, CreatedBy: j.CreatedBy, Views: j.Views, LastUsedAt: j.LastUsedAt,
		Token: token, URL: request.FromContext(ctx).BaseURL + "/s/" + token}
}

// checkLink validates a link as it would be stored. expirySet says that the
// request sets its expiry, which must then be in the future.
func (h *linkHandlers) checkLink(ctx context.Context, l tidings.Link, password *string, expirySet bool) error {
	clip, err := h.store.Clip(ctx, l.ClipID)
	if err != nil {
		return err
	}

	fields := map[string]string{}
	if locked := l.Access == tidings.LinkPassword; locked && spec.Deref(password) == "" && l.PasswordHash == "" || !locked && spec.Deref(password) != "" {
		fields["password"] = `Needed with access "password", and only then.`
	}

	if expirySet && l.ExpiresAt != nil && !l.ExpiresAt.After(h.clock()) {
		fields["expires_at"] = "That is over already."
	}

	if l.StartMS != nil && clip.DurationMS != nil && *l.StartMS >= *clip.DurationMS {
		fields["start_ms"] = "Outside the clip."
	}

	if snippet := l.Snippet(); snippet != nil {
		switch {
		case snippet.Length() <= 0:
			fields["end_ms"] = "It must be after start_ms."
		case clip.DurationMS != nil && snippet.EndMS > *clip.DurationMS:
			fields["end_ms"] = "Outside the clip."
		case snippet.Length() > tidings.MaxSnippet.Milliseconds():
			fields["end_ms"] = "A part may last at most 30 minutes."
		}
	}

	if len(fields) > 0 {
		return &tidings.Error{Kind: tidings.KindInvalid, Msg: "Some fields are not right.", Fields: fields}
	}

	return nil
}

// linkPassword is the password hash to store with a link: of a new password,
// the present one, or none.
func (h *linkHandlers) linkPassword(ctx context.Context, l tidings.Link, password *string) (string, error) {
	switch {
	case l.Access != tidings.LinkPassword:
		return "", nil
	case spec.Deref(password) == "":
		return l.PasswordHash, nil
	}

	return h.passwords.HashAnyLength(ctx, *password)
}

// authorizeLink is the access check of a link: the link, if the caller may
// share its clip.
func (h *linkHandlers) authorizeLink(ctx context.Context, id string) (tidings.Link, error) {
	lid, ok := tidings.ParseID(id)
	if !ok {
		return tidings.Link{}, tidings.NotFound()
	}

	l, err := h.store.LinkRow(ctx, lid)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return tidings.Link{}, h.access.NotFoundInConstantTime(ctx, l.ClipID, tidings.ActShare)
	}
	if err != nil {
		return l, err
	}
	if _, err := h.access.AuthorizeClip(ctx, string(l.ClipID), tidings.ActShare); err != nil {
		return tidings.Link{}, err
	}
	if l.RevokedAt != nil {
		return tidings.Link{}, tidings.NotFound()
	}

	return h.store.Link(ctx, lid)
}

// UpdateLink is PATCH /links/{id}. A new password locks the link again for
// those who had unlocked it; another access than "password" deletes the
// password.
func (h *linkHandlers) UpdateLink(ctx context.Context, r spec.UpdateLinkRequestObject) (spec.UpdateLinkResponseObject, error) {
	l, err := h.authorizeLink(ctx, r.ID)
	if err != nil {
		return nil, err
	}

	in := r.Body
	l.Access = cmp.Or(spec.Deref(in.Access), l.Access)
	l.AllowComments, l.AllowDownload = *cmp.Or(in.AllowComments, &l.AllowComments), *cmp.Or(in.AllowDownload, &l.AllowDownload)
	expirySet := in.ExpiresAt.Set || in.ExpiresInMs != nil
	if expirySet {
		if l.ExpiresAt, err = expiryOf(h.clock(), in.ExpiresAt.Value, in.ExpiresInMs); err != nil {
			return nil, err
		}
	}

	if in.StartMs.Set {
		l.StartMS = in.StartMs.Value
	}

	if in.EndMs.Set {
		l.EndMS = in.EndMs.Value
	}

	if err := h.checkLink(ctx, l, in.Password, expirySet); err != nil {
		return nil, err
	}
	if l.PasswordHash, err = h.linkPassword(ctx, l, in.Password); err != nil {
		return nil, err
	}
	if err := h.store.UpdateLink(ctx, l); err != nil {
		return nil, err
	}

	h.media.PrepareSnippet(ctx, l)
	return spec.UpdateLink200JSONResponse(linkJSON(l)), nil
}

// RevokeLink is DELETE /links/{id}.
func (h *linkHandlers) RevokeLink(ctx context.Context, r spec.RevokeLinkRequestObject) (spec.RevokeLinkResponseObject, error) {
	l, err := h.authorizeLink(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return spec.RevokeLink204Response{}, h.store.RevokeLink(ctx, l.ID)
}
