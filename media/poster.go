package media

import (
	"context"
	"fmt"

	"tidings.example/tidings/tidings"
)

// scaleWithin is the filter that fits a picture into a square, with even sides.
func scaleWithin(side string) string {
	return "scale=w=" + side + ":h=" + side + ":force_original_aspect_ratio=decrease:force_divisible_by=2"
}

// makePoster stores the most typical frame of the first seconds, as soon as the
// first segment is stored. The error of a full disk is kept for makeExtras.
func (t *transcodeRun) makePoster(ctx context.Context, r tidings.Rendition) {
	keys := []string{r.InitKey, segmentKey(r.ClipID, r.Attempt, r.Name, 0)}
	b, err := t.media.renderPicture(ctx, keys, posterArgs()...)
	if err == nil {
		err = t.storeAsset(ctx, "poster.jpg", "image/jpeg", b)
	}
	if tidings.IsStorageFull(err) {
		t.posterFull = fmt.Errorf("poster of %s: %w", t.lease.ClipID, err)
		return
	}
	if err != nil && ctx.Err() == nil {
		t.media.cfg.Log.Warn("extra not made", "extra", "poster", "clip", t.lease.ClipID, "error", err)
	}
}

// makePreview stores a short animation for lists and mail: three seconds of WebP
// (a GIF of the same costs ten times the CPU and twenty times the bytes).
func (t *transcodeRun) makePreview(ctx context.Context) error {
	const enough = 4 // segments

	if t.plan.video == nil {
		return nil
	}

	for i := len(t.packagers) - 1; i >= 0; i-- { // the smallest video rendition is the last one
		k := t.packagers[i]
		if k.rend.Kind != tidings.RenditionVideo || k.nextSeq == 0 {
			continue
		}

		b, err := t.media.renderPicture(ctx, k.objectKeys(enough), previewArgs()...)
		if err != nil {
			return err
		}
		return t.storeAsset(ctx, "preview.webp", "image/webp", b)
	}

	return nil
}

// posterArgs are the output options of a poster: the most typical of the first
// 40 frames.
func posterArgs() []string {
	return []string{"-vf", "thumbnail=n=40," + scaleWithin("1280"), "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-f", "image2pipe"}
}

// previewArgs are the output options of a preview: the first three seconds.
func previewArgs() []string {
	return []string{"-t", "3", "-an", "-vf", "fps=8," + scaleWithin("320"), "-c:v", "libwebp_anim", "-q:v", "50", "-loop", "0", "-f", "webp"}
}
