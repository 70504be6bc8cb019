package api

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// partRendition is the one rendition of a part: picture and sound in one file.
const partRendition = "part"

// cutAhead has the files of a snippet link made before somebody asks for them.
func (s *server) cutAhead(ctx context.Context, l tidings.Link) {
	if l.Snippet() == nil || s.Snippet == nil {
		return
	}
	if err := s.Snippet(ctx, l); err != nil && tidings.KindOf(err) != tidings.KindNotReady {
		request.FromContext(ctx).Log.Warn("snippet not made", "link", l.ID, "error", err)
	}
}

// partAssets are the files of the snippet link the caller came by. While they
// are not there they are being made: not ready.
func (s *server) partAssets(ctx context.Context) (map[string]tidings.LinkAsset, error) {
	l := request.SubjectOf(ctx).Link
	list, err := s.Store.LinkAssets(ctx, l.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		err := response.NotReady()
		if s.Snippet != nil {
			err = cmp.Or(s.Snippet(ctx, *l), err)
		}
		return nil, err
	}

	out := map[string]tidings.LinkAsset{}
	for _, a := range list {
		out[a.Name] = a
	}

	return out, nil
}

// partMedia are the URLs of a part's files.
func partMedia(k *request.State, c tidings.Clip, assets map[string]tidings.LinkAsset, download bool) spec.Media {
	var m spec.Media
	places := map[string]**string{"master.m3u8": &m.Master, "video.mp4": &m.Video, "audio.m4a": &m.Audio, "poster.jpg": &m.Poster,
		"preview.webp": &m.Preview, "storyboard.jpg": &m.Storyboard, "storyboard.vtt": &m.StoryboardVtt, "peaks.json": &m.Peaks}
	for name := range assets {
		if place := places[name]; place != nil && (download || !needsDownload(name)) {
			*place = k.MediaURL(c.ID, name)
		}
	}
	captionURLs(k, c, &m)
	return m
}

// partFile is GET /clips/{id}/media/{file} by a snippet link: a file that was
// cut out for it, or there is none. There is no original of a part.
func (s *server) partFile(c echo.Context, g tidings.ClipAccess, part tidings.Span, name string, act tidings.Action) error {
	ctx := c.Request().Context()

	if format, ok := strings.CutPrefix(name, "captions."); ok {
		return s.captions(c, g.ClipID, &part, format)
	}
	if name == "master.m3u8" {
		return s.partPlaylist(c, name, partRendition+"/index.m3u8", request.FromContext(ctx).ShareSuffix())
	}
	if !assetNames[name] {
		return tidings.NotFound()
	}

	assets, err := s.partAssets(ctx)
	if err != nil {
		return err
	}

	a, ok := assets[name]
	if !ok {
		return tidings.NotFound()
	}

	attach(c, g.ClipID, name)
	return s.serveObject(c, object{clip: g.ClipID, act: act, key: a.Key, size: a.Bytes, contentType: a.ContentType, cache: response.CacheRevalidate})
}

// partSegments is GET /clips/{id}/media/{rendition}/{file} by a snippet link.
func (s *server) partSegments(c echo.Context, g tidings.ClipAccess, rendition, file string) error {
	if rendition != partRendition {
		return tidings.NotFound()
	}

	ctx := c.Request().Context()
	switch file {
	case "index.m3u8":
		suffix := "?v=" + string(request.SubjectOf(ctx).Link.ID)
		if t := request.FromContext(ctx).ShareToken(); t != "" {
			suffix += "&share=" + url.QueryEscape(t)
		}
		return s.partPlaylist(c, file, "stream.mp4", suffix)
	case "stream.mp4":
		assets, err := s.partAssets(ctx)
		if err != nil {
			return err
		}
		a := assets[file]
		return s.serveObject(c, object{clip: g.ClipID, act: tidings.ActView, key: a.Key, size: a.Bytes, contentType: a.ContentType, cache: response.CacheRevalidate})
	}

	return tidings.NotFound()
}

// partPlaylist is a stored playlist with a suffix behind the one URI in it.
func (s *server) partPlaylist(c echo.Context, name, uri, suffix string) error {
	ctx := c.Request().Context()
	assets, err := s.partAssets(ctx)
	if err != nil {
		return err
	}

	got, err := s.Objects.Get(ctx, assets[name].Key, Conditions{})
	if err != nil {
		return err
	}
	defer got.Body.Close()

	text, err := io.ReadAll(io.LimitReader(got.Body, 1<<20))
	if err != nil {
		return err
	}

	return playlist(c, []byte(strings.ReplaceAll(string(text), uri, uri+suffix)), true)
}

// abroad lets other sites show a picture that anyone may see who has the link:
// the cards of chats, and the pictures of mails that are read in a browser.
func abroad(k *request.State, name string, h http.Header) {
	l := k.Subject.Link
	if l == nil || l.Access != tidings.LinkAnyone {
		return
	}
	switch name {
	case "poster.jpg", "preview.webp", shareImage:
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}
