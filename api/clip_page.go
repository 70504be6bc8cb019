package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// clipPage is GET /c/{id}: for whoever may see the clip. Strangers sign in
// first, whether or not there is such a clip.
func (s *server) clipPage(c echo.Context) error {
	ctx := c.Request().Context()
	clip, err := s.shownClip(ctx, c.Param("id"), tidings.ActView)
	who := request.SubjectOf(ctx)
	if tidings.KindOf(err) == tidings.KindNotFound && who.UserID == "" {
		return s.toLogin(c)
	}
	if err != nil {
		return err
	}
	if done, err := s.replyPage(c, clip); done || err != nil {
		return err
	}

	b, err := s.boot(ctx, "clip")
	if err != nil {
		return err
	}

	b.Clip = &clip
	v := s.clipView(ctx, clip)
	if who.Link != nil && who.Link.ClipID == clip.ID {
		b.Share = s.sharedBy(ctx, *who.Link)
		response.NoReferrer(c.Response().Header())
		if who.Link.Access == tidings.LinkAnyone {
			v.Card = s.clipCard(ctx, clip)
		}
	}

	return s.draw(c, http.StatusOK, v, b)
}

func (s *server) sharePage(c echo.Context) error { return s.linkPage(c, false) }
func (s *server) embedPage(c echo.Context) error { return s.linkPage(c, true) }

// linkPage is GET /s/{token} and GET /embed/{token}: the clip a share link
// opens. A revoked link, an expired one and none at all look the same.
func (s *server) linkPage(c echo.Context, embed bool) error {
	ctx := c.Request().Context()
	k := request.FromContext(ctx)
	response.NoReferrer(c.Response().Header())
	k.Credentials.Share = c.Param("token")
	k.Subject.Link = nil
	if err := s.auth.AddLink(ctx, &k.Subject, k.Credentials.Share); err != nil {
		return err
	}

	link := k.Subject.Link
	if link == nil {
		return tidings.NotFound()
	}
	if err := s.auth.AddGuest(ctx, &k.Subject); err != nil {
		return err
	}

	b, err := s.boot(ctx, "clip")
	if err != nil {
		return err
	}

	b.Embed, b.Share = embed, s.sharedBy(ctx, *link)
	frames := ""
	if embed {
		if frames, err = s.embedAncestors(ctx, link.ClipID); err != nil {
			return err
		}
	}

	clip, err := s.shownClip(ctx, string(link.ClipID), tidings.ActView)
	switch {
	case err == nil:
		b.Clip = &clip
		v := s.clipView(ctx, clip)
		v.Frames = frames
		if link.Access == tidings.LinkAnyone { // what the others show is for those they let in
			v.Card = s.clipCard(ctx, clip)
		}
		return s.draw(c, http.StatusOK, v, b)
	case tidings.KindOf(err) != tidings.KindNotFound:
		return err
	case link.Access == tidings.LinkPassword && s.there(ctx, link.ClipID):
		b.Share.Locked = true
		return s.draw(c, http.StatusOK, view{Heading: "This recording has a password", Frames: frames}, b)
	case link.Access == tidings.LinkWorkspace && k.Subject.UserID == "" && !embed:
		return s.toLogin(c)
	}

	return err
}

// there reports whether a locked link's clip can be opened at all.
func (s *server) there(ctx context.Context, clip tidings.ID) bool {
	g, err := s.Store.ClipAccess(ctx, clip, "")
	return err == nil && !g.Trashed
}

// sharedBy is what the page is told of the link it was opened by.
func (s *server) sharedBy(ctx context.Context, l tidings.Link) *spec.SharedBy {
	by := &spec.SharedBy{Guest: spec.OrNil(request.SubjectOf(ctx).Guest), Token: request.FromContext(ctx).Credentials.Share, Access: l.Access, AllowComments: l.AllowComments, AllowDownload: l.AllowDownload}
	if by.Snippet = l.Snippet() != nil; !by.Snippet {
		by.StartMs = l.StartMS
	}
	return by
}

// clipView is the first paint of a clip's page.
func (s *server) clipView(ctx context.Context, clip spec.Clip) view {
	return view{Heading: clip.Title, Byline: clip.Author.Name, Poster: spec.Deref(clip.Media.Poster), Video: spec.Deref(clip.Media.Video)}
}
