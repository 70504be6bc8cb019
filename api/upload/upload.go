// Package upload receives originals by tus 1.0.0
// (https://tus.io/protocols/resumable-upload). A request is answered when its
// bytes are durable; see media/source.
package upload

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// Path is where uploads are created; each is at Path/{id}.
const Path = "/api/v1/uploads"

const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-defer-length,creation-with-upload,expiration,checksum,termination"
	tusBodyType   = "application/offset+octet-stream"
)

// Rows is what this package reads and writes of the rows.
type Rows interface {
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
	TrashClip(ctx context.Context, id tidings.ID) error
}

// Uploads stores originals while they grow; see media/source.
type Uploads interface {
	Create(ctx context.Context, u tidings.Upload) error
	Upload(ctx context.Context, id tidings.ID) (tidings.Upload, error)
	Take(ctx context.Context, id tidings.ID) (tidings.Upload, error)
	Append(ctx context.Context, id tidings.ID, offset int64, body io.Reader, sum *tidings.Checksum) (int64, error)
	SetLength(ctx context.Context, id tidings.ID, n int64) error
	Terminate(ctx context.Context, id tidings.ID) error
}

// Config of a Handler. All fields are needed.
type Config struct {
	Store       Rows
	Uploads     Uploads
	Access      *auth.Access
	MaxBytes    int64         // largest original
	IdleTimeout time.Duration // a connection may be silent this long
	CountBytes  func(n int64) // is called with the bytes of each body
	Clock       tidings.Clock
}

// Handler serves uploads.
type Handler struct{ Config }

// New returns a handler.
func New(c Config) *Handler { return &Handler{c} }

// NormalizeRequest wraps a handler for what clients of tus vary in: addresses
// end with a slash in the documentation of many, and X-HTTP-Method-Override
// names the method behind proxies that refuse PATCH.
//
// It hands on a copy of the request. By its own, net/http decides whether the
// client waits for a body, and one that sent POST for HEAD does.
func NormalizeRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != Path && !strings.HasPrefix(r.URL.Path, Path+"/") {
			next.ServeHTTP(w, r)
			return
		}

		at := *r.URL
		at.Path, at.RawPath = strings.TrimSuffix(at.Path, "/"), strings.TrimSuffix(at.RawPath, "/")
		r = r.WithContext(r.Context())
		r.URL = &at
		if m := r.Header.Get("X-HTTP-Method-Override"); m != "" {
			r.Method = strings.ToUpper(m)
		}

		next.ServeHTTP(w, r)
	})
}

// RequireVersion is middleware that sets the protocol's headers on every answer
// and refuses clients of another version of tus. GET is not part of tus.
func RequireVersion(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Tus-Resumable", tusVersion)
		h.Set("Cache-Control", response.CacheNever)
		if method := c.Request().Method; method != http.MethodOptions && method != http.MethodGet && c.Request().Header.Get("Tus-Resumable") != tusVersion {
			h.Set("Tus-Version", tusVersion)
			return &response.StatusError{Code: http.StatusPreconditionFailed, Kind: tidings.KindInvalid, Msg: "This server speaks tus " + tusVersion + "."}
		}
		return next(c)
	}
}

// Options is OPTIONS /uploads: what the server supports.
func (h *Handler) Options(c echo.Context) error {
	header := c.Response().Header()
	header.Set("Tus-Version", tusVersion)
	header.Set("Tus-Extension", tusExtensions)
	header.Set("Tus-Checksum-Algorithm", tidings.ChecksumAlgorithms)
	header.Set("Tus-Max-Size", strconv.FormatInt(h.MaxBytes, 10))
	return c.NoContent(http.StatusNoContent)
}

// authorizeUpload returns the upload of the request, KindNotFound unless it is
// the caller's own, and KindGone for a finished one whose clip is in the trash.
func (h *Handler) authorizeUpload(c echo.Context) (tidings.Upload, error) {
	id, ok := tidings.ParseID(c.Param("id"))
	if !ok {
		return tidings.Upload{}, tidings.NotFound()
	}

	u, err := h.Uploads.Upload(c.Request().Context(), id)
	if err != nil {
		return u, err
	}

	access, err := h.authorizeUploader(c, u.ClipID, u.UserID)
	if err == nil && access.Trashed && u.SealedAt != nil && !u.Aborted {
		err = tidings.Errorf(tidings.KindGone, "The upload was ended by its owner.")
	}

	return u, err
}

