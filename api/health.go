package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
)

// healthHandlers serves liveness and readiness.
type healthHandlers struct {
	optional map[string]func(ctx context.Context) error
	required map[string]func(ctx context.Context) error
}

// readyTimeout is how long a readiness check may take.
const readyTimeout = 5 * time.Second

// serveLiveness is GET /healthz: the process answers.
func (h *healthHandlers) serveLiveness(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", response.CacheNever)
	return c.String(http.StatusOK, "ok\n")
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready        bool              `json:"ready"`
	Dependencies map[string]string `json:"dependencies"` // "ok" or "failing"; the log has the reason
}

// serveReadiness is GET /readyz: 200 when all required checks pass, else 503.
// Checks run concurrently; optional ones are only reported.
func (h *healthHandlers) serveReadiness(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
	defer cancel()

	out := readiness{Ready: true, Dependencies: map[string]string{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	look := func(name string, ask func(context.Context) error, needed bool) {
		err := ask(ctx)
		mu.Lock()
		defer mu.Unlock()

		out.Dependencies[name] = "ok"
		if err != nil {
			out.Ready, out.Dependencies[name] = out.Ready && !needed, "failing"
			request.FromContext(ctx).Log.Warn("not ready", "dependency", name, "needed", needed, "error", err)
		}
	}
	for name, ask := range h.required {
		all.Go(func() { look(name, ask, true) })
	}

	for name, ask := range h.optional {
		all.Go(func() { look(name, ask, false) })
	}

	all.Wait()
	code := http.StatusOK
	if !out.Ready {
		code = http.StatusServiceUnavailable
	}

	c.Response().Header().Set("Cache-Control", response.CacheNever)
	return c.JSON(code, out)
}
