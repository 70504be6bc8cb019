package api

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// Metrics counts requests and uploads, and writes what GET /metrics answers.
type Metrics interface {
	ObserveRequest(route string, code int, took time.Duration) // the route is its pattern
	AddUploadBytes(n int64)
	AddGauge(name, help string, read func() float64)
	WriteText(w io.Writer) error // in the text format 0.0.4
}

// metricsHandlers serves the metrics.
type metricsHandlers struct {
	operators *operatorCheck
	metrics   Metrics
}

// serveMetrics is GET /metrics in Prometheus' text format 0.0.4: for the machine
// itself and for admin tokens of the first workspace.
func (h *metricsHandlers) serveMetrics(c echo.Context) error {
	k := request.FromContext(c.Request().Context())
	operator, err := h.operators.isOperatorRequest(c.Request().Context(), k)
	switch {
	case err != nil:
		return err
	case request.IsLocal(c.Request()) || operator:
	case k.Subject.UserID == "":
		return tidings.Errorf(tidings.KindUnauthenticated, "An admin token is needed.")
	default:
		return tidings.Errorf(tidings.KindForbidden, "An admin token of the first workspace is needed.")
	}

	var b bytes.Buffer
	if err := h.metrics.WriteText(&b); err != nil {
		return err
	}

	c.Response().Header().Set("Cache-Control", response.CacheNever)
	return c.Blob(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", b.Bytes())
}
