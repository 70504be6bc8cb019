package page

import "github.com/labstack/echo/v4"

// Page is one page of the web app. docs/how-to/add-a-page.md has the steps that
// add one; a test compares the table with openapi.yaml and web/src.
type Page struct {
	Name      string // Boot.page: what the first data calls it
	Path      string // its route; "" = drawn by other routes
	Component string // its file, web/src/pages/<Component>.svelte
	Title     string // heading and title; "" = the handler's

	// serve draws the page; nil = the page is for signed-in people and has no
	// first data but their account.
	serve func(h *Handler, c echo.Context) error
}

// Pages is the table of all pages: their routes, the chunks that their heads
// load and their titles are made from it.
func Pages() []Page {
	return []Page{
		{Name: "home", Path: "/", Component: "Home", Title: "Tidings"},
		{Name: "record", Path: "/record", Component: "Record", Title: "Record"},
		{Name: "library", Path: "/library", Component: "Library", Title: "Library"},
		{Name: "inbox", Path: "/inbox", Component: "Inbox", Title: "Inbox"},
		{Name: "search", Path: "/search", Component: "Search", Title: "Search"},
		{Name: "settings", Path: "/settings", Component: "Settings", Title: "Settings"},
		{Name: "security", Path: "/settings/security", Component: "Security", Title: "Security", serve: (*Handler).securityPage},
		{Name: "audit", Path: "/settings/audit", Component: "Audit", Title: "Audit log"},
		{Name: "people", Path: "/settings/people", Component: "People", Title: "People"},
		{Name: "workspace", Path: "/settings/workspace", Component: "Workspace", Title: "Workspace"},
		{Name: "setup", Path: "/setup", Component: "Setup", Title: "Set up Tidings", serve: (*Handler).setupPage},
		{Name: "login", Path: "/login", Component: "Login", Title: "Sign in", serve: (*Handler).loginPage},
		{Name: "invite", Path: "/invite/:token", Component: "Invite", serve: (*Handler).invitePage},
		{Name: "forgot", Path: "/forgot", Component: "Forgot", Title: "Forgot your password?", serve: (*Handler).forgotPage},
		{Name: "reset", Path: "/reset/:token", Component: "Reset", Title: "Set a new password", serve: (*Handler).resetPage},
		{Name: "clip", Path: "/c/:id", Component: "Clip", serve: (*Handler).clipPage},
		{Name: "not_found", Component: "NotFound"},
	}
}

// Route is the route of a page. Visitors may open it: the page sends them to
// sign in.
type Route struct {
	Path    string
	Handler echo.HandlerFunc
}

// Routes are the routes of all pages in the table.
func (h *Handler) Routes() []Route {
	var routes []Route
	for _, p := range Pages() {
		if p.Path != "" {
			routes = append(routes, Route{p.Path, h.pageHandler(p)})
		}
	}
	return routes
}

func (h *Handler) pageHandler(p Page) echo.HandlerFunc {
	if p.serve == nil {
		return func(c echo.Context) error { return h.accountPage(c, p) }
	}
	return func(c echo.Context) error { return p.serve(h, c) }
}
