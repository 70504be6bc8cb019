package upload

import (
	"context"
	"errors"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/tidings"
)

// Patch is PATCH /uploads/{id}: it appends bytes.
func (h *Handler) Patch(c echo.Context) error {
	header := c.Request().Header
	if !hasTusBody(c.Request()) {
		return tidings.Errorf(tidings.KindUnsupported, "The body must be %s.", tusBodyType)
	}

	offset, err := parseNumber(header, "Upload-Offset")
	if err != nil {
		return err
	}
	if offset == nil {
		return tidings.Invalid("Upload-Offset", "This is needed.")
	}

	u, err := h.authorizeUpload(c)
	if err != nil {
		return err
	}

	length, err := parseNumber(header, "Upload-Length")
	if err != nil {
		return err
	}

	if length != nil {
		if done, err := h.setLength(c, u, *offset, *length); done || err != nil {
			return err
		}
	}

	if err := h.appendBody(c, u.ID, *offset); err != nil {
		return err
	}

	return c.NoContent(http.StatusNoContent)
}

// hasTusBody reports whether the body is the bytes of an upload. HTTP libraries
// write the media type in any case and add parameters.
func hasTusBody(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == tusBodyType
}

// setLength sets the length that a PATCH of a deferred upload brings. done says
// that the length is reached and the request answered: its body must be empty
// then, as its Content-Length says.
func (h *Handler) setLength(c echo.Context, u tidings.Upload, offset, length int64) (done bool, err error) {
	ctx := c.Request().Context()

	if offset != u.Offset && u.SealedAt == nil {
		setOffsetHeaders(c.Response().Header(), u)
		return true, tidings.UploadOffsetConflict(u)
	}
	if offset+max(c.Request().ContentLength, 0) > length {
		return true, tidings.UploadLengthExceeded()
	}
	if err := h.Uploads.SetLength(ctx, u.ID, length); err != nil {
		return true, err
	}
	if offset != length || c.Request().ContentLength > 0 {
		return false, nil
	}
	if u, err = h.Uploads.Upload(ctx, u.ID); err != nil {
		return true, err
	}

	setOffsetHeaders(c.Response().Header(), u)
	return true, c.NoContent(http.StatusNoContent)
}

// appendBody appends the body of the request and sets the headers of the new
// offset, also with an error: the client sends the rest again from there.
func (h *Handler) appendBody(c echo.Context, id tidings.ID, offset int64) error {
	ctx := c.Request().Context()
	sum, err := requestChecksum(c.Request().Header)
	if err != nil {
		return err
	}

	body := newUploadBody(c, h.IdleTimeout)
	defer body.releaseConnection() // also after a panic

	end, err := h.Uploads.Append(ctx, id, offset, body, sum)
	body.releaseConnection()
	h.CountBytes(body.n.Load())

	// A read deadline that ended the body has also canceled the request's context,
	// though the client may still read the answer.
	u, uploadErr := h.Uploads.Upload(context.WithoutCancel(ctx), id)
	if uploadErr != nil {
		return errors.Join(err, uploadErr)
	}

	u.Offset = max(u.Offset, end)
	setOffsetHeaders(c.Response().Header(), u)

	return err
}

// requestChecksum reads Upload-Checksum; nil when it is absent.
func requestChecksum(h http.Header) (*tidings.Checksum, error) {
	value := h.Get("Upload-Checksum")
	if value == "" {
		return nil, nil
	}
	return tidings.ParseChecksum(value)
}
