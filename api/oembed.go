package api

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings"
)

// embedding is an answer of oEmbed 1.0 (https://oembed.com), type video.
type embedding struct {
	Version      string `json:"version"`
	Type         string `json:"type"`
	Title        string `json:"title"`
	AuthorName   string `json:"author_name"`
	ProviderName string `json:"provider_name"`
	ProviderURL  string `json:"provider_url"`
	CacheAge     int    `json:"cache_age"` // seconds
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	HTML         string `json:"html"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
	ThumbWidth   int    `json:"thumbnail_width,omitempty"`
	ThumbHeight  int    `json:"thumbnail_height,omitempty"`
}

// oembed is GET /oembed?url=: how to embed what a share link opens to anyone.
// The asker is another server without an account, so for everything else the
// answer is that there is nothing.
func (s *server) oembed(c echo.Context) error {
	if f := c.QueryParam("format"); f != "" && f != "json" {
		return &status{http.StatusNotImplemented, tidings.KindInvalid, "There is only JSON."}
	}
	limits, err := sizeLimits(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	k := callOf(ctx)
	token, ok := shareToken(c.QueryParam("url"), k.base)
	if !ok {
		return tidings.NotFound()
	}
	k.creds.share, k.subject = token, tidings.Subject{}
	l, err := s.Store.LinkByHash(ctx, hashOf(token))
	if err != nil {
		return err
	}
	k.subject.Link = &l // whether it opens anything, the access check says
	clip, err := s.shownClip(ctx, string(l.ClipID), tidings.ActView)
	if err != nil {
		return err
	}
	d := s.clipCard(ctx, clip)
	out := embedding{Version: "1.0", Type: "video", Title: clip.Title, AuthorName: clip.Author.Name, ProviderName: "Tidings", ProviderURL: k.base,
		CacheAge: 300, ThumbnailURL: d.Image}
	out.Width, out.Height = playerSize(clip, limits[0], limits[1])
	if d.Image != "" {
		out.ThumbWidth, out.ThumbHeight = d.Width, d.Height
	}
	out.HTML = fmt.Sprintf(`<iframe src="%s" width="%d" height="%d" title="%s" allow="fullscreen; picture-in-picture" allowfullscreen frameborder="0"></iframe>`,
		html.EscapeString(d.Player), out.Width, out.Height, html.EscapeString(clip.Title))
	c.Response().Header().Set("Cache-Control", cacheNever)
	return c.JSON(http.StatusOK, out)
}

func sizeLimits(c echo.Context) (limits [2]int, err error) {
	for i, name := range []string{"maxwidth", "maxheight"} {
		text := c.QueryParam(name)
		if text == "" {
			continue
		}
		if limits[i], err = strconv.Atoi(text); err != nil || limits[i] <= 0 {
			return limits, tidings.Invalid(name, "A number of pixels is needed.")
		}
	}
	return limits, nil
}

// shareToken is the token in the address of one of our link pages.
func shareToken(address, base string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Scheme+"://"+u.Host, base) {
		return "", false
	}
	for _, prefix := range []string{"/s/", "/embed/"} {
		if token, ok := strings.CutPrefix(u.Path, prefix); ok && token != "" && !strings.Contains(token, "/") {
			return token, true
		}
	}
	return "", false
}
