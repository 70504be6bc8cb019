// Package media serves the files of clips: HLS playlists and segments, single
// files with byte ranges, originals, captions, the files of snippet links, and
// the pictures of people. Every handler asks the access check first.
package media

import (
	"cmp"
	"context"
	"io"
	"math"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/budget"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// Rows is the rows that this package reads and writes.
type Rows interface {
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error)
	Renditions(ctx context.Context, clip tidings.ID) ([]tidings.Rendition, error)
	Segments(ctx context.Context, clip tidings.ID, attempt int64, rendition string) ([]tidings.Segment, error)
	Segment(ctx context.Context, clip tidings.ID, attempt int64, rendition string, seq int64) (tidings.Segment, error)
	Asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error)
	Assets(ctx context.Context, clip tidings.ID) ([]tidings.Asset, error)
	PutAsset(ctx context.Context, a tidings.Asset) error
	ReportDamage(ctx context.Context, d tidings.Damage) error // repeated, it changes nothing
	LinkAssets(ctx context.Context, link tidings.ID) ([]tidings.LinkAsset, error)
	Transcript(ctx context.Context, clip tidings.ID) (tidings.Transcript, error) // KindNotFound before there is one
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
	ShareWorkspace(ctx context.Context, a, b tidings.ID) (bool, error)
}

// Original reads the original of a clip while it grows.
type Original interface {
	Stat(ctx context.Context, clip tidings.ID) (OriginalInfo, error)                        // KindGone when its upload was aborted
	Open(ctx context.Context, clip tidings.ID, from, to int64) (r io.ReadCloser, err error) // [from, to)
}

// OriginalInfo describes how much of an original is durable.
type OriginalInfo struct {
	Size        int64 // durable bytes
	Sealed      bool  // complete
	ContentType string
}

// Objects is the object storage. Get makes one request; a condition that does
// not hold is an error with HTTPStatus() int (304, 412 or 416).
type Objects interface {
	Get(ctx context.Context, key string, c Conditions) (*Object, error)
	Head(ctx context.Context, key string) (*Object, error) // without Body
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error
}

// Conditions are the conditional headers of a read; "" = none.
type Conditions struct{ Range, IfNoneMatch, IfMatch string }

// Object is an open object. The caller closes Body.
type Object struct {
	Size         int64 // of Body
	ETag         string
	ContentType  string
	ContentRange string // "" = the whole object
	Body         io.ReadCloser
}

// Avatars stores the pictures of people. A picture without a row is swept.
type Avatars interface {
	PutAvatar(ctx context.Context, user tidings.ID, hash string, jpeg []byte) error
	AvatarKey(user tidings.ID, hash string) string
}

// Makers make files on demand; see package media of the pipeline.
type Makers struct {
	// Download returns video.mp4 or audio.m4a of a clip, made now if need be.
	Download func(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error)
	// Snippet starts making the files of a snippet link, unless that is under way:
	// KindNotReady. Another kind says why there will be none for now. nil = no
	// snippets.
	Snippet func(ctx context.Context, l tidings.Link) error
	// Card draws the share image of a clip (JPEG): its poster, or a waveform where
	// there is none, with a play mark and its length. nil = no share images.
	Card func(poster, peaks []byte, lengthMS int64) ([]byte, error)
}

// Config of a Handler.
type Config struct {
	Makers
	Store        Rows
	Original     Original
	Objects      Objects
	Avatars      Avatars
	Access       *auth.Access
	RecheckEvery time.Duration // long answers repeat the access check this often
	ReadIdle     time.Duration // a client that takes nothing for this long is disconnected; 30 s
	Reads        budget.Limits // of answers with media at once; ReadLimits of many connections
}

// ReadLimits are the budgets of answers with media, when so many connections may
// be open: a read from the storage takes up to three more files of the process.
// They are below the requests that the embedded storage serves at once (512):
// uploads and the pipeline need some too. A browser reads over at most six
// connections.
func ReadLimits(connections int) budget.Limits {
	total := min(384, max(connections/8, 6))
	return budget.Limits{Total: total, Reserve: total / 3, PerAddress: total / 4, PerLink: total / 2, PerPerson: total / 6}
}

// Handler serves the files of clips.
type Handler struct {
	Config
	renderSlot chan struct{} // one avatar is decoded at a time
	reads      *budget.Pool
}

