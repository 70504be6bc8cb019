package upload

import (
	"cmp"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// Create is POST /uploads: it begins the original of a clip (tus creation). A
// client that lost the answer may repeat the request, and gets the same upload;
// if the request brought bytes, with the offset to go on at. Another request
// for the clip gets 409 and the Location of the upload.
func (h *Handler) Create(c echo.Context) error {
	u, err := h.parseUpload(c)
	if err != nil {
		return err
	}

	withBody := hasTusBody(c.Request())
	if !withBody && !isBodyEmpty(c.Request()) {
		return tidings.Errorf(tidings.KindUnsupported, "A body must be %s.", tusBodyType)
	}

	ctx := c.Request().Context()
	err = h.Uploads.Create(ctx, u)
	if tidings.KindOf(err) == tidings.KindConflict {
		u, err = h.findRepeated(c, u, withBody, err)
	}
	if err != nil {
		return err
	}

	c.Response().Header().Set("Location", Path+"/"+string(u.ID))
	if withBody && u.Offset == 0 && (u.Length == nil || *u.Length > 0) {
		if err := h.appendBody(c, u.ID, 0); err != nil {
			return err
		}
		return c.NoContent(http.StatusCreated)
	}
	if u, err = h.Uploads.Upload(ctx, u.ID); err != nil {
		return err
	}

	setOffsetHeaders(c.Response().Header(), u)
	return c.NoContent(http.StatusCreated)
}

// parseUpload reads the headers of a creation and authorizes the caller for the
// clip they name.
func (h *Handler) parseUpload(c echo.Context) (tidings.Upload, error) {
	header, ctx := c.Request().Header, c.Request().Context()
	if len(header.Values("Upload-Concat")) > 0 { // it would become an upload of its own
		return tidings.Upload{}, tidings.Invalid("Upload-Concat", "This server does not concatenate uploads: send the file as one (in tus-js-client, parallelUploads: 1).")
	}

	u := tidings.Upload{ID: tidings.NewID(h.Clock()), UserID: request.SubjectOf(ctx).UserID}
	length, err := h.parseLength(header)
	if err != nil {
		return u, err
	}

	u.Metadata = strings.Join(header.Values("Upload-Metadata"), ",")
	meta, err := parseMetadata(u.Metadata)
	if err != nil {
		return u, err
	}

	clip, err := findClipID(c, meta)
	if err != nil {
		return u, err
	}

	u.Length, u.Filename, u.Filetype = length, meta["filename"], meta["filetype"]
	access, err := h.Access.AuthorizeClip(ctx, clip, tidings.ActView)
	if err != nil {
		return u, err
	}

	u.ClipID, u.WorkspaceID = access.ClipID, access.WorkspaceID
	if access.Trashed {
		return u, tidings.Errorf(tidings.KindConflict, "The clip is in the trash.")
	}

	_, err = h.authorizeUploader(c, access.ClipID, u.UserID)
	return u, err
}

// isBodyEmpty reports whether a request has no body. A client that sends one in
// chunks announces no length, also of an empty one.
func isBodyEmpty(r *http.Request) bool {
	if r.ContentLength >= 0 {
		return r.ContentLength == 0
	}
	n, err := io.ReadFull(r.Body, make([]byte, 1))
	return n == 0 && err == io.EOF
}

// findClipID returns the clip to upload to: clip_id of the metadata, or of the
// query for programs that let people choose no more than the address.
func findClipID(c echo.Context, meta map[string]string) (string, error) {
	inMetadata, inQuery := meta["clip_id"], c.QueryParam("clip_id")
	switch {
	case inMetadata == "" && inQuery == "":
		return "", errMetadata("clip_id is needed, here or in the query of the address.")
	case inMetadata != "" && inQuery != "" && inMetadata != inQuery:
		return "", errMetadata("clip_id is not that in the query of the address.")
	}
	return cmp.Or(inMetadata, inQuery), nil
}

// parseLength reads the length of a new upload; nil when it is deferred.
func (h *Handler) parseLength(header http.Header) (*int64, error) {
	length, err := parseNumber(header, "Upload-Length")
	if err != nil {
		return nil, err
	}

	deferred := header.Values("Upload-Defer-Length")
	switch {
	case len(deferred) > 0 && (len(deferred) > 1 || deferred[0] != "1"):
		return nil, tidings.Invalid("Upload-Defer-Length", "It can only be 1.")
	case (length == nil) == (len(deferred) == 0):
		return nil, tidings.Invalid("Upload-Length", "Either this or Upload-Defer-Length: 1 is needed.")
	case length == nil:
		return nil, nil
	}

	return length, tidings.UploadLimits{MaxBytes: h.MaxBytes}.CheckLength(*length)
}

// findRepeated returns the existing upload of the clip if the request may be a
// repetition of the one that created it, else conflict.
func (h *Handler) findRepeated(c echo.Context, requested tidings.Upload, withBody bool, conflict error) (tidings.Upload, error) {
	ctx := c.Request().Context()
	existing, err := h.Store.UploadByClip(ctx, requested.ClipID)
	if err != nil {
		return existing, err
	}

	sameLength := (existing.Length == nil) == (requested.Length == nil) && (existing.Length == nil || *existing.Length == *requested.Length)
	switch {
	case !sameLength:
	case existing.Offset == 0 && existing.CheckOpen() == nil:
		return existing, nil
	case withBody && existing.Length != nil && existing.Metadata == requested.Metadata && existing.UserID == requested.UserID && existing.CheckResume() == nil:
		return h.Uploads.Take(ctx, existing.ID) // the first request may be running still
	}

	c.Response().Header().Set("Location", Path+"/"+string(existing.ID))
	return existing, conflict
}
