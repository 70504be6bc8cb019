package api

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// requestMiddleware sets the state of the request (id, log, client address) and
// the headers of every answer, writes the access log, and turns errors and
// panics into answers.
func (s *server) requestMiddleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, start := c.Request(), time.Now()
		k := &request.State{ID: requestID(), Writer: c.Response().Writer, Secure: s.origin.IsHTTPS(r), ClientIP: c.RealIP()}
		k.BaseURL = s.origin.BaseURL(r, k.Secure)
		k.Log = s.Log.With("request_id", k.ID)
		c.SetRequest(r.WithContext(request.WithState(r.Context(), k)))
		k.Request = c.Request()
		h := c.Response().Header()
		h.Set("X-Request-Id", k.ID)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")

		if err := s.recoverPanic(next, c); err != nil {
			s.writeError(err, c)
		}

		s.logRequest(c, k, time.Since(start))
		if k.ClientGone && !c.Response().Committed {
			panic(http.ErrAbortHandler) // or net/http would answer 200
		}

		return nil
	}
}

// refuseLoopbackURI refuses requests whose absolute URI names this machine: the
// URI replaces the Host that a proxy has routed by.
func refuseLoopbackURI(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if u := c.Request().URL; u.Host != "" && request.IsLoopbackHost(u.Host) {
			return tidings.Errorf(tidings.KindInvalid, "The URI of a request may not name this machine: send its path, and its host as Host.")
		}
		return next(c)
	}
}

func requestID() string {
	var b [10]byte
	rand.Read(b[:])
	return base32.StdEncoding.EncodeToString(b[:])
}

// recoverPanic turns a panic of next into an error, except
// http.ErrAbortHandler.
func (s *server) recoverPanic(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		switch r := recover(); r {
		case nil:
		case http.ErrAbortHandler:
			panic(r)
		default:
			request.FromContext(c.Request().Context()).Log.Error("panic", "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()

	return next(c)
}

func (s *server) logRequest(c echo.Context, k *request.State, took time.Duration) {
	code := c.Response().Status
	if k.ClientGone && !c.Response().Committed {
		code = 499 // nginx's status for a closed connection
	}

	s.Metrics.ObserveRequest(c.Path(), code, took)
	level := slog.LevelInfo
	if strings.Contains(c.Path(), "/media/") || strings.HasPrefix(c.Path(), "/assets/") {
		level = slog.LevelDebug
	}

	k.Log.LogAttrs(c.Request().Context(), level, "request", slog.String("method", c.Request().Method), slog.String("path", maskPath(c.Request().URL.Path)),
		slog.Int("status", code), slog.Int64("bytes", c.Response().Size), slog.Duration("took", took), slog.String("ip", k.ClientIP), slog.String("user", string(k.Subject.UserID)))
}

// secretLike is the form of tokens in paths; ids have it too.
var secretLike = regexp.MustCompile(`^[A-Za-z0-9_-]{16,}$`)

// maskPath hides share tokens. Queries are never logged.
func maskPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if _, isID := tidings.ParseID(p); !isID && secretLike.MatchString(p) {
			parts[i] = "***"
		}
	}
	return strings.Join(parts, "/")
}

// callDeadlines limit how long a JSON call may take to read and to write.
func callDeadlines(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		rc := http.NewResponseController(c.Response())
		// httptest.ResponseRecorder has no deadlines; real connections always
		// do.
		_ = rc.SetReadDeadline(time.Now().Add(30 * time.Second))
		_ = rc.SetWriteDeadline(time.Now().Add(90 * time.Second))
		return next(c)
	}
}
