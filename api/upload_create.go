package api

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// createUpload begins the original of a clip (tus creation). A client whose
// answer was lost may ask again as long as no byte has come: it gets the same
// upload. Later it gets 409 and the Location to go on at.
func (s *server) createUpload(c echo.Context) error {
	u, err := s.newUpload(c)
	if err != nil {
		return err
	}

	withBody := c.Request().Header.Get("Content-Type") == tusBody
	if !withBody && c.Request().ContentLength != 0 {
		return tidings.Errorf(tidings.KindUnsupported, "A body must be %s.", tusBody)
	}

	ctx := c.Request().Context()
	err = s.Uploads.Create(ctx, u)
	if tidings.KindOf(err) == tidings.KindConflict {
		u, err = s.sameUpload(c, u, err)
	}

	if err != nil {
		return err
	}

	c.Response().Header().Set("Location", uploadsPath+"/"+string(u.ID))
	if withBody && (u.Length == nil || *u.Length > 0) {
		if err := s.append(c, u.ID, 0); err != nil {
			return err
		}
		return c.NoContent(http.StatusCreated)
	}
	if u, err = s.Uploads.Upload(ctx, u.ID); err != nil {
		return err
	}

	standing(c.Response().Header(), u)
	return c.NoContent(http.StatusCreated)
}

// newUpload reads the headers of a creation.
func (s *server) newUpload(c echo.Context) (tidings.Upload, error) {
	h, u := c.Request().Header, tidings.Upload{ID: tidings.NewID(s.Clock()), UserID: request.SubjectOf(c.Request().Context()).UserID}
	length, err := number(h, "Upload-Length")
	if err != nil {
		return u, err
	}

	deferred := h.Values("Upload-Defer-Length")
	switch {
	case len(deferred) > 0 && (len(deferred) > 1 || deferred[0] != "1"):
		return u, tidings.Invalid("Upload-Defer-Length", "It can only be 1.")
	case (length == nil) == (len(deferred) == 0):
		return u, tidings.Invalid("Upload-Length", "Either this or Upload-Defer-Length: 1 is needed.")
	case length != nil:
		if err := (tidings.UploadLimits{MaxBytes: s.MaxUpload}).CheckLength(*length); err != nil {
			return u, err
		}
	}

	u.Length = length
	meta, err := parseMetadata(h.Get("Upload-Metadata"))
	if err != nil {
		return u, err
	}

	u.Filename, u.Filetype = meta["filename"], meta["filetype"]
	g, err := s.access.AuthorizeClip(c.Request().Context(), meta["clip_id"], tidings.ActView)
	if err != nil {
		return u, err
	}

	u.ClipID, u.WorkspaceID = g.ClipID, g.WorkspaceID
	if g.Trashed {
		return u, tidings.Errorf(tidings.KindConflict, "The clip is in the trash.")
	}

	return u, s.ownUpload(c, g.ClipID, u.UserID)
}

// sameUpload is the upload there is already, when it is as good as the one
// that was asked for.
func (s *server) sameUpload(c echo.Context, asked tidings.Upload, conflict error) (tidings.Upload, error) {
	old, err := s.Store.UploadByClip(c.Request().Context(), asked.ClipID)
	if err != nil {
		return old, err
	}
	sameLength := (old.Length == nil) == (asked.Length == nil) && (old.Length == nil || *old.Length == *asked.Length)
	if old.Offset == 0 && old.SealedAt == nil && !old.Aborted && sameLength {
		return old, nil
	}
	c.Response().Header().Set("Location", uploadsPath+"/"+string(old.ID))
	return old, conflict
}

// metadataKeys are what an upload may be told about itself. Others are refused
// like unknown fields of JSON.
var metadataKeys = []string{"clip_id", "filename", "filetype"}

// parseMetadata reads Upload-Metadata: pairs of a key and its value in base64.
func parseMetadata(header string) (map[string]string, error) {
	bad := func(why string) (map[string]string, error) { return nil, tidings.Invalid("Upload-Metadata", "%s", why) }
	meta := map[string]string{}
	for _, pair := range strings.Split(header, ",") {
		key, text, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if _, twice := meta[key]; twice {
			return bad("A key stands there twice.")
		}

		known := false
		for _, k := range metadataKeys {
			known = known || k == key
		}

		if !known {
			return bad("clip_id is needed; filename and filetype may stand there; nothing else.")
		}

		value, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || !request.IsCleanText(string(value)) || len(value) > 500 {
			return bad("A value is not base64 of a short text.")
		}

		meta[key] = string(value)
	}

	if meta["clip_id"] == "" {
		return bad("clip_id is needed.")
	}

	return meta, nil
}

// metadataOf writes Upload-Metadata as it was given.
func metadataOf(u tidings.Upload) string {
	var pairs []string
	for i, value := range []string{string(u.ClipID), u.Filename, u.Filetype} {
		if value != "" {
			pairs = append(pairs, metadataKeys[i]+" "+base64.StdEncoding.EncodeToString([]byte(value)))
		}
	}
	return strings.Join(pairs, ",")
}
