package api

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
)

func (s *server) homePage(c echo.Context) error     { return s.ownPage(c, "home", "Tidings") }
func (s *server) recordPage(c echo.Context) error   { return s.ownPage(c, "record", "Record") }
func (s *server) libraryPage(c echo.Context) error  { return s.ownPage(c, "library", "Library") }
func (s *server) inboxPage(c echo.Context) error    { return s.ownPage(c, "inbox", "Inbox") }
func (s *server) searchPage(c echo.Context) error   { return s.ownPage(c, "search", "Search") }
func (s *server) settingsPage(c echo.Context) error { return s.ownPage(c, "settings", "Settings") }

func (s *server) peoplePage(c echo.Context) error { return s.ownPage(c, "people", "People") }
func (s *server) workspacePage(c echo.Context) error {
	return s.ownPage(c, "workspace", "Workspace")
}
func (s *server) auditPage(c echo.Context) error { return s.ownPage(c, "audit", "Audit log") }

// securityPage is where people look after the ways they sign in by.
func (s *server) securityPage(c echo.Context) error {
	ctx := c.Request().Context()
	if request.SubjectOf(ctx).UserID == "" {
		return s.toLogin(c)
	}
	b, err := s.boot(ctx, "security")
	if err != nil {
		return err
	}
	b.SignIn = s.signInMethods.SignInWays(ctx, c.QueryParam("problem"))
	return s.draw(c, http.StatusOK, view{Heading: "Security"}, b)
}

// ownPage is a page for people who are signed in; strangers sign in first.
func (s *server) ownPage(c echo.Context, page, heading string) error {
	if request.SubjectOf(c.Request().Context()).UserID == "" {
		return s.toLogin(c)
	}
	return s.plainPage(c, page, heading)
}

func (s *server) plainPage(c echo.Context, page, heading string) error {
	b, err := s.boot(c.Request().Context(), page)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, view{Heading: heading}, b)
}

// toLogin sends a stranger to sign in and then back here, or to set the server
// up first. It says nothing about what is here.
func (s *server) toLogin(c echo.Context) error {
	needed, err := s.Store.NeedsSetup(c.Request().Context())
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

// setupPage makes the first owner, once.
func (s *server) setupPage(c echo.Context) error {
	ctx := c.Request().Context()
	state, err := s.setup.State(ctx)
	if err != nil {
		return err
	}
	if !state.Needed {
		return response.Redirect(c, "/")
	}

	b, err := s.boot(ctx, "setup")
	if err != nil {
		return err
	}

	b.Setup = &state
	return s.draw(c, http.StatusOK, view{Heading: "Set up Tidings"}, b)
}

// loginPage signs in and goes on to the page that was asked for.
func (s *server) loginPage(c echo.Context) error {
	ctx := c.Request().Context()
	next := request.LocalPath(c.QueryParam("next"))
	if request.SubjectOf(ctx).UserID != "" {
		return response.Redirect(c, cmp.Or(next, "/"))
	}

	needed, err := s.Store.NeedsSetup(ctx)
	if err != nil {
		return err
	}
	if needed {
		return response.Redirect(c, "/setup")
	}

	b, err := s.boot(ctx, "login")
	if err != nil {
		return err
	}

	b.Next, b.SignIn = spec.OrNil(next), s.signInMethods.SignInWays(ctx, c.QueryParam("problem"))
	return s.draw(c, http.StatusOK, view{Heading: "Sign in"}, b)
}
