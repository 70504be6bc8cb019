package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// tus 1.0.0 (https://tus.io/protocols/resumable-upload). Bytes are answered
// for only when they are durable; see media/source.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-defer-length,creation-with-upload,expiration,checksum,termination"
	tusBody       = "application/offset+octet-stream"
	uploadsPath   = "/api/v1/uploads"
)

// resumable says the protocol's version on every answer and refuses clients of
// another one before anything is done.
func (s *server) resumable(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Tus-Resumable", tusVersion)
		h.Set("Cache-Control", "no-store")
		if c.Request().Method != http.MethodOptions && c.Request().Header.Get("Tus-Resumable") != tusVersion {
			h.Set("Tus-Version", tusVersion)
			return &response.StatusError{Code: http.StatusPreconditionFailed, Kind: tidings.KindInvalid, Msg: "This server speaks tus " + tusVersion + "."}
		}
		return next(c)
	}
}

// uploadOptions answers what the server can do.
func (s *server) uploadOptions(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Checksum-Algorithm", tidings.ChecksumAlgorithms)
	h.Set("Tus-Max-Size", strconv.FormatInt(s.MaxUpload, 10))
	return c.NoContent(http.StatusNoContent)
}

// upload is an upload of the caller's own; for anybody else there is none.
func (s *server) upload(c echo.Context) (tidings.Upload, error) {
	ctx := c.Request().Context()
	id, ok := tidings.ParseID(c.Param("id"))
	if !ok {
		return tidings.Upload{}, tidings.NotFound()
	}
	u, err := s.Uploads.Upload(ctx, id)
	if err != nil {
		return u, err
	}
	return u, s.ownUpload(c, u.ClipID, u.UserID)
}

// ownUpload lets the author of the clip pass, and only them.
func (s *server) ownUpload(c echo.Context, clip, uploader tidings.ID) error {
	ctx := c.Request().Context()
	g, err := s.access.AuthorizeClip(ctx, string(clip), tidings.ActView)
	if err != nil {
		return err
	}
	if who := request.SubjectOf(ctx).UserID; who != g.AuthorID || who != uploader {
		return tidings.NotFound()
	}
	return nil
}

// headUpload says where to go on, and takes the upload from an older request.
func (s *server) headUpload(c echo.Context) error {
	u, err := s.upload(c)
	if err != nil {
		return err
	}
	if u, err = s.Uploads.Take(c.Request().Context(), u.ID); err != nil {
		return err
	}
	if err := u.CheckResume(); err != nil {
		return err
	}

	standing(c.Response().Header(), u)
	if u.Length == nil && u.SealedAt == nil {
		c.Response().Header().Set("Upload-Defer-Length", "1")
	} else {
		c.Response().Header().Set("Upload-Length", strconv.FormatInt(*cmp.Or(u.Length, &u.Offset), 10))
	}

	c.Response().Header().Set("Upload-Metadata", metadataOf(u))
	return c.NoContent(http.StatusOK)
}

// standing writes where an upload stands and until when it may go on.
func standing(h http.Header, u tidings.Upload) {
	h.Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	if u.SealedAt == nil && !u.ExpiresAt.IsZero() {
		h.Set("Upload-Expires", u.ExpiresAt.UTC().Format(http.TimeFormat))
	}
}

// patchUpload adds bytes.
func (s *server) patchUpload(c echo.Context) error {
	if c.Request().Header.Get("Content-Type") != tusBody {
		return tidings.Errorf(tidings.KindUnsupported, "The body must be %s.", tusBody)
	}

	at, err := number(c.Request().Header, "Upload-Offset")
	if err != nil {
		return err
	}
	if at == nil {
		return tidings.Invalid("Upload-Offset", "This is needed.")
	}

	u, err := s.upload(c)
	if err != nil {
		return err
	}

	length, err := number(c.Request().Header, "Upload-Length")
	if err != nil {
		return err
	}

	if length != nil {
		if done, err := s.setLength(c, u, *at, *length); done || err != nil {
			return err
		}
	}

	if err := s.append(c, u.ID, *at); err != nil {
		return err
	}

	return c.NoContent(http.StatusNoContent)
}

// setLength takes the length that a PATCH of a deferred upload brings. done
// says that the upload is complete by it and the request is answered: its body
// must be empty then, which the client says by Content-Length.
func (s *server) setLength(c echo.Context, u tidings.Upload, at, length int64) (done bool, err error) {
	ctx := c.Request().Context()

	if at != u.Offset && u.SealedAt == nil {
		standing(c.Response().Header(), u)
		return true, tidings.UploadOffsetConflict(u)
	}
	if at+max(c.Request().ContentLength, 0) > length {
		return true, tidings.UploadLengthExceeded()
	}
	if err := s.Uploads.SetLength(ctx, u.ID, length); err != nil {
		return true, err
	}
	if at != length || c.Request().ContentLength > 0 {
		return false, nil
	}
	if u, err = s.Uploads.Upload(ctx, u.ID); err != nil {
		return true, err
	}

	standing(c.Response().Header(), u)
	return true, c.NoContent(http.StatusNoContent)
}

// append hands the body on and says where the upload stands, also when it
// went wrong: the client keeps what is not acknowledged.
func (s *server) append(c echo.Context, id tidings.ID, at int64) error {
	ctx := c.Request().Context()
	sum, err := requestChecksum(c.Request().Header)
	if err != nil {
		return err
	}

	body := newUploadBody(c, s.BodyIdle)
	defer body.close() // also after a panic

	offset, err := s.Uploads.Append(ctx, id, at, body, sum)
	body.close()
	s.counters.uploaded(body.n.Load())

	// A deadline that ended the body has ended the request's context as well,
	// though the client may still be there to hear how far it got.
	u, uerr := s.Uploads.Upload(context.WithoutCancel(ctx), id)
	if uerr != nil {
		return errors.Join(err, uerr)
	}

	u.Offset = max(u.Offset, offset)
	standing(c.Response().Header(), u)

	return err
}

// deleteUpload throws an unfinished upload away.
func (s *server) deleteUpload(c echo.Context) error {
	u, err := s.upload(c)
	if err != nil {
		return err
	}
	if err := u.CheckReadable(); err != nil {
		return err
	}
	if err := s.Uploads.Terminate(c.Request().Context(), u.ID); err != nil {
		return err
	}

	return c.NoContent(http.StatusNoContent)
}

// number is a header that holds a non-negative integer; nil when it is absent.
func number(h http.Header, name string) (*int64, error) {
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
