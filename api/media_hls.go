package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

const playlistType = "application/vnd.apple.mpegurl"

// masterPlaylist is there as soon as all renditions have begun.
func (s *server) masterPlaylist(c echo.Context, clip tidings.ID) error {
	ctx := c.Request().Context()
	rs, err := s.Store.Renditions(ctx, clip)
	if err != nil {
		return err
	}
	text := s.Master(rs, request.FromContext(ctx).ShareSuffix())
	if text == nil {
		return s.neverOrNotYet(ctx, clip)
	}
	return playlist(c, text, complete(rs))
}

func complete(rs []tidings.Rendition) bool {
	for _, r := range rs {
		if !r.Complete {
			return false
		}
	}
	return true
}

// neverOrNotYet says whether waiting for media is worth while.
func (s *server) neverOrNotYet(ctx context.Context, clip tidings.ID) error {
	c, err := s.Store.Clip(ctx, clip)
	if err != nil {
		return err
	}

	switch c.Steps.Transcode.State {
	case tidings.StepFailed, tidings.StepSkipped:
		return tidings.NotFound()
	}

	if c.State == tidings.ClipFailed {
		return tidings.NotFound()
	}

	return response.NotReady()
}

func playlist(c echo.Context, text []byte, done bool) error {
	h := c.Response().Header()
	if !done {
		h.Set("Cache-Control", response.CacheNever)
		return c.Blob(http.StatusOK, playlistType, text)
	}
	return response.WriteTagged(c, playlistType, text)
}

// renditionFile is GET /clips/{id}/media/{rendition}/{file}: index.m3u8,
// init.mp4 and the numbered segments. The playlist's URIs carry the attempt
// (?v=), because a clip transcoded again has other bytes under the same names.
func (s *server) renditionFile(c echo.Context) error {
	ctx := c.Request().Context()
	g, part, err := s.access.AuthorizeClipOrSnippet(ctx, c.Param("id"), tidings.ActView)
	if err != nil {
		return err
	}

	mediaHeaders(c.Response().Header())
	name, file := c.Param("rendition"), c.Param("file")
	if part != nil {
		return s.partSegments(c, g, name, file)
	}
	if file != "index.m3u8" && file != "init.mp4" {
		seq, ok := strings.CutSuffix(file, ".m4s")
		n, err := strconv.ParseInt(seq, 10, 32)
		if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != seq {
			return tidings.NotFound()
		}
		return s.segment(c, g.ClipID, name, n)
	}

	r, err := s.rendition(ctx, g.ClipID, name)
	if err != nil {
		return err
	}
	if file == "index.m3u8" {
		return s.mediaPlaylist(c, r)
	}
	if v := c.QueryParam("v"); r.InitKey == "" || v != "" && v != strconv.FormatInt(r.Attempt, 10) {
		return tidings.NotFound()
	}

	return s.serveObject(c, object{clip: g.ClipID, act: tidings.ActView, key: r.InitKey, contentType: "video/mp4", cache: lasting(c)})
}

// lasting: what is named with its attempt never changes.
func lasting(c echo.Context) string {
	if c.QueryParam("v") == "" {
		return response.CacheRevalidate
	}
	return response.CacheForever
}

// rendition is one of those that players see now.
func (s *server) rendition(ctx context.Context, clip tidings.ID, name string) (tidings.Rendition, error) {
	rs, err := s.Store.Renditions(ctx, clip)
	if err != nil {
		return tidings.Rendition{}, err
	}

	for _, r := range rs {
		if r.Name == name {
			return r, nil
		}
	}

	if len(rs) == 0 {
		return tidings.Rendition{}, s.neverOrNotYet(ctx, clip)
	}

	return tidings.Rendition{}, tidings.NotFound()
}

func (s *server) mediaPlaylist(c echo.Context, r tidings.Rendition) error {
	ctx := c.Request().Context()
	segs, err := s.Store.Segments(ctx, r.ClipID, r.Attempt, r.Name)
	if err != nil {
		return err
	}
	suffix := "?v=" + strconv.FormatInt(r.Attempt, 10)
	if t := request.FromContext(ctx).ShareToken(); t != "" {
		suffix += "&share=" + url.QueryEscape(t)
	}
	return playlist(c, s.Playlist(r, segs, suffix), r.Complete)
}

func (s *server) segment(c echo.Context, clip tidings.ID, name string, seq int64) error {
	ctx := c.Request().Context()
	attempt, err := strconv.ParseInt(c.QueryParam("v"), 10, 64)
	if err != nil {
		r, err := s.rendition(ctx, clip, name)
		if err != nil {
			return err
		}
		attempt = r.Attempt
	}

	g, err := s.Store.Segment(ctx, clip, attempt, name, seq)
	if err != nil {
		return err
	}

	return s.serveObject(c, object{clip: clip, act: tidings.ActView, key: g.Key, size: g.Bytes, contentType: "video/mp4", cache: lasting(c)})
}
