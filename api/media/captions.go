package media

import (
	"context"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/response"
	"tidings.example/tidings/profanity"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
)

// captionFormat writes a transcript in one format.
type captionFormat struct {
	contentType string
	write       func(tidings.Transcript) []byte
}

// captionFormats are the formats by the extensions of their files.
var captionFormats = map[string]captionFormat{
	"vtt":  {"text/vtt; charset=utf-8", captions.VTT},
	"srt":  {"application/x-subrip; charset=utf-8", captions.SRT},
	"txt":  {"text/plain; charset=utf-8", captions.TXT},
	"json": {"application/json", captions.JSON},
}

// serveCaptions is GET /clips/{id}/media/captions.{vtt,srt,txt,json}: the
// transcript as it is now, of the snippet or (nil) of the whole clip. Those who may
// edit it get its true words, also where profane ones are masked: they may bring
// the file back. With ?masked=true, as for players, they get what others read.
func (h *Handler) serveCaptions(c echo.Context, access tidings.ClipAccess, snippet *tidings.Span, extension string) error {
	ctx, clip := c.Request().Context(), access.ClipID
	format, ok := captionFormats[extension]
	if !ok {
		return tidings.NotFound()
	}

	asShown, err := queryFlag(c, "masked")
	if err != nil {
		return err
	}

	row, err := h.Store.Clip(ctx, clip)
	if err != nil {
		return err
	}

	t, err := h.Store.Transcript(ctx, clip)
	if tidings.KindOf(err) == tidings.KindNotFound {
		switch row.Steps.Transcribe.State {
		case tidings.StepWaiting, tidings.StepRunning:
			return response.NotReady()
		}
	}
	if err != nil {
		return err
	}

	if snippet != nil {
		t = snippet.CutTranscript(t)
	}

	switch {
	case access.MaskProfanity && asShown:
		t = profanity.MaskTranscript(t, access.Language)
	case access.MaskProfanity:
		if t, err = h.maskedTranscript(ctx, access, t); err != nil {
			return err
		}
	}

	setAttachment(c, clip, "captions."+extension)
	return response.WriteTagged(c, format.contentType, format.write(t))
}

// maskedTranscript is the transcript of a clip with profane words masked, except
// for those who may edit it.
func (h *Handler) maskedTranscript(ctx context.Context, access tidings.ClipAccess, t tidings.Transcript) (tidings.Transcript, error) {
	_, err := h.Access.AuthorizeClip(ctx, string(access.ClipID), tidings.ActEdit)
	switch tidings.KindOf(err) {
	case "":
		return t, nil
	case tidings.KindForbidden, tidings.KindNotFound, tidings.KindUnauthenticated:
		return profanity.MaskTranscript(t, access.Language), nil
	}
	return t, err
}

// queryFlag reads a query parameter that is true, false or missing.
func queryFlag(c echo.Context, name string) (bool, error) {
	switch c.QueryParam(name) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, tidings.Invalid(name, "This is true or false.")
}
