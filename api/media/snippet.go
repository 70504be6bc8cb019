package media

import (
	"cmp"
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// snippetRendition is the one rendition of a snippet: picture and sound in one
// file. The name is part of its URLs.
const snippetRendition = "part"

// PrepareSnippet starts making the files of a snippet link before they are
// requested. A failure is logged: the first request tries again.
func (h *Handler) PrepareSnippet(ctx context.Context, l tidings.Link) {
	if l.Snippet() == nil || h.Snippet == nil {
		return
	}
	if err := h.Snippet(ctx, l); err != nil && tidings.KindOf(err) != tidings.KindNotReady {
		request.FromContext(ctx).Log.Warn("snippet not made", "link", l.ID, "error", err)
	}
}

// snippetAssets returns the files of the request's snippet link, by name. When
// there are none, it starts making them and returns KindNotReady.
func (h *Handler) snippetAssets(ctx context.Context) (map[string]tidings.LinkAsset, error) {
	l := request.SubjectOf(ctx).Link
	list, err := h.Store.LinkAssets(ctx, l.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		err := response.NotReady()
		if h.Snippet != nil {
			err = cmp.Or(h.Snippet(ctx, *l), err)
		}
		return nil, err
	}

	out := map[string]tidings.LinkAsset{}
	for _, a := range list {
		out[a.Name] = a
	}

	return out, nil
}

// serveSnippetFile is File for a snippet link: only files that were cut for it
// are served. A snippet has no original.
func (h *Handler) serveSnippetFile(c echo.Context, access tidings.ClipAccess, snippet tidings.Span, name string, action tidings.Action) error {
	ctx := c.Request().Context()

	if format, ok := strings.CutPrefix(name, "captions."); ok {
		return h.serveCaptions(c, access, &snippet, format)
	}
	if name == "master.m3u8" {
		return h.serveSnippetPlaylist(c, name, snippetRendition+"/index.m3u8", request.FromContext(ctx).ShareSuffix())
	}
	if !assetNames[name] {
		return tidings.NotFound()
	}

	assets, err := h.snippetAssets(ctx)
	if err != nil {
		return err
	}

	a, ok := assets[name]
	if !ok {
		return tidings.NotFound()
	}

	setAttachment(c, access.ClipID, name)
	return h.serveLinkAsset(c, access.ClipID, a, action)
}

func (h *Handler) serveLinkAsset(c echo.Context, clip tidings.ID, a tidings.LinkAsset, action tidings.Action) error {
	return h.serveObject(c, storedObject{clip: clip, action: action, key: a.Key, sums: a.Sums, size: a.Bytes, contentType: a.ContentType, cache: response.CacheRevalidate})
}

// serveSnippetRendition is RenditionFile for a snippet link.
func (h *Handler) serveSnippetRendition(c echo.Context, access tidings.ClipAccess, rendition, file string) error {
	if rendition != snippetRendition {
		return tidings.NotFound()
	}

	ctx := c.Request().Context()
	switch file {
	case "index.m3u8":
		return h.serveSnippetPlaylist(c, file, "stream.mp4", versionSuffix(request.FromContext(ctx), string(request.SubjectOf(ctx).Link.ID)))
	case "stream.mp4":
		assets, err := h.snippetAssets(ctx)
		if err != nil {
			return err
		}
		return h.serveLinkAsset(c, access.ClipID, assets[file], tidings.ActView)
	}

	return tidings.NotFound()
}

// serveSnippetPlaylist serves a stored playlist with a suffix appended to the
// one URI in it.
func (h *Handler) serveSnippetPlaylist(c echo.Context, name, uri, suffix string) error {
	ctx := c.Request().Context()
	assets, err := h.snippetAssets(ctx)
	if err != nil {
		return err
	}

	text, err := h.readObject(ctx, assets[name].Key, 1<<20)
	if err != nil {
		return err
	}

	return writePlaylist(c, []byte(strings.ReplaceAll(string(text), uri, uri+suffix)), true)
}