// authorizeUploader returns KindNotFound unless the caller is the author of the
// clip and the uploader.
func (h *Handler) authorizeUploader(c echo.Context, clip, uploader tidings.ID) (tidings.ClipAccess, error) {
	ctx := c.Request().Context()
	access, err := h.Access.AuthorizeClip(ctx, string(clip), tidings.ActView)
	if err != nil {
		return access, err
	}

	if user := request.SubjectOf(ctx).UserID; user != access.AuthorID || user != uploader {
		return access, tidings.NotFound()
	}

	return access, nil
}

// Head is HEAD /uploads/{id}: the offset to resume at. It stops an older request
// for the upload.
func (h *Handler) Head(c echo.Context) error {
	u, err := h.authorizeUpload(c)
	if err != nil {
		return err
	}
	if u, err = h.Uploads.Take(c.Request().Context(), u.ID); err != nil {
		return err
	}
	if err := u.CheckResume(); err != nil {
		return err
	}

	header := c.Response().Header()
	setOffsetHeaders(header, u)
	if u.Length == nil && u.SealedAt == nil {
		header.Set("Upload-Defer-Length", "1")
	} else {
		header.Set("Upload-Length", strconv.FormatInt(*cmp.Or(u.Length, &u.Offset), 10))
	}

	header.Set("Upload-Metadata", formatMetadata(u))
	return c.NoContent(http.StatusOK)
}

// Get is GET /uploads/{id}: programs such as Uppy show the address of an upload
// as the link to the file. It leads to the original, which has its own access
// check; an upload that was ended by its owner is not found.
func (h *Handler) Get(c echo.Context) error {
	u, err := h.authorizeUpload(c)
	if tidings.KindOf(err) == tidings.KindGone || u.Aborted {
		return tidings.NotFound()
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/api/v1/clips/"+string(u.ClipID)+"/media/original")
}

// setOffsetHeaders sets the offset of an upload and when it expires.
func setOffsetHeaders(h http.Header, u tidings.Upload) {
	h.Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	if u.SealedAt == nil && !u.ExpiresAt.IsZero() {
		h.Set("Upload-Expires", u.ExpiresAt.UTC().Format(http.TimeFormat))
	}
}

// Delete is DELETE /uploads/{id} (tus termination). An unfinished upload is
// aborted and its bytes are deleted; the clip of a finished one goes to the
// trash, from which it can come back. One that the server has ended is gone:
// the clip may have been seen, and the recorder sends it again as a new one.
func (h *Handler) Delete(c echo.Context) error {
	u, err := h.authorizeUpload(c)
	if err != nil {
		return err
	}
	if err := u.CheckResume(); err != nil {
		return err
	}

	if u.SealedAt != nil {
		err = h.trashFinished(c.Request().Context(), u)
	} else {
		err = h.Uploads.Terminate(c.Request().Context(), u.ID)
	}
	if err != nil {
		return err
	}

	return c.NoContent(http.StatusNoContent)
}

// trashFinished moves the clip of a finished upload to the trash, as its author
// may.
func (h *Handler) trashFinished(ctx context.Context, u tidings.Upload) error {
	if _, err := h.Access.AuthorizeClip(ctx, string(u.ClipID), tidings.ActDelete); err != nil {
		return err
	}
	return h.Store.TrashClip(ctx, u.ClipID)
}

// parseNumber reads a header that holds a non-negative integer; nil when it is
// absent.
func parseNumber(h http.Header, name string) (*int64, error) {
	values := h.Values(name)
	if len(values) == 0 {
		return nil, nil
	}

	n, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || len(values) > 1 || strings.HasPrefix(values[0], "+") || strings.HasPrefix(values[0], "-") {
		return nil, tidings.Invalid(name, "A whole number from 0 is needed.")
	}

	return &n, nil
}
