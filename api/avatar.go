package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// Avatars stores people's pictures. A picture without a row is swept.
type Avatars interface {
	PutAvatar(ctx context.Context, user tidings.ID, hash string, jpeg []byte) error
	AvatarKey(user tidings.ID, hash string) string
}

const maxAvatar = 10 << 20 // bytes of a file that somebody uploads

// putAvatar is PUT /me/avatar. What is stored is drawn anew from the pixels, so
// nothing else of the file is ever served.
func (s *server) putAvatar(c echo.Context) error {
	r, ctx := c.Request(), c.Request().Context()

	// Only recorders of tests have no deadlines; real connections always do.
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(time.Minute))
	file, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxAvatar))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return tidings.Errorf(tidings.KindTooLarge, "A picture may have at most %d MiB.", maxAvatar>>20)
	case err != nil:
		return tidings.Wrap(err, tidings.KindInvalid, "The request broke off.")
	}

	select { // one at a time: a picture of 25 million pixels takes a hundred megabytes
	case s.drawing <- struct{}{}:
		defer func() { <-s.drawing }()
	case <-ctx.Done():
		return ctx.Err()
	}

	picture, err := drawAvatar(file)
	if err != nil {
		return err
	}

	sum := sha256.Sum256(append(picture, randomText(8)...)) // an address is never given to two uploads
	user, hash := request.SubjectOf(ctx).UserID, hex.EncodeToString(sum[:16])
	if err := s.Avatars.PutAvatar(ctx, user, hash, picture); err != nil {
		return err
	}

	return s.answerAvatar(c, hash)
}

// deleteAvatar is DELETE /me/avatar.
func (s *server) deleteAvatar(c echo.Context) error { return s.answerAvatar(c, "") }

func (s *server) answerAvatar(c echo.Context, hash string) error {
	ctx := c.Request().Context()
	user, err := s.Store.SetAvatar(ctx, request.SubjectOf(ctx).UserID, hash)
	if err != nil {
		return err
	}

	me, err := s.me(ctx, user)
	if err != nil {
		return err
	}

	text, err := json.Marshal(me)
	if err != nil {
		return err
	}

	return c.JSONBlob(http.StatusOK, text)
}

// avatar is GET /users/{id}/avatar/{hash}: for the person and whoever is in a
// workspace with them. Its address changes with the picture.
func (s *server) avatar(c echo.Context) error {
	ctx := c.Request().Context()
	id, ok := tidings.ParseID(c.Param("id"))
	if !ok {
		return tidings.NotFound()
	}

	who := request.SubjectOf(ctx).UserID
	if id != who {
		if ok, err := s.Store.Colleagues(ctx, who, id); err != nil || !ok {
			return errors.Join(err, notFoundIf(err == nil))
		}
	}

	user, err := s.Store.User(ctx, id)
	if err != nil {
		return err
	}

	hash := c.Param("hash")
	if user.Avatar == "" || user.Avatar != hash {
		return tidings.NotFound()
	}

	h := c.Response().Header()
	mediaHeaders(h)
	h.Set("Cache-Control", response.CacheForever)
	h.Set("ETag", `"`+hash+`"`)
	if response.MatchesETag(c.Request().Header.Get("If-None-Match"), `"`+hash+`"`) {
		return c.NoContent(http.StatusNotModified)
	}

	got, err := s.Objects.Get(ctx, s.Avatars.AvatarKey(id, hash), Conditions{})
	if err != nil {
		return err
	}
	defer got.Body.Close()

	picture, err := io.ReadAll(io.LimitReader(got.Body, 1<<20))
	if err != nil {
		return err
	}

	h.Set("Content-Type", "image/jpeg")
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(picture))

	return nil
}

func notFoundIf(missing bool) error {
	if missing {
		return tidings.NotFound()
	}
	return nil
}

func unsupportedPicture(err error) error {
	return tidings.Wrap(err, tidings.KindUnsupported, "This is no picture that can be read: PNG, JPEG or GIF is needed.")
}

// isPicture looks at the first bytes, whatever the request calls them.
func isPicture(file []byte) bool {
	kind := http.DetectContentType(file)
	return strings.HasPrefix(kind, "image/png") || strings.HasPrefix(kind, "image/jpeg") || strings.HasPrefix(kind, "image/gif")
}
