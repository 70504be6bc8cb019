package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// AvatarStore is what avatarHandlers needs of the rows.
type AvatarStore interface {
	SetAvatar(ctx context.Context, user tidings.ID, hash string) (tidings.User, error)
}

// avatarHandlers serves changes of the caller's picture.
type avatarHandlers struct {
	store AvatarStore
	auth  *auth.Authenticator
	media *media.Handler
}

// putAvatar is PUT /me/avatar.
func (h *avatarHandlers) putAvatar(c echo.Context) error {
	hash, err := h.media.ReceiveAvatar(c)
	if err != nil {
		return err
	}
	return h.setAvatar(c, hash)
}

// deleteAvatar is DELETE /me/avatar.
func (h *avatarHandlers) deleteAvatar(c echo.Context) error { return h.setAvatar(c, "") }

// setAvatar sets the hash of the caller's picture and answers with their account.
func (h *avatarHandlers) setAvatar(c echo.Context, hash string) error {
	ctx := c.Request().Context()
	user, err := h.store.SetAvatar(ctx, request.SubjectOf(ctx).UserID, hash)
	if err != nil {
		return err
	}

	me, err := h.auth.Me(ctx, user)
	if err != nil {
		return err
	}

	text, err := json.Marshal(me)
	if err != nil {
		return err
	}

	return c.JSONBlob(http.StatusOK, text)
}
