package api

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// embedding is an answer of oEmbed 1.0 (https://oembed.com), type rich.
type embedding struct {
	XMLName      xml.Name `json:"-" xml:"oembed"`
	Version      string   `json:"version" xml:"version"`
	Type         string   `json:"type" xml:"type"`
	Title        string   `json:"title" xml:"title"`
	AuthorName   string   `json:"author_name" xml:"author_name"`
	ProviderName string   `json:"provider_name" xml:"provider_name"`
	ProviderURL  string   `json:"provider_url" xml:"provider_url"`
	CacheAge     int      `json:"cache_age" xml:"cache_age"` // seconds
	Width        int      `json:"width" xml:"width"`
	Height       int      `json:"height" xml:"height"`
	HTML         string   `json:"html" xml:"html"`
	ThumbnailURL string   `json:"thumbnail_url,omitempty" xml:"thumbnail_url,omitempty"`
	ThumbWidth   int      `json:"thumbnail_width,omitempty" xml:"thumbnail_width,omitempty"`
	ThumbHeight  int      `json:"thumbnail_height,omitempty" xml:"thumbnail_height,omitempty"`
}

// oembed is GET /oembed?url=: how to embed what a share link opens to anyone.
// The asker is another server without an account, so for everything else the
// answer is that there is nothing.
func (s *server) oembed(c echo.Context) error {
	format := cmp.Or(c.QueryParam("format"), "json")
	if format != "json" && format != "xml" {
		return &response.StatusError{Code: http.StatusNotImplemented, Kind: tidings.KindInvalid, Msg: "There is JSON and XML."}
	}

	limits, err := sizeLimits(c)
	if err != nil {
		return err
	}

	ctx := c.Request().Context()
	k := request.FromContext(ctx)
	token, ok := shareToken(c.QueryParam("url"), k.BaseURL)
	if !ok {
		return tidings.NotFound()
	}

	k.Credentials.Share, k.Subject = token, tidings.Subject{}
	l, err := s.auth.ResolveLink(ctx, token)
	if err != nil {
		return err
	}

	k.Subject.Link = &l // whether it opens anything to a stranger, the access check says
	clip, err := s.shownClip(ctx, string(l.ClipID), tidings.ActView)
	if err != nil {
		return err
	}

	d := s.clipCard(ctx, clip)
	out := embedding{Version: "1.0", Type: "rich", Title: clip.Title, AuthorName: clip.Author.Name, ProviderName: "Tidings", ProviderURL: k.BaseURL,
		CacheAge: 300, ThumbnailURL: d.Image}
	out.Width, out.Height = playerSize(clip, limits[0], limits[1])
	if out.ThumbWidth, out.ThumbHeight = d.ImageWidth, d.ImageHeight; d.ImageWidth == 0 && d.Image != "" {
		out.ThumbWidth, out.ThumbHeight = d.Width, d.Height
	}

	out.HTML = fmt.Sprintf(`<iframe src="%s" width="%d" height="%d" title="%s" allow="fullscreen; picture-in-picture; autoplay" allowfullscreen frameborder="0"></iframe>`,
		html.EscapeString(d.Player), out.Width, out.Height, html.EscapeString(clip.Title))

	c.Response().Header().Set("Cache-Control", response.CacheNever)
	if format == "xml" {
		text, err := xml.Marshal(out)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "text/xml; charset=utf-8", append([]byte(xml.Header), text...))
	}

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