// New returns a handler.
func New(c Config) *Handler {
	c.ReadIdle = cmp.Or(c.ReadIdle, 30*time.Second)
	c.Reads = cmp.Or(c.Reads, ReadLimits(math.MaxInt))
	return &Handler{Config: c, renderSlot: make(chan struct{}, 1), reads: budget.NewPool(c.Reads)}
}

// File is GET /clips/{id}/media/{file}.
func (h *Handler) File(c echo.Context) error {
	name := cmp.Or(c.Param("file"), "master.m3u8")
	action := tidings.ActView
	if needsDownload(name) {
		action = tidings.ActDownload
	}

	ctx := c.Request().Context()
	access, snippet, err := h.Access.AuthorizeClipOrSnippet(ctx, c.Param("id"), action)
	if err != nil {
		return err
	}

	setMediaHeaders(c.Response().Header())
	allowCrossOrigin(request.FromContext(ctx), name, c.Response().Header())
	if snippet != nil {
		return h.serveSnippetFile(c, access, *snippet, name, action)
	}

	switch {
	case name == "master.m3u8":
		return h.serveMasterPlaylist(c, access.ClipID)
	case name == "original":
		return h.serveOriginal(c, access.ClipID)
	case strings.HasPrefix(name, "captions."):
		return h.serveCaptions(c, access, nil, strings.TrimPrefix(name, "captions."))
	case name == ShareImage:
		return h.serveShareImage(c, access.ClipID)
	}

	a, err := h.findAsset(ctx, access.ClipID, name)
	if err != nil {
		return err
	}

	return h.serveAsset(c, a, action)
}

// setMediaHeaders keeps browsers from taking an uploaded file for anything but
// media: no scripts, no frames, no use by other sites.
func setMediaHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// allowCrossOrigin lets other sites show the pictures that a link opens to
// anyone: chat programs in their cards, and mails that are read in a browser.
func allowCrossOrigin(k *request.State, name string, h http.Header) {
	l := k.Subject.Link
	if l == nil || l.Access != tidings.LinkAnyone {
		return
	}
	switch name {
	case "poster.jpg", "preview.webp", ShareImage:
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}

// needsDownload reports whether a file is a copy of the whole recording, which
// a share link may withhold.
func needsDownload(name string) bool {
	return name == "original" || name == "video.mp4" || name == "audio.m4a"
}

// assetNames are the single files made from a clip.
var assetNames = map[string]bool{"video.mp4": true, "audio.m4a": true, "poster.jpg": true, "preview.webp": true,
	"storyboard.jpg": true, "storyboard.vtt": true, "peaks.json": true, ShareImage: true}

// findAsset returns a file of a clip: KindNotReady while it may still be made,
// KindNotFound when it will not be.
func (h *Handler) findAsset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error) {
	if !assetNames[name] {
		return tidings.Asset{}, tidings.NotFound()
	}

	a, err := h.Store.Asset(ctx, clip, name)
	if tidings.KindOf(err) != tidings.KindNotFound {
		return a, err
	}

	row, rowErr := h.Store.Clip(ctx, clip)
	switch {
	case rowErr != nil:
		return a, rowErr
	case hasNoMedia(row):
		return a, err
	case row.Steps.Transcode.State != tidings.StepDone:
		return a, response.NotReady()
	case needsDownload(name):
		return h.Download(ctx, clip, name)
	}

	return a, err
}

// hasNoMedia reports whether no file of a clip will be made.
func hasNoMedia(c tidings.Clip) bool {
	state := c.Steps.Transcode.State
	return c.State == tidings.ClipFailed || state == tidings.StepFailed || state == tidings.StepSkipped
}

// mediaMissing is the error for a clip without renditions: KindNotReady when
// they may still be made.
func (h *Handler) mediaMissing(ctx context.Context, clip tidings.ID) error {
	row, err := h.Store.Clip(ctx, clip)
	if err != nil {
		return err
	}
	if hasNoMedia(row) {
		return tidings.NotFound()
	}
	return response.NotReady()
}

func (h *Handler) serveAsset(c echo.Context, a tidings.Asset, action tidings.Action) error {
	setAttachment(c, a.ClipID, a.Name)
	return h.serveObject(c, storedObject{clip: a.ClipID, action: action, key: a.Key, sums: a.Sums, size: a.Bytes, contentType: a.ContentType, cache: response.CacheRevalidate})
}

// setAttachment makes the browser save the file when the URL asks for it.
func setAttachment(c echo.Context, clip tidings.ID, name string) {
	if c.QueryParam("download") != "" {
		c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": string(clip) + "-" + name}))
	}
}
