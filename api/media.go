package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

const (
	writeAtLeast  = 60 * time.Second // for each copyBuffer bytes
	copyBuffer    = 256 << 10
	contentStream = "application/octet-stream"
)

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, copyBuffer); return &b }}

// mediaFile is GET /clips/{id}/media/{file}.
func (s *server) mediaFile(c echo.Context) error {
	name := cmp.Or(c.Param("file"), "master.m3u8")
	act := tidings.ActView
	if needsDownload(name) {
		act = tidings.ActDownload
	}

	g, part, err := s.access.AuthorizeClipOrSnippet(c.Request().Context(), c.Param("id"), act)
	if err != nil {
		return err
	}

	mediaHeaders(c.Response().Header())
	abroad(request.FromContext(c.Request().Context()), name, c.Response().Header())
	switch {
	case part != nil:
		return s.partFile(c, g, *part, name, act)
	case name == "master.m3u8":
		return s.masterPlaylist(c, g.ClipID)
	case name == "original":
		return s.original(c, g.ClipID)
	case strings.HasPrefix(name, "captions."):
		return s.captions(c, g.ClipID, nil, strings.TrimPrefix(name, "captions."))
	case name == shareImage:
		return s.shareImage(c, g.ClipID)
	}

	a, err := s.asset(c.Request().Context(), g.ClipID, name)
	if err != nil {
		return err
	}

	return s.serveAsset(c, a, act)
}

// mediaHeaders keep a file that people uploaded from being anything but media:
// no scripts, no frames, no other site.
func mediaHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// assetNames are the single files made from a clip.
var assetNames = map[string]bool{"video.mp4": true, "audio.m4a": true, "poster.jpg": true, "preview.webp": true,
	"storyboard.jpg": true, "storyboard.vtt": true, "peaks.json": true, shareImage: true}

// asset is a file of a clip, or why there is none: not yet, or never.
func (s *server) asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error) {
	if !assetNames[name] {
		return tidings.Asset{}, tidings.NotFound()
	}

	a, err := s.Store.Asset(ctx, clip, name)
	if tidings.KindOf(err) != tidings.KindNotFound {
		return a, err
	}

	c, cerr := s.Store.Clip(ctx, clip)
	if cerr != nil {
		return a, cerr
	}

	st := c.Steps.Transcode.State
	switch {
	case c.State == tidings.ClipFailed || st == tidings.StepFailed || st == tidings.StepSkipped:
		return a, err
	case st != tidings.StepDone:
		return a, response.NotReady()
	case needsDownload(name):
		return s.Download(ctx, clip, name)
	}

	return a, err
}

func (s *server) serveAsset(c echo.Context, a tidings.Asset, act tidings.Action) error {
	attach(c, a.ClipID, a.Name)
	return s.serveObject(c, object{clip: a.ClipID, act: act, key: a.Key, size: a.Bytes, contentType: a.ContentType, cache: response.CacheRevalidate})
}

// attach makes the browser save the file when the URL asks for it.
func attach(c echo.Context, clip tidings.ID, name string) {
	if c.QueryParam("download") != "" {
		c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": string(clip) + "-" + name}))
	}
}

// object is a stored file as it is served.
type object struct {
	clip        tidings.ID
	act         tidings.Action
	key         string
	size        int64
	contentType string
	cache       string
}

var singleRange = regexp.MustCompile(`^bytes=(\d{1,18}-\d{0,18}|-\d{1,18})$`)

// conditions are what a request asks of the storage. Lists of ranges and what
// is no range are ignored, as RFC 9110 allows.
func conditions(r *http.Request) Conditions {
	cond := Conditions{IfNoneMatch: r.Header.Get("If-None-Match"), IfMatch: r.Header.Get("If-Match")}
	if text := r.Header.Get("Range"); singleRange.MatchString(text) && !backwards(text) {
		cond.Range = text
		if etag := r.Header.Get("If-Range"); etag != "" {
			cond.IfMatch = etag
		}
	}
	return cond
}

func backwards(text string) bool {
	from, to, _ := strings.Cut(strings.TrimPrefix(text, "bytes="), "-")
	a, aerr := strconv.ParseInt(from, 10, 64)
	b, berr := strconv.ParseInt(to, 10, 64)
	return aerr == nil && berr == nil && b < a
}

