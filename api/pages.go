package api

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

//go:embed page.html
var pageText string

// What a page may load and who may frame it. Links' pages may be framed: what
// they show needs no cookie, and browsers send none into another site's frame.
const (
	pagePolicy = "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
	noFrames   = "'none'"
)

// pages draws the pages: head, first paint and first data. The web app takes
// over from there.
type pages struct {
	template *template.Template
	bundle   bundle
	files    map[string]*webFile
}

func newPages(web fs.FS) (*pages, error) {
	web, err := webFS(web)
	if err != nil {
		return nil, err
	}

	p := &pages{}
	if p.template, err = template.New("page").Parse(pageText); err != nil {
		return nil, err
	}
	if p.bundle, err = readBundle(web); err != nil {
		return nil, err
	}

	p.files, err = readFiles(web)
	return p, err
}

// view is a page as the template draws it.
type view struct {
	Title, Heading, Byline string
	Poster, Video          string
	Card                   *card
	Frames                 string // who may frame it; "" = nobody
	Parts                  parts
	Unbuilt                bool
	Boot                   template.JS // "" for pages that are only text
}

// components are the page's files in web/src/pages, by the names of Boot.page.
var components = map[string]string{"home": "Home", "record": "Record", "clip": "Clip", "library": "Library", "inbox": "Inbox", "search": "Search",
	"setup": "Setup", "login": "Login", "settings": "Settings", "invite": "Invite", "security": "Security", "audit": "Audit",
	"people": "People", "workspace": "Workspace", "not_found": "NotFound"}

// boot is the first data of a page, with the person who looks at it.
func (s *server) boot(ctx context.Context, page string) (spec.Boot, error) {
	b := spec.Boot{Page: page, Version: s.Version, MaxUploadBytes: s.MaxUpload}
	who := request.SubjectOf(ctx).UserID
	if who == "" {
		return b, nil
	}

	user, err := s.Store.User(ctx, who)
	if err != nil {
		return b, err
	}

	me, err := s.auth.Me(ctx, user)
	b.Me = &me
	return b, err
}

// draw answers with a page. The view brings its words; the rest follows from
// the boot data.
func (s *server) draw(c echo.Context, code int, v view, b spec.Boot) error {
	text, err := json.Marshal(b) // escapes <, > and &, so nothing in it ends the script
	if err != nil {
		return err
	}
	v.Boot = template.JS(text)
	v.Parts, v.Unbuilt = s.pages.bundle.parts(components[b.Page]), s.pages.bundle == nil
	if v.Card == nil {
		v.Card = neutralCard()
	}
	return s.send(c, code, v, cmp.Or(v.Frames, noFrames))
}

func (s *server) send(c echo.Context, code int, v view, frames string) error {
	v.Title = cmp.Or(v.Title, cmp.Or(v.Heading, "Tidings"))
	if v.Title != "Tidings" {
		v.Title += " · Tidings"
	}

	if v.Boot == "" { // only words, in the app's clothes
		v.Parts.Styles = s.pages.bundle.parts(components["not_found"]).Styles
	}

	var page bytes.Buffer
	if err := s.pages.template.Execute(&page, v); err != nil {
		return err
	}

	h := c.Response().Header()
	h.Set("Content-Security-Policy", pagePolicy+frames)
	h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", response.CacheRevalidate)
	}

	if frames == noFrames {
		h.Set("X-Frame-Options", "DENY")
	}

	return c.HTMLBlob(code, page.Bytes())
}

// wantsPage reports whether a failed request is somebody looking at a page.
func (s *server) wantsPage(c echo.Context) bool {
	r := c.Request()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	for _, prefix := range []string{"/api/", "/assets/", "/oembed", "/metrics", "/healthz", "/readyz"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return false
		}
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// failPage says on a page what went wrong. What is not there gets the app's
// own page; everything else only words, because the app might not help.
func (s *server) failPage(c echo.Context, p spec.Problem) {
	err := s.failView(c, p)
	if err != nil {
		request.FromContext(c.Request().Context()).Log.Error("a page for an error could not be drawn", "error", err)
		response.WriteProblem(c, p)
	}
}

func (s *server) failView(c echo.Context, p spec.Problem) error {
	v := view{Heading: p.Title, Byline: p.Detail}
	if strings.HasPrefix(c.Request().URL.Path, "/embed/") { // words that may stand in any frame, instead of a browser's own blank
		v.Heading = cmp.Or(map[int]string{http.StatusNotFound: "This video is not here any more"}[p.Status], v.Heading)
		return s.send(c, p.Status, v, everybody)
	}
	if p.Code != string(tidings.KindNotFound) {
		v.Byline += " (" + p.RequestID + ")"
		return s.send(c, p.Status, v, noFrames)
	}

	// An address without a route never met the door.
	ctx, err := s.auth.Identify(c.Request().Context(), c.Request())
	if err != nil {
		return s.send(c, p.Status, v, noFrames)
	}

	b, err := s.boot(ctx, "not_found")
	if err != nil {
		return s.send(c, p.Status, v, noFrames)
	}

	return s.draw(c, p.Status, v, b)
}
