package media

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

const (
	maxAvatarUpload = 10 << 20 // bytes of an uploaded picture
	avatarTimeout   = time.Minute
)

// ReceiveAvatar stores the picture in the body of PUT /me/avatar and returns its
// hash. What is stored is drawn anew from the pixels, so no other bytes of the
// uploaded file are ever served.
func (h *Handler) ReceiveAvatar(c echo.Context) (hash string, err error) {
	ctx := c.Request().Context()
	file, err := readAvatar(c)
	if err != nil {
		return "", err
	}

	select { // one at a time: 25 million pixels take a hundred megabytes
	case h.renderSlot <- struct{}{}:
		defer func() { <-h.renderSlot }()
	case <-ctx.Done():
		return "", ctx.Err()
	}

	picture, err := drawAvatar(file)
	if err != nil {
		return "", err
	}

	sum := sha256.Sum256(append(picture, rand.Text()...)) // two uploads never share a URL
	hash = hex.EncodeToString(sum[:16])

	return hash, h.Avatars.PutAvatar(ctx, request.SubjectOf(ctx).UserID, hash, picture)
}

func readAvatar(c echo.Context) ([]byte, error) {
	// An httptest.ResponseRecorder has no deadlines; connections always do.
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(avatarTimeout))
	file, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxAvatarUpload))

	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, tidings.Errorf(tidings.KindTooLarge, "A picture may have at most %d MiB.", maxAvatarUpload>>20)
	case err != nil:
		return nil, tidings.Wrap(err, tidings.KindInvalid, "The request broke off.")
	}

	return file, nil
}

// Avatar is GET /users/{id}/avatar/{hash}: for the person and for members of
// their workspaces. Each picture has a URL of its own.
func (h *Handler) Avatar(c echo.Context) error {
	ctx := c.Request().Context()
	id, ok := tidings.ParseID(c.Param("id"))
	if !ok {
		return tidings.NotFound()
	}

	if caller := request.SubjectOf(ctx).UserID; id != caller {
		if ok, err := h.Store.ShareWorkspace(ctx, caller, id); err != nil {
			return err
		} else if !ok {
			return tidings.NotFound()
		}
	}

	user, err := h.Store.User(ctx, id)
	if err != nil {
		return err
	}

	hash := c.Param("hash")
	if user.Avatar == "" || user.Avatar != hash {
		return tidings.NotFound()
	}

	header := c.Response().Header()
	setMediaHeaders(header)
	header.Set("Cache-Control", response.CacheForever)
	header.Set("ETag", `"`+hash+`"`)
	if response.MatchesETag(c.Request().Header.Get("If-None-Match"), `"`+hash+`"`) {
		return c.NoContent(http.StatusNotModified)
	}

	picture, err := h.readObject(ctx, h.Avatars.AvatarKey(id, hash), 1<<20)
	if err != nil {
		return err
	}

	header.Set("Content-Type", "image/jpeg")
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(picture))

	return nil
}
