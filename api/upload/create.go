package upload

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// Create is POST /uploads: it begins the original of a clip (tus creation). A
// client that lost the answer may repeat the request before it has sent bytes,
// and gets the same upload. Later it gets 409 and the Location of the upload.
func (h *Handler) Create(c echo.Context) error {
	u, err := h.parseUpload(c)
	if err != nil {
		return err
	}

	withBody := c.Request().Header.Get("Content-Type") == tusBodyType
	if !withBody && c.Request().ContentLength != 0 {
		return tidings.Errorf(tidings.KindUnsupported, "A body must be %s.", tusBodyType)
	}

	ctx := c.Request().Context()
	err = h.Uploads.Create(ctx, u)
	if tidings.KindOf(err) == tidings.KindConflict {
		u, err = h.findRepeated(c, u, err)
	}
	if err != nil {
		return err
	}

	c.Response().Header().Set("Location", Path+"/"+string(u.ID))
	if withBody && (u.Length == nil || *u.Length > 0) {
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
	u := tidings.Upload{ID: tidings.NewID(h.Clock()), UserID: request.SubjectOf(ctx).UserID}
	length, err := h.parseLength(header)
	if err != nil {
		return u, err
	}

	meta, err := parseMetadata(header.Get("Upload-Metadata"))
	if err != nil {
		return u, err
	}

	u.Length, u.Filename, u.Filetype = length, meta["filename"], meta["filetype"]
	access, err := h.Access.AuthorizeClip(ctx, meta["clip_id"], tidings.ActView)
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
func (h *Handler) findRepeated(c echo.Context, requested tidings.Upload, conflict error) (tidings.Upload, error) {
	existing, err := h.Store.UploadByClip(c.Request().Context(), requested.ClipID)
	if err != nil {
		return existing, err
	}

	sameLength := (existing.Length == nil) == (requested.Length == nil) && (existing.Length == nil || *existing.Length == *requested.Length)
	if existing.Offset == 0 && existing.CheckOpen() == nil && sameLength {
		return existing, nil
	}

	c.Response().Header().Set("Location", Path+"/"+string(existing.ID))
	return existing, conflict
}

// metadataKeys are the keys of Upload-Metadata that are read. Clients of tus send
// others of their own, such as Uppy's relativePath, which mean nothing here.
var metadataKeys = []string{"clip_id", "filename", "filetype"}

func errMetadata(why string) error { return tidings.Invalid("Upload-Metadata", "%s", why) }

// parseMetadata reads Upload-Metadata: pairs of a key and its value in base64.
func parseMetadata(header string) (map[string]string, error) {
	meta := map[string]string{}
	for _, pair := range strings.Split(header, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if _, twice := meta[key]; twice {
			return nil, errMetadata("A key stands there twice.")
		}
		if key == "" {
			return nil, errMetadata("A key is empty.")
		}

		value, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if !slices.Contains(metadataKeys, key) {
			if err != nil {
				return nil, errMetadata("A value is not base64.")
			}
			meta[key] = ""
			continue
		}
		if err != nil || !request.IsCleanText(string(value)) || len(value) > 500 {
			return nil, errMetadata("A value is not base64 of a short text.")
		}

		meta[key] = string(value)
	}

	if meta["clip_id"] == "" {
		return nil, errMetadata("clip_id is needed.")
	}

	return meta, nil
}

// formatMetadata writes Upload-Metadata as it was given.
func formatMetadata(u tidings.Upload) string {
	var pairs []string
	for i, value := range []string{string(u.ClipID), u.Filename, u.Filetype} {
		if value != "" {
			pairs = append(pairs, metadataKeys[i]+" "+base64.StdEncoding.EncodeToString([]byte(value)))
		}
	}
	return strings.Join(pairs, ",")
}
