package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
)

// Bounds of a captions file.
const (
	maxImport      = 4 << 20 // bytes
	maxImportCues  = 20_000
	importOverhang = 2_000 // ms a caption may reach over the end of the clip
)

// captionParsers read captions files, by their format.
var captionParsers = map[string]func([]byte) ([]tidings.TranscriptSegment, error){"vtt": captions.ParseVTT, "srt": captions.ParseSRT}

// importTypes are the media types of captions files, with their format.
var importTypes = map[string]string{"text/vtt": "vtt", "application/x-subrip": "srt", "application/srt": "srt", "text/srt": "srt"}

// importTranscript is PUT /clips/{id}/transcript: a captions file replaces the
// transcript, or nothing changes.
func (h *transcriptHandlers) importTranscript(c echo.Context) error {
	ctx := c.Request().Context()
	g, err := h.access.AuthorizeClip(ctx, c.Param("id"), tidings.ActEdit)
	if err != nil {
		return err
	}

	language := c.QueryParam("language")
	if !validLanguage(language) || len(language) > 35 {
		return badLanguage()
	}

	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	format := importTypes[kind]
	parse := captionParsers[format]
	if parse == nil {
		return tidings.Errorf(tidings.KindUnsupported, "A captions file is needed: WebVTT (Content-Type: text/vtt) or SubRip (application/x-subrip).")
	}

	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxImport))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return tidings.Errorf(tidings.KindTooLarge, "A captions file may have at most %d MiB.", maxImport>>20)
	case err != nil:
		return tidings.Wrap(err, tidings.KindInvalid, "The request broke off.")
	}

	segs, err := parse(body)
	if err != nil {
		return err
	}

	row, err := h.store.Clip(ctx, g.ClipID)
	if err != nil {
		return err
	}
	if segs, err = fitCues(segs, row.DurationMS); err != nil {
		return err
	}
	if err := h.store.ImportTranscript(ctx, g.ClipID, tidings.Transcript{Language: language, Engine: "import", Model: format, Segments: segs}); err != nil {
		return err
	}

	out, err := h.shownTranscript(ctx, g)
	if err != nil {
		return err
	}

	return c.JSON(http.StatusOK, out)
}

// fitCues checks captions against the length of the clip and gives their words
// times.
func fitCues(segs []tidings.TranscriptSegment, durationMS *int64) ([]tidings.TranscriptSegment, error) {
	switch {
	case len(segs) == 0:
		return nil, tidings.Errorf(tidings.KindInvalid, "There is no caption with text in the file.")
	case len(segs) > maxImportCues:
		return nil, tidings.Errorf(tidings.KindInvalid, "The file has %d captions; at most %d are read.", len(segs), maxImportCues)
	}

	out := make([]tidings.TranscriptSegment, len(segs))
	for i, g := range segs {
		if durationMS != nil {
			if g.EndMS > *durationMS+importOverhang {
				return nil, tidings.Errorf(tidings.KindInvalid, "Caption %d ends at %s, but the clip is %s long: the file may belong to another clip.",
					i+1, formatDuration(g.EndMS), formatDuration(*durationMS))
			}
			g.StartMS, g.EndMS = min(g.StartMS, *durationMS), min(g.EndMS, *durationMS)
		}

		if len([]rune(g.Text)) > 10_000 {
			return nil, tidings.Errorf(tidings.KindInvalid, "Caption %d has more than 10000 characters.", i+1)
		}

		out[i] = g.WithText(g.Text)
	}

	return out, nil
}

func formatDuration(ms int64) string {
	if ms >= 3_600_000 {
		return fmt.Sprintf("%d:%02d:%02d", ms/3_600_000, ms/60_000%60, ms/1000%60)
	}
	return fmt.Sprintf("%d:%02d", ms/60_000, ms/1000%60)
}
