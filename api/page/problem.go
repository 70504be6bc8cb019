package page

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// dataPaths begin the paths whose errors are never pages.
var dataPaths = []string{"/api/", "/assets/", "/oembed", "/metrics", "/healthz", "/readyz"}

// WantsPage reports whether a browser asks for a page, and not for data.
func WantsPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	for _, prefix := range dataPaths {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return false
		}
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// WriteProblem answers with a page that says what went wrong. KindNotFound is
// the page not_found of the web app; other errors are only text, because the
// web app might not work either.
func (h *Handler) WriteProblem(c echo.Context, p spec.Problem) {
	if err := h.drawProblem(c, p); err != nil {
		request.FromContext(c.Request().Context()).Log.Error("a page for an error could not be drawn", "error", err)
		response.WriteProblem(c, p)
	}
}

func (h *Handler) drawProblem(c echo.Context, p spec.Problem) error {
	v := view{Heading: p.Title, Byline: p.Detail}
	if strings.HasPrefix(c.Request().URL.Path, "/embed/") { // may be framed by any site, or browsers show a blank frame
		v.Heading = cmp.Or(map[int]string{http.StatusNotFound: "This video is not here any more"}[p.Status], v.Heading)
		v.FrameAncestors = FrameAnyone
		return h.writePage(c, p.Status, v)
	}
	if p.Code != string(tidings.KindNotFound) {
		v.Byline += " (" + p.RequestID + ")"
		return h.writePage(c, p.Status, v)
	}

	// Requests without a route have passed no middleware that identifies the caller.
	ctx, err := h.Auth.Identify(c.Request().Context(), c.Request())
	if err != nil {
		return h.writePage(c, p.Status, v)
	}

	b, err := h.bootData(ctx, "not_found")
	if err != nil {
		return h.writePage(c, p.Status, v)
	}

	return h.drawPage(c, p.Status, v, b)
}