// serveObject answers GET with one request to the storage, and HEAD with none
// for bytes.
func (s *server) serveObject(c echo.Context, o object) error {
	ctx, r, h := c.Request().Context(), c.Request(), c.Response().Header()
	h.Set("Accept-Ranges", "bytes")
	h.Set("Cache-Control", o.cache)
	cond := conditions(r)
	var got *Object
	var err error
	if r.Method == http.MethodHead {
		got, err = s.headObject(ctx, o, cond)
	} else if got, err = s.Objects.Get(ctx, o.key, cond); response.HTTPStatus(err) == http.StatusPreconditionFailed && r.Header.Get("If-Range") != "" {
		cond.Range, cond.IfMatch = "", "" // it has changed since: all of it
		got, err = s.Objects.Get(ctx, o.key, cond)
	}

	if err != nil {
		return s.conditional(c, o, err)
	}

	if got.ETag != "" {
		h.Set("ETag", got.ETag)
	}

	h.Set("Content-Type", safeType(cmp.Or(o.contentType, got.ContentType)))
	h.Set("Content-Length", strconv.FormatInt(got.Size, 10))
	code := http.StatusOK
	if got.ContentRange != "" {
		h.Set("Content-Range", got.ContentRange)
		code = http.StatusPartialContent
	}

	if r.Method == http.MethodHead {
		c.Response().WriteHeader(code)
		return nil
	}
	defer got.Body.Close()

	return s.pour(c, code, got.Body, o.clip, o.act)
}

func (s *server) headObject(ctx context.Context, o object, cond Conditions) (*Object, error) {
	got, err := s.Objects.Head(ctx, o.key)
	if err == nil && cond.IfNoneMatch != "" && response.MatchesETag(cond.IfNoneMatch, got.ETag) {
		return nil, &response.StatusError{Code: http.StatusNotModified, Kind: "", Msg: got.ETag}
	}
	return got, err
}

// conditional answers a condition that did not hold.
func (s *server) conditional(c echo.Context, o object, err error) error {
	h := c.Response().Header()
	switch response.HTTPStatus(err) {
	case http.StatusNotModified:
		if tag := c.Request().Header.Get("If-None-Match"); !strings.ContainsAny(tag, ",*") {
			h.Set("ETag", tag)
		}
		c.Response().WriteHeader(http.StatusNotModified)
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		h.Set("Content-Range", "bytes */"+strconv.FormatInt(o.size, 10))
		return &response.StatusError{Code: http.StatusRequestedRangeNotSatisfiable, Kind: tidings.KindInvalid, Msg: "There are no such bytes."}
	case http.StatusPreconditionFailed:
		return &response.StatusError{Code: http.StatusPreconditionFailed, Kind: tidings.KindConflict, Msg: "The file has changed."}
	}

	return err
}

// safeType lets a browser show media only as media.
func safeType(contentType string) string {
	for _, prefix := range []string{"video/", "audio/", "image/jpeg", "image/webp", "application/json", "text/vtt", "text/plain", "application/x-subrip"} {
		if strings.HasPrefix(contentType, prefix) {
			return contentType
		}
	}
	return contentStream
}

var errNoMore = errors.New("the caller may not go on")

// pour copies a body to the client, as slowly as it likes within reason, and
// looks every RecheckEvery whether the caller still may: a revoked link's next
// byte is refused.
func (s *server) pour(c echo.Context, code int, body io.Reader, clip tidings.ID, act tidings.Action) error {
	rc := http.NewResponseController(c.Response())
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)

	c.Response().WriteHeader(code)
	checked := time.Now()
	for {
		n, err := body.Read(*buf)
		if n > 0 {
			if time.Since(checked) > s.RecheckEvery {
				if checkErr := s.access.Recheck(c.Request().Context(), clip, act); checkErr != nil {
					request.FromContext(c.Request().Context()).Log.Info("media broken off", "error", errors.Join(errNoMore, checkErr))
					panic(http.ErrAbortHandler) // the client must not take this for the end
				}
				checked = time.Now()
			}

			// Only recorders of tests have no deadlines; real connections always do.
			_ = rc.SetWriteDeadline(time.Now().Add(writeAtLeast))

			if _, werr := c.Response().Write((*buf)[:n]); werr != nil {
				request.FromContext(c.Request().Context()).ClientGone = true
				return nil
			}
		}

		if err == io.EOF {
			return nil
		}

		if err != nil {
			request.FromContext(c.Request().Context()).Log.Error("media broken off", "error", err)
			panic(http.ErrAbortHandler)
		}
	}
}
