package media

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/media/hls"
	"tidings.example/tidings/tidings"
)

const playlistType = "application/vnd.apple.mpegurl"

// serveMasterPlaylist answers as soon as all renditions have begun.
func (h *Handler) serveMasterPlaylist(c echo.Context, clip tidings.ID) error {
	ctx := c.Request().Context()
	renditions, err := h.Store.Renditions(ctx, clip)
	if err != nil {
		return err
	}

	text := hls.MasterPlaylist(renditions, request.FromContext(ctx).ShareSuffix())
	if text == nil {
		return h.mediaMissing(ctx, clip)
	}

	return writePlaylist(c, text, allComplete(renditions))
}

func allComplete(renditions []tidings.Rendition) bool {
	for _, r := range renditions {
		if !r.Complete {
			return false
		}
	}
	return true
}

// writePlaylist answers with a playlist; clients may keep a complete one.
func writePlaylist(c echo.Context, text []byte, complete bool) error {
	if !complete {
		c.Response().Header().Set("Cache-Control", response.CacheNever)
		return c.Blob(http.StatusOK, playlistType, text)
	}
	return response.WriteTagged(c, playlistType, text)
}

// RenditionFile is GET /clips/{id}/media/{rendition}/{file}: index.m3u8,
// init.mp4 and the numbered segments. The URIs of the playlist carry the attempt
// (?v=), because another attempt makes other bytes under the same names.
func (h *Handler) RenditionFile(c echo.Context) error {
	ctx := c.Request().Context()
	access, snippet, err := h.Access.AuthorizeClipOrSnippet(ctx, c.Param("id"), tidings.ActView)
	if err != nil {
		return err
	}

	setMediaHeaders(c.Response().Header())
	name, file := c.Param("rendition"), c.Param("file")
	if snippet != nil {
		return h.serveSnippetRendition(c, access, name, file)
	}
	if file != "index.m3u8" && file != "init.mp4" {
		seq, err := parseSegmentName(file)
		if err != nil {
			return err
		}
		return h.serveSegment(c, access.ClipID, name, seq)
	}

	r, err := h.findRendition(ctx, access.ClipID, name)
	if err != nil {
		return err
	}
	if file == "index.m3u8" {
		return h.serveMediaPlaylist(c, r)
	}
	if v := c.QueryParam("v"); r.InitKey == "" || v != "" && v != strconv.FormatInt(r.Attempt, 10) {
		return tidings.NotFound()
	}

	return h.serveObject(c, storedObject{clip: access.ClipID, action: tidings.ActView, key: r.InitKey, contentType: "video/mp4", cache: attemptCache(c)})
}

// parseSegmentName reads the number of a segment, "12.m4s".
func parseSegmentName(file string) (int64, error) {
	digits, ok := strings.CutSuffix(file, ".m4s")
	n, err := strconv.ParseInt(digits, 10, 32)
	if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != digits {
		return 0, tidings.NotFound()
	}
	return n, nil
}

// attemptCache is the Cache-Control of a file: a URL with the attempt always
// names the same bytes.
func attemptCache(c echo.Context) string {
	if c.QueryParam("v") == "" {
		return response.CacheRevalidate
	}
	return response.CacheForever
}

// findRendition returns one of the renditions of the current attempt.
func (h *Handler) findRendition(ctx context.Context, clip tidings.ID, name string) (tidings.Rendition, error) {
	renditions, err := h.Store.Renditions(ctx, clip)
	if err != nil {
		return tidings.Rendition{}, err
	}

	for _, r := range renditions {
		if r.Name == name {
			return r, nil
		}
	}

	if len(renditions) == 0 {
		return tidings.Rendition{}, h.mediaMissing(ctx, clip)
	}

	return tidings.Rendition{}, tidings.NotFound()
}

func (h *Handler) serveMediaPlaylist(c echo.Context, r tidings.Rendition) error {
	ctx := c.Request().Context()
	segments, err := h.Store.Segments(ctx, r.ClipID, r.Attempt, r.Name)
	if err != nil {
		return err
	}
	suffix := versionSuffix(request.FromContext(ctx), strconv.FormatInt(r.Attempt, 10))
	return writePlaylist(c, hls.MediaPlaylist(r, segments, suffix), r.Complete)
}

// versionSuffix is the query of the URIs in a playlist: the version of the files
// and the share token of the request.
func versionSuffix(k *request.State, version string) string {
	suffix := "?v=" + version
	if t := k.ShareToken(); t != "" {
		suffix += "&share=" + url.QueryEscape(t)
	}
	return suffix
}

func (h *Handler) serveSegment(c echo.Context, clip tidings.ID, rendition string, seq int64) error {
	ctx := c.Request().Context()
	attempt, err := strconv.ParseInt(c.QueryParam("v"), 10, 64)
	if err != nil {
		r, err := h.findRendition(ctx, clip, rendition)
		if err != nil {
			return err
		}
		attempt = r.Attempt
	}

	s, err := h.Store.Segment(ctx, clip, attempt, rendition, seq)
	if err != nil {
		return err
	}

	return h.serveObject(c, storedObject{clip: clip, action: tidings.ActView, key: s.Key, size: s.Bytes, contentType: "video/mp4", cache: attemptCache(c)})
}
