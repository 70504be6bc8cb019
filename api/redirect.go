package api

import (
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
)

// redirectPages sends browsers from other spellings of a page's address to the
// page: with a slash or the punctuation of a sentence at the end of the path, or a
// dot at the end of the host name. Sites and mail programs that they come from
// add these.
func redirectPages(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodGet && r.Method != http.MethodHead || strings.HasPrefix(r.URL.Path, apiBase+"/") {
			return next(c)
		}

		site, dotted := siteWithoutDot(r)
		path, slashed := pathWithoutTail(r.URL.EscapedPath())
		if !dotted && !slashed {
			return next(c)
		}
		if r.URL.RawQuery != "" {
			path += "?" + r.URL.RawQuery
		}

		response.NoReferrer(c.Response().Header())
		return response.Redirect(c, site+path)
	}
}

// siteWithoutDot is the scheme and host of a request whose host name ends in a
// dot.
func siteWithoutDot(r *http.Request) (string, bool) {
	name, port := r.Host, ""
	if h, p, err := net.SplitHostPort(r.Host); err == nil {
		name, port = h, ":"+p
	}

	name, dotted := strings.CutSuffix(strings.ToLower(name), ".")
	if !dotted || !request.IsHostName(name) || strings.HasSuffix(name, ".") || port != "" && !request.IsPort(port[1:]) {
		return "", false
	}
	if request.FromContext(r.Context()).Secure {
		return "https://" + name + port, true
	}

	return "http://" + name + port, true
}

// pathWithoutTail cuts slashes and punctuation at the end of a path. A path that
// begins with two slashes would name another host in Location.
func pathWithoutTail(path string) (string, bool) {
	cut := strings.TrimRight(path, "/.,;:!)")
	if cut == path || cut == "" || strings.HasPrefix(cut, "//") || strings.ContainsAny(cut, `\`) {
		return path, false
	}
	return cut, true
}
