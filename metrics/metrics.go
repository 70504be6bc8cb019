// Package metrics collects what GET /metrics answers, in the text format of
// Prometheus. docs/operations.md lists the metrics for the operator. Nothing is
// registered globally: each Metrics has a registry of its own.
package metrics

import (
	"io"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Metrics are the metrics of one process. Its methods may be called from many
// goroutines. Adding two metrics of one name panics.
type Metrics struct {
	registry    *prometheus.Registry
	requests    *prometheus.CounterVec
	durations   *prometheus.HistogramVec
	uploadBytes prometheus.Counter
}

// New makes the metrics that every process has: of requests, uploads and the Go
// runtime.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidings_http_requests_total", Help: "Answered requests by the pattern of their route.",
		}, []string{"route", "code"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tidings_http_request_seconds", Help: "Time until a request was answered.",
			Buckets: []float64{0.005, 0.025, 0.1, 0.5, 2.5, 10, 60},
		}, []string{"route"}),
		uploadBytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tidings_upload_bytes_total", Help: "Bytes of uploads read from clients.",
		}),
	}
	m.registry.MustRegister(m.requests, m.durations, m.uploadBytes)

	m.AddGauge("tidings_goroutines", "Goroutines.", func() float64 { return float64(runtime.NumGoroutine()) })
	m.AddGauge("tidings_heap_bytes", "Bytes of live objects on the heap.", func() float64 {
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		return float64(mem.HeapAlloc)
	})

	return m
}

// ObserveRequest counts an answered request. The route is its pattern, never its
// path, so that there are as many series as routes; "" is a request without one.
func (m *Metrics) ObserveRequest(route string, code int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Inc()
	m.durations.WithLabelValues(route).Observe(took.Seconds())
}

// AddUploadBytes counts bytes that were read from a client.
func (m *Metrics) AddUploadBytes(n int64) { m.uploadBytes.Add(float64(n)) }

// AddGauge adds a metric that is read when it is asked for.
func (m *Metrics) AddGauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// AddTotal adds a count since the start, which is read when it is asked for.
func (m *Metrics) AddTotal(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// WriteText writes all metrics in the text format 0.0.4.
func (m *Metrics) WriteText(w io.Writer) error {
	families, err := m.registry.Gather()
	if err != nil {
		return err
	}

	for _, f := range families {
		putRouteFirst(f)
		if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
			return err
		}
	}

	return nil
}

// putRouteFirst keeps the labels in the order in which scripts that read the text
// know them: the registry sorts them by name, code before route.
func putRouteFirst(f *dto.MetricFamily) {
	for _, metric := range f.GetMetric() {
		slices.SortStableFunc(metric.Label, func(a, b *dto.LabelPair) int {
			switch {
			case a.GetName() == "route" && b.GetName() != "route":
				return -1
			case b.GetName() == "route" && a.GetName() != "route":
				return 1
			}
			return 0
		})
	}
}
