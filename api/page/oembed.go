package page

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

// oEmbed is an answer of oEmbed 1.0 (https://oembed.com), type rich.
type oEmbed struct {
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

// OEmbed is GET /oembed?url=: how to embed the clip that a share link opens to
// anyone. The client is another server without an account: all other URLs are
// KindNotFound.
func (h *Handler) OEmbed(c echo.Context) error {
	format := cmp.Or(c.QueryParam("format"), "json")
	if format != "json" && format != "xml" {
		return &response.StatusError{Code: http.StatusNotImplemented, Kind: tidings.KindInvalid, Msg: "There is JSON and XML."}
	}

	limits, err := parseSizeLimits(c)
	if err != nil {
		return err
	}

	ctx := c.Request().Context()
	k := request.FromContext(ctx)
	token, start, ok := parseLinkURL(c.QueryParam("url"), k.BaseURL)
	if !ok {
		return tidings.NotFound()
	}

	k.Credentials.Share, k.Subject = token, tidings.Subject{}
	l, err := h.Auth.ResolveLink(ctx, token)
	if err != nil {
		return err
	}

	k.Subject.Link = &l // the access check decides whether it opens the clip to a visitor
	clip, err := h.Data.Clip(ctx, string(l.ClipID))
	if err != nil {
		return err
	}

	card := clipCard(ctx, clip, start)
	out := oEmbed{Version: "1.0", Type: "rich", Title: clip.Title, AuthorName: clip.Author.Name, ProviderName: "Tidings", ProviderURL: k.BaseURL,
		CacheAge: 300, ThumbnailURL: card.Image}
	out.Width, out.Height = playerSize(clip, limits[0], limits[1])
	if out.ThumbWidth, out.ThumbHeight = card.ImageWidth, card.ImageHeight; card.ImageWidth == 0 && card.Image != "" {
		out.ThumbWidth, out.ThumbHeight = card.Width, card.Height
	}

	out.HTML = fmt.Sprintf(`<iframe src="%s" width="%d" height="%d" title="%s" allow="fullscreen; picture-in-picture; autoplay" allowfullscreen frameborder="0"></iframe>`,
		html.EscapeString(card.Player), out.Width, out.Height, html.EscapeString(clip.Title))

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

func parseSizeLimits(c echo.Context) (limits [2]int, err error) {
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

// parseLinkURL is the token, and the time to start at, in the URL of a link's
// page on this server.
func parseLinkURL(address, base string) (token, start string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Scheme+"://"+strings.TrimSuffix(u.Host, "."), base) {
		return "", "", false
	}
	for _, prefix := range []string{"/s/", "/embed/"} {
		if token, ok := strings.CutPrefix(strings.TrimRight(u.Path, "/.,;:!)"), prefix); ok && token != "" && !strings.Contains(token, "/") {
			return token, u.Query().Get("t"), true
		}
	}
	return "", "", false
}
