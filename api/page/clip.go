package page

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// clipPage is GET /c/{id}. Visitors who may not see the clip sign in first,
// whether or not it exists. The page of a reply is the one of its thread.
func (h *Handler) clipPage(c echo.Context) error {
	ctx := c.Request().Context()
	b, err := h.bootData(ctx, "clip")
	if err != nil {
		return err
	}

	clip, err := h.Data.Clip(ctx, c.Param("id"))
	subject := request.SubjectOf(ctx)
	if tidings.KindOf(err) == tidings.KindNotFound && subject.UserID == "" {
		return h.redirectToLogin(c)
	}
	if err != nil {
		return err
	}
	if path, err := h.Data.ReplyPath(ctx, clip); err != nil {
		return err
	} else if path != "" {
		return response.Redirect(c, path)
	}

	b.Clip = &clip
	v := clipView(clip)
	if subject.Link != nil && subject.Link.ClipID == clip.ID {
		b.Share = sharedBy(ctx, *subject.Link)
		response.NoReferrer(c.Response().Header())
		if subject.Link.Access == tidings.LinkAnyone {
			v.Card = clipCard(ctx, clip, c.QueryParam("t"))
		}
	}

	return h.drawPage(c, http.StatusOK, v, b)
}

// Share is GET /s/{token}: the clip that a share link opens.
func (h *Handler) Share(c echo.Context) error { return h.drawLinkPage(c, false) }

// Embed is GET /embed/{token}: only the player of that clip, for frames.
func (h *Handler) Embed(c echo.Context) error { return h.drawLinkPage(c, true) }

// drawLinkPage draws the page of a link. Revoked, expired and unknown links look
// the same.
func (h *Handler) drawLinkPage(c echo.Context, embed bool) error {
	ctx := c.Request().Context()
	link, err := h.useLink(c)
	if err != nil {
		return err
	}

	b, err := h.bootData(ctx, "clip")
	if err != nil {
		return err
	}

	b.Embed, b.Share = embed, sharedBy(ctx, *link)
	frameAncestors := ""
	if embed {
		if frameAncestors, err = h.embedAncestors(ctx, link.ClipID); err != nil {
			return err
		}
	}

	clip, err := h.Data.Clip(ctx, string(link.ClipID))
	switch {
	case err == nil:
		b.Clip = &clip
		v := clipView(clip)
		v.FrameAncestors = frameAncestors
		if link.Access == tidings.LinkAnyone { // other links show their clip only to those they let in
			v.Card = clipCard(ctx, clip, c.QueryParam("t"))
		}
		return h.drawPage(c, http.StatusOK, v, b)
	case tidings.KindOf(err) != tidings.KindNotFound:
		return err
	case link.Access == tidings.LinkPassword && h.clipExists(ctx, link.ClipID):
		b.Share.Locked = true
		return h.drawPage(c, http.StatusOK, view{Heading: "This recording has a password", FrameAncestors: frameAncestors}, b)
	case link.Access == tidings.LinkWorkspace && request.SubjectOf(ctx).UserID == "" && !embed:
		return h.redirectToLogin(c)
	}

	return err
}

// useLink makes the link in the path that of the request's subject.
func (h *Handler) useLink(c echo.Context) (*tidings.Link, error) {
	ctx := c.Request().Context()
	k := request.FromContext(ctx)
	response.NoReferrer(c.Response().Header())
	k.Credentials.Share = c.Param("token")
	k.Subject.Link = nil
	if err := h.Auth.AddLink(ctx, &k.Subject, k.Credentials.Share); err != nil {
		return nil, err
	}
	if k.Subject.Link == nil {
		return nil, tidings.NotFound()
	}

	return k.Subject.Link, h.Auth.AddGuest(ctx, &k.Subject)
}

// clipExists reports whether the clip of a locked link can be opened at all.
func (h *Handler) clipExists(ctx context.Context, clip tidings.ID) bool {
	access, err := h.Store.ClipAccess(ctx, clip, "")
	return err == nil && !access.Trashed
}

// sharedBy is the boot data about the link by which the page was opened.
func sharedBy(ctx context.Context, l tidings.Link) *spec.SharedBy {
	by := &spec.SharedBy{Guest: spec.OrNil(request.SubjectOf(ctx).Guest), Token: request.FromContext(ctx).Credentials.Share, Access: l.Access, AllowComments: l.AllowComments, AllowDownload: l.AllowDownload}
	if by.Snippet = l.Snippet() != nil; !by.Snippet {
		by.StartMs = l.StartMS
	}
	return by
}

// clipView is the first paint of a clip's page.
func clipView(clip spec.Clip) view {
	return view{Heading: clip.Title, Byline: clip.Author.Name, Poster: spec.Deref(clip.Media.Poster), Video: spec.Deref(clip.Media.Video)}
}
