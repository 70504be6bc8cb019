package api

import (
	"context"
	"slices"
	"strings"

	"tidings"
	"tidings/api/spec"
)

func linkJSON(l tidings.Link) spec.Link {
	return spec.Link{ID: l.ID, ClipID: l.ClipID, Access: l.Access, AllowComments: l.AllowComments, AllowDownload: l.AllowDownload,
		StartMs: l.StartMS, EndMs: l.EndMS, ExpiresAt: timeJSON(l.ExpiresAt), CreatedAt: spec.Instant(l.CreatedAt)}
}

// ListLinks is GET /clips/{id}/links.
func (s *server) ListLinks(ctx context.Context, r spec.ListLinksRequestObject) (spec.ListLinksResponseObject, error) {
	g, err := s.clip(ctx, r.ID, tidings.ActShare)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Links(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}
	items, next, err := paged(all, func(l tidings.Link) string { return string(l.ID) }, true, r.Params.Limit, r.Params.Cursor)
	return spec.ListLinks200JSONResponse{Items: mapped(items, linkJSON), NextCursor: next}, err
}

// CreateLink is POST /clips/{id}/links. The token is 128 random bits and kept
// only as its hash.
func (s *server) CreateLink(ctx context.Context, r spec.CreateLinkRequestObject) (spec.CreateLinkResponseObject, error) {
	g, err := s.clip(ctx, r.ID, tidings.ActShare)
	if err != nil {
		return nil, err
	}
	clip, err := s.Store.Clip(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}
	now, token := s.Clock(), randomText(16)
	l := tidings.Link{ID: tidings.NewID(now), ClipID: g.ClipID, Hash: hashOf(token), Access: or(deref(r.Body.Access), tidings.LinkAnyone),
		AllowComments: deref(r.Body.AllowComments), AllowDownload: deref(r.Body.AllowDownload), StartMS: r.Body.StartMs, EndMS: r.Body.EndMs,
		ExpiresAt: timeOf(r.Body.ExpiresAt), CreatedBy: subjectOf(ctx).UserID, CreatedAt: now}
	if err := s.checkLink(l, deref(r.Body.Password), clip); err != nil {
		return nil, err
	}
	if l.Access == tidings.LinkPassword {
		if err := s.hashing.slot(ctx); err != nil {
			return nil, err
		}
		l.PasswordHash = HashPassword(*r.Body.Password)
		<-s.hashing.slots
	}
	if err := s.Store.CreateLink(ctx, l); err != nil {
		return nil, err
	}
	return spec.CreateLink201JSONResponse{ID: l.ID, ClipID: l.ClipID, Access: l.Access, AllowComments: l.AllowComments, AllowDownload: l.AllowDownload,
		StartMs: l.StartMS, EndMs: l.EndMS, ExpiresAt: timeJSON(l.ExpiresAt), CreatedAt: spec.Instant(l.CreatedAt),
		Token: token, URL: callOf(ctx).base + "/s/" + token}, nil
}

func (s *server) checkLink(l tidings.Link, password string, clip tidings.Clip) error {
	fields := map[string]string{}
	if (l.Access == tidings.LinkPassword) != (password != "") {
		fields["password"] = `Needed with access "password", and only then.`
	}
	if l.ExpiresAt != nil && !l.ExpiresAt.After(s.Clock()) {
		fields["expires_at"] = "That is over already."
	}
	if l.StartMS != nil && clip.DurationMS != nil && *l.StartMS >= *clip.DurationMS {
		fields["start_ms"] = "Outside the clip."
	}
	if l.EndMS != nil && *l.EndMS <= deref(l.StartMS) {
		fields["end_ms"] = "It must be after start_ms."
	}
	if len(fields) > 0 {
		return &tidings.Error{Kind: tidings.KindInvalid, Msg: "Some fields are not right.", Fields: fields}
	}
	return nil
}

// link is a link of a clip the caller may share.
func (s *server) link(ctx context.Context, id string) (tidings.Link, error) {
	lid, ok := tidings.ParseID(id)
	if !ok {
		return tidings.Link{}, tidings.NotFound()
	}
	l, err := s.Store.Link(ctx, lid)
	if err != nil {
		return l, err
	}
	if _, err := s.clip(ctx, string(l.ClipID), tidings.ActShare); err != nil {
		return tidings.Link{}, err
	}
	if l.RevokedAt != nil {
		return tidings.Link{}, tidings.NotFound()
	}
	return l, nil
}

// UpdateLink is PATCH /links/{id}.
func (s *server) UpdateLink(ctx context.Context, r spec.UpdateLinkRequestObject) (spec.UpdateLinkResponseObject, error) {
	l, err := s.link(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	l.AllowComments, l.AllowDownload = *or(r.Body.AllowComments, &l.AllowComments), *or(r.Body.AllowDownload, &l.AllowDownload)
	if at := r.Body.ExpiresAt; at.Set {
		if l.ExpiresAt = timeOf(at.Value); l.ExpiresAt != nil && !l.ExpiresAt.After(s.Clock()) {
			return nil, tidings.Invalid("expires_at", "That is over already.")
		}
	}
	return spec.UpdateLink200JSONResponse(linkJSON(l)), s.Store.UpdateLink(ctx, l)
}

// RevokeLink is DELETE /links/{id}.
func (s *server) RevokeLink(ctx context.Context, r spec.RevokeLinkRequestObject) (spec.RevokeLinkResponseObject, error) {
	l, err := s.link(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return spec.RevokeLink204Response{}, s.Store.RevokeLink(ctx, l.ID)
}

// maxUnlocks is how many links a session remembers the passwords of.
const maxUnlocks = 50

// UnlockLink is POST /links/{token}/unlock.
func (s *server) UnlockLink(ctx context.Context, r spec.UnlockLinkRequestObject) (spec.UnlockLinkResponseObject, error) {
	l, err := s.Store.LinkByHash(ctx, hashOf(r.Token))
	if err != nil {
		return nil, err
	}
	if !l.Live(s.Clock()) || l.Access != tidings.LinkPassword {
		return nil, tidings.NotFound()
	}
	if err := s.logins.check(neighbourhood(callOf(ctx).ip), "link "+string(l.ID)); err != nil {
		return nil, err
	}
	ok, err := s.hashing.verify(ctx, l.PasswordHash, r.Body.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, tidings.Errorf(tidings.KindForbidden, "That is not the password.")
	}
	open := slices.DeleteFunc(strings.Fields(s.sessions.GetString(ctx, sessionUnlock)), func(id string) bool { return id == string(l.ID) })
	open = append(open, string(l.ID))
	s.sessions.Put(ctx, sessionUnlock, strings.Join(open[max(0, len(open)-maxUnlocks):], " "))
	return spec.UnlockLink204Response{}, s.saveSession(ctx)
}
