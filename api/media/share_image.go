package media

import (
	"bytes"
	"context"
	"crypto/rand"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// ShareImage is the file that other programs show of a clip, and its size in
// pixels, which Open Graph recommends (https://ogp.me).
const (
	ShareImage       = "share.jpg"
	ShareImageWidth  = 1200
	ShareImageHeight = 630
)

// serveShareImage is GET /clips/{id}/media/share.jpg: drawn at the first request
// once a clip is ready; the poster before that, and when drawing fails.
func (h *Handler) serveShareImage(c echo.Context, clip tidings.ID) error {
	ctx := c.Request().Context()
	row, err := h.Store.Clip(ctx, clip)
	if err != nil {
		return err
	}

	poster, err := h.findAsset(ctx, clip, "poster.jpg")
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return err
	}
	if row.DurationMS == nil || row.State != tidings.ClipReady || h.Card == nil {
		if err != nil {
			return response.NotReady()
		}
		return h.serveAsset(c, poster, tidings.ActView) // the length is not known yet
	}

	a, err := h.Store.Asset(ctx, clip, ShareImage)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && a.Attempt != poster.Attempt {
		if a, err = h.drawShareImage(ctx, poster, row); err != nil && poster.Key != "" && ctx.Err() == nil {
			request.FromContext(ctx).Log.Warn("share image not drawn", "clip", clip, "error", err)
			a, err = poster, nil
		}
	}
	if err != nil {
		return err
	}

	return h.serveAsset(c, a, tidings.ActView)
}

// drawShareImage draws and stores the share image of a clip: from its poster,
// or from its waveform when poster has no key.
func (h *Handler) drawShareImage(ctx context.Context, poster tidings.Asset, c tidings.Clip) (tidings.Asset, error) {
	a := tidings.Asset{ClipID: c.ID, Attempt: poster.Attempt, Name: ShareImage, ContentType: "image/jpeg"}
	picture, peaks, err := h.shareImageSources(ctx, poster, c.ID)
	if err != nil {
		return a, err
	}

	b, err := h.Card(picture, peaks, *c.DurationMS)
	if err != nil {
		return a, err
	}

	a.Bytes, a.Sums, a.Key = int64(len(b)), tidings.SumBlocks(b), "clips/"+string(c.ID)+"/card/"+rand.Text()+"-"+ShareImage
	if err := h.Objects.Put(ctx, a.Key, bytes.NewReader(b), a.Bytes, a.ContentType); err != nil {
		return a, err
	}

	return a, h.Store.PutAsset(ctx, a)
}

// shareImageSources reads the poster or, without one, the peaks if there are any.
func (h *Handler) shareImageSources(ctx context.Context, poster tidings.Asset, clip tidings.ID) (picture, peaks []byte, err error) {
	if poster.Key != "" {
		picture, err = h.readObject(ctx, poster.Key, smallObjectBytes)
		return picture, nil, err
	}

	a, err := h.Store.Asset(ctx, clip, "peaks.json")
	if err == nil {
		peaks, err = h.readObject(ctx, a.Key, smallObjectBytes)
	}

	if tidings.KindOf(err) == tidings.KindNotFound {
		err = nil
	}

	return nil, peaks, err
}
