package api

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
)

// putAvatar is PUT /me/avatar.
func (s *server) putAvatar(c echo.Context) error {
	hash, err := s.media.ReceiveAvatar(c)
	if err != nil {
		return err
	}
	return s.setAvatar(c, hash)
}

// deleteAvatar is DELETE /me/avatar.
func (s *server) deleteAvatar(c echo.Context) error { return s.setAvatar(c, "") }

// setAvatar sets the hash of the caller's picture and answers with their account.
func (s *server) setAvatar(c echo.Context, hash string) error {
	ctx := c.Request().Context()
	user, err := s.Store.SetAvatar(ctx, request.SubjectOf(ctx).UserID, hash)
	if err != nil {
		return err
	}

	me, err := s.auth.Me(ctx, user)
	if err != nil {
		return err
	}

	text, err := json.Marshal(me)
	if err != nil {
		return err
	}

	return c.JSONBlob(http.StatusOK, text)
}
