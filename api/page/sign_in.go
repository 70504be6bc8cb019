package page

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
)

// accountPage is a page for signed-in people; visitors sign in first.
func (h *Handler) accountPage(c echo.Context, p Page) error {
	ctx := c.Request().Context()
	if request.SubjectOf(ctx).UserID == "" {
		return h.redirectToLogin(c)
	}

	b, err := h.bootData(ctx, p.Name)
	if err != nil {
		return err
	}

	return h.drawPage(c, http.StatusOK, view{}, b)
}

// securityPage is accountPage with the ways to sign in.
func (h *Handler) securityPage(c echo.Context) error {
	ctx := c.Request().Context()
	if request.SubjectOf(ctx).UserID == "" {
		return h.redirectToLogin(c)
	}

	b, err := h.bootData(ctx, "security")
	if err != nil {
		return err
	}

	b.SignIn = h.Data.SignInWays(ctx, c.QueryParam("problem"))
	return h.drawPage(c, http.StatusOK, view{}, b)
}

// redirectToLogin sends a visitor to sign in and then back here, or to set the
// server up first. The answer does not depend on whether anything is here.
func (h *Handler) redirectToLogin(c echo.Context) error {
	needed, err := h.Store.NeedsSetup(c.Request().Context())
	if err != nil {
		return err
	}
	if needed {
		return response.Redirect(c, "/setup")
	}

	to := "/login"
	if at := c.Request().URL.RequestURI(); at != "/" {
		to += "?next=" + url.QueryEscape(at)
	}

	return response.Redirect(c, to)
}

// setupPage is GET /setup: the form for the first owner, until there is one.
func (h *Handler) setupPage(c echo.Context) error {
	ctx := c.Request().Context()
	state, err := h.Data.Setup(ctx)
	if err != nil {
		return err
	}
	if !state.Needed {
		return response.Redirect(c, "/")
	}

	b, err := h.bootData(ctx, "setup")
	if err != nil {
		return err
	}

	b.Setup = &state
	return h.drawPage(c, http.StatusOK, view{}, b)
}

// loginPage is GET /login. After signing in the page goes on to ?next=.
func (h *Handler) loginPage(c echo.Context) error {
	ctx := c.Request().Context()
	next := request.LocalPath(c.QueryParam("next"))
	if request.SubjectOf(ctx).UserID != "" {
		return response.Redirect(c, cmp.Or(next, "/"))
	}

	needed, err := h.Store.NeedsSetup(ctx)
	if err != nil {
		return err
	}
	if needed {
		return response.Redirect(c, "/setup")
	}

	b, err := h.bootData(ctx, "login")
	if err != nil {
		return err
	}

	b.Next, b.SignIn = spec.OrNil(next), h.Data.SignInWays(ctx, c.QueryParam("problem"))
	return h.drawPage(c, http.StatusOK, view{}, b)
}
