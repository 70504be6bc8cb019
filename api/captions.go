package api

import (
	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

var captionTypes = map[string]string{"vtt": "text/vtt; charset=utf-8", "srt": "application/x-subrip; charset=utf-8",
	"txt": "text/plain; charset=utf-8", "json": "application/json"}

// captions is GET /clips/{id}/media/captions.{vtt,srt,txt,json}. They grow
// while the clip is recorded.
func (s *server) captions(c echo.Context, clip tidings.ID, part *tidings.Span, format string) error {
	ctx := c.Request().Context()
	write := s.Captions[format]
	if write == nil || captionTypes[format] == "" {
		return tidings.NotFound()
	}

	row, err := s.Store.Clip(ctx, clip)
	if err != nil {
		return err
	}

	t, err := s.transcript(ctx, clip, part)
	if tidings.KindOf(err) == tidings.KindNotFound {
		switch row.Steps.Transcribe.State {
		case tidings.StepWaiting, tidings.StepRunning:
			return response.NotReady()
		}
		return err
	}
	if err != nil {
		return err
	}

	attach(c, clip, "captions."+format)
	return response.WriteTagged(c, captionTypes[format], write(t))
}
