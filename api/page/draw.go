package page

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// contentPolicy is the Content-Security-Policy of pages, up to the sources that
// may frame them. The pages of links may be framed: what they show needs no
// cookie, and browsers send none into a frame of another site.
const contentPolicy = "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "

// view is what the template draws. Links, Unbuilt and Boot are set by drawPage.
type view struct {
	Title, Heading, Byline string
	Poster, Video          string
	Card                   *shareCard
	FrameAncestors         string // "" = FrameNone
	Links                  headLinks
	Unbuilt                bool        // there is no web build
	Boot                   template.JS // "" for pages without the web app
}

// bootData is the first data of a page, with the account of the caller. It must
// be made before other data is read: live events go on after its event id.
func (h *Handler) bootData(ctx context.Context, page string) (spec.Boot, error) {
	b := spec.Boot{Page: page, Version: h.Version, MaxUploadBytes: h.MaxUpload, EventID: h.Data.EventID()}
	if request.SubjectOf(ctx).UserID == "" {
		return b, nil
	}

	if h.CheckSpace != nil {
		if err := h.CheckSpace(0); err != nil {
			b.NoSpace = new(tidings.Sentence(err))
		}
	}

	me, err := h.Data.Me(ctx)
	b.Me = &me
	return b, err
}

// drawPage answers with a page of the web app, with the title of the table
// unless the view has a heading.
func (h *Handler) drawPage(c echo.Context, code int, v view, b spec.Boot) error {
	text, err := json.Marshal(b) // escapes <, > and &, so nothing in it ends the script
	if err != nil {
		return err
	}

	p := h.pages[b.Page]
	v.Heading = cmp.Or(v.Heading, p.Title)
	v.Boot = template.JS(text)
	v.Links, v.Unbuilt = h.bundle.linksOf(p.Component), h.bundle == nil
	if v.Card == nil {
		v.Card = neutralCard()
	}

	return h.writePage(c, code, v)
}

// writePage executes the template. A page without boot data is only text, in the
// web app's styles.
func (h *Handler) writePage(c echo.Context, code int, v view) error {
	v.Title = cmp.Or(v.Title, v.Heading, "Tidings")
	if v.Title != "Tidings" {
		v.Title += " · Tidings"
	}

	if v.Boot == "" {
		v.Links.Styles = h.bundle.linksOf(h.pages["not_found"].Component).Styles
	}

	var page bytes.Buffer
	if err := h.template.Execute(&page, v); err != nil {
		return err
	}

	v.FrameAncestors = cmp.Or(v.FrameAncestors, FrameNone)
	setPageHeaders(c.Response().Header(), v.FrameAncestors)
	return c.HTMLBlob(code, page.Bytes())
}

func setPageHeaders(h http.Header, frameAncestors string) {
	h.Set("Content-Security-Policy", contentPolicy+frameAncestors)
	h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", response.CacheRevalidate)
	}

	if frameAncestors == FrameNone {
		h.Set("X-Frame-Options", "DENY")
	}
}
