package api

import (
	"bytes"
	"context"
	"io"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// shareImage is the picture that other programs show of a clip.
const shareImage = "share.jpg"

// Size of shareImage, in pixels: what Open Graph's readers want.
const (
	shareWidth  = 1200
	shareHeight = 630
	drawnFrom   = 32 << 20 // bytes of a poster or a waveform at most
)

// shareImage is GET /clips/{id}/media/share.jpg: drawn once a clip is whole,
// when it is first asked for.
func (s *server) shareImage(c echo.Context, clip tidings.ID) error {
	ctx := c.Request().Context()
	row, err := s.Store.Clip(ctx, clip)
	if err != nil {
		return err
	}

	poster, err := s.asset(ctx, clip, "poster.jpg")
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return err
	}
	if row.DurationMS == nil || row.State != tidings.ClipReady || s.Card == nil {
		if err != nil {
			return response.NotReady()
		}
		return s.serveAsset(c, poster, tidings.ActView) // the length is not known yet
	}

	a, err := s.Store.Asset(ctx, clip, shareImage)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && a.Attempt != poster.Attempt {
		if a, err = s.drawShareImage(ctx, poster, row); err != nil && poster.Key != "" && ctx.Err() == nil {
			request.FromContext(ctx).Log.Warn("share image not drawn", "clip", clip, "error", err)
			a, err = poster, nil
		}
	}

	if err != nil {
		return err
	}

	return s.serveAsset(c, a, tidings.ActView)
}

func (s *server) drawShareImage(ctx context.Context, poster tidings.Asset, c tidings.Clip) (tidings.Asset, error) {
	a := tidings.Asset{ClipID: c.ID, Attempt: poster.Attempt, Name: shareImage, ContentType: "image/jpeg"}
	picture, err := s.object(ctx, poster.Key)
	if err != nil {
		return a, err
	}

	var wave []byte
	if poster.Key == "" {
		peaks, err := s.Store.Asset(ctx, c.ID, "peaks.json")
		if err == nil {
			wave, err = s.object(ctx, peaks.Key)
		}
		if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
			return a, err
		}
	}

	b, err := s.Card(picture, wave, *c.DurationMS)
	if err != nil {
		return a, err
	}

	a.Bytes, a.Key = int64(len(b)), "clips/"+string(c.ID)+"/card/"+randomText(10)+"-"+shareImage
	if err := s.Objects.Put(ctx, a.Key, bytes.NewReader(b), a.Bytes, a.ContentType); err != nil {
		return a, err
	}

	return a, s.Store.PutAsset(ctx, a)
}

// object is a small stored file as a whole; none for the key "".
func (s *server) object(ctx context.Context, key string) ([]byte, error) {
	if key == "" {
		return nil, nil
	}
	got, err := s.Objects.Get(ctx, key, Conditions{})
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	return io.ReadAll(io.LimitReader(got.Body, drawnFrom))
}
