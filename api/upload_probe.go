package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// maxProbeBody bounds what a page sends to measure its connection, in bytes.
const maxProbeBody = 256 << 10

// Upload probes of a person: six pages at once, two bodies each.
const (
	probeBurst  = 12
	probeRefill = 10 * time.Second
)

// uploadProbeHandlers takes bytes and discards them, so that the recorder can
// compare the connection with its encoder before a recording.
type uploadProbeHandlers struct {
	bodies *bodyReader
	limits *auth.Limiter
}

// receiveProbe is POST /upload-probe. The answer follows the last byte: the time
// it takes is that of the upload.
func (h *uploadProbeHandlers) receiveProbe(c echo.Context) error {
	if err := h.checkProbe(c); err != nil {
		closeConnection(c)
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h *uploadProbeHandlers) checkProbe(c echo.Context) error {
	if c.Request().Header.Get(echo.HeaderContentType) != echo.MIMEOctetStream {
		return tidings.Errorf(tidings.KindUnsupported, "An upload probe has the type application/octet-stream.")
	}

	person := request.SubjectOf(c.Request().Context()).UserID
	if err := h.limits.Check("probe " + string(person)); err != nil {
		return err
	}
	return h.bodies.readBody(c, maxProbeBody)
}
