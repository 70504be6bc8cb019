package response

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// Values of Cache-Control. Nothing of a clip is ever public.
const (
	CacheNever      = "no-store"
	CacheRevalidate = "private, no-cache" // keep, but ask whether it is still right
	CacheForever    = "private, max-age=31536000, immutable"
)

// WriteTagged answers with a short text and its ETag; 304 when the client has
// it.
func WriteTagged(c echo.Context, contentType string, text []byte) error {
	sum := sha256.Sum256(text)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := c.Response().Header()
	h.Set("ETag", etag)
	h.Set("Cache-Control", CacheRevalidate)
	if tags := c.Request().Header.Get("If-None-Match"); tags != "" && MatchesETag(tags, etag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, contentType, text)
}

// MatchesETag reports whether an If-None-Match names the tag (weak comparison).
func MatchesETag(header, etag string) bool {
	for _, tag := range strings.Split(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// NoReferrer keeps the address of a page, which contains a link's token, from the
// sites the page links to.
func NoReferrer(h http.Header) { h.Set("Referrer-Policy", "no-referrer") }

// Redirect sends a browser to another address (303), which no cache remembers.
func Redirect(c echo.Context, to string) error {
	c.Response().Header().Set("Cache-Control", CacheNever)
	return c.Redirect(http.StatusSeeOther, to)
}
