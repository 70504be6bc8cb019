package api_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

func TestReadiness(t *testing.T) {
	w := newServerBeforeSetup(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		d.Ready["storage"] = func(context.Context) error { return errors.New("dial secret-host: refused") }
	})
	w.anonymousClient().get("/healthz").is(http.StatusOK, "").hasBody([]byte("ok\n"))
	a := w.anonymousClient().get("/readyz").is(http.StatusServiceUnavailable, "")
	got := decodeJSON[struct {
		Ready        bool
		Dependencies map[string]string
	}](a)
	if got.Ready || got.Dependencies["database"] != "ok" || got.Dependencies["storage"] != "failing" || strings.Contains(string(a.body), "secret-host") {
		t.Errorf("%s", a.body)
	}

	if !strings.Contains(w.log.String(), "secret-host") {
		t.Error("the log does not say why")
	}

	newServerBeforeSetup(t).anonymousClient().get("/readyz").is(http.StatusOK, "")
}

func TestMetrics(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		d.Metrics.AddGauge("tidings_queue_waiting", "Waiting steps.", func() float64 { return 7 })
	})
	w.ana.recordClip(20)
	w.anonymousClient().get("/nowhere/a").is(http.StatusNotFound, "not_found")
	w.anonymousClient().get("/nowhere/b").is(http.StatusNotFound, "not_found")
	text := string(w.anonymousClient().get("/metrics").is(http.StatusOK, "").has("Content-Type: text/plain; version=0.0.4; charset=utf-8").body)
	for _, line := range []string{
		`tidings_http_requests_total{route="/api/v1/clips",code="201"} 1`, `tidings_http_requests_total{route="/api/v1/uploads/:id",code="204"} 1`,
		"tidings_upload_bytes_total 20", "tidings_queue_waiting 7", "tidings_event_streams 0", `tidings_http_request_seconds_bucket{route="/api/v1/clips",le="+Inf"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %s in\n%s", line, text)
		}
	}

	if strings.Contains(text, "/nowhere") {
		t.Errorf("addresses make series:\n%s", text)
	}

	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") { // the exposition format, line by line
		if !regexp.MustCompile(`^(# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge|histogram)|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$`).MatchString(line) {
			t.Errorf("not a line of Prometheus: %q", line)
		}
	}

	remoteAddress := "X-Forwarded-For: 192.0.2.1"
	w.anonymousClient().get("/metrics", remoteAddress).is(http.StatusUnauthorized, "unauthenticated")
	w.signIn("ana@example.org").get("/metrics", remoteAddress).is(http.StatusForbidden, "forbidden")
	w.newTokenClient(w.ana.user, tidings.ScopeWrite).get("/metrics", remoteAddress).is(http.StatusForbidden, "forbidden")
	w.ana.get("/metrics", remoteAddress).is(http.StatusOK, "")
}
