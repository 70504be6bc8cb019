package api

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// buckets are the upper bounds of the request duration histogram, in seconds.
var buckets = [...]float64{0.005, 0.025, 0.1, 0.5, 2.5, 10, 60}

// counters are what /metrics tells of requests and uploads.
type counters struct {
	mu       sync.Mutex
	requests map[requestKey]uint64
	took     map[string]*histogram // by route
	bytes    atomic.Int64          // of uploads, read from clients
}

type requestKey struct {
	route string
	code  int
}

type histogram struct {
	below [len(buckets)]uint64
	count uint64
	sum   float64
}

func newCounters() *counters {
	return &counters{requests: map[requestKey]uint64{}, took: map[string]*histogram{}}
}

// request counts an answered request. The route is its pattern, never its
// path, so there are as many series as routes.
func (n *counters) request(route string, code int, took time.Duration) {
	route = cmp.Or(route, "none")
	n.mu.Lock()
	defer n.mu.Unlock()

	n.requests[requestKey{route, code}]++
	h := n.took[route]
	if h == nil {
		h = &histogram{}
		n.took[route] = h
	}

	h.count++
	h.sum += took.Seconds()
	for i, bound := range buckets {
		if took.Seconds() <= bound {
			h.below[i]++
		}
	}
}

func (n *counters) uploaded(bytes int64) { n.bytes.Add(bytes) }

// metrics is GET /metrics in Prometheus' text format 0.0.4: for the machine
// itself and for admin tokens of the first workspace.
func (s *server) metrics(c echo.Context) error {
	k := request.FromContext(c.Request().Context())
	operator, err := s.operators.operates(c.Request().Context(), k)
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
	s.counters.write(&b)
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	gauges := map[string]float64{"tidings_event_streams": float64(len(s.streams)), "tidings_goroutines": float64(runtime.NumGoroutine()),
		"tidings_heap_bytes": float64(mem.HeapAlloc)}
	for name, read := range s.Gauges {
		gauges[name] = read()
	}

	for _, name := range slices.Sorted(maps.Keys(gauges)) {
		fmt.Fprintf(&b, "# TYPE %s gauge\n%s %v\n", name, name, gauges[name])
	}

	c.Response().Header().Set("Cache-Control", response.CacheNever)
	return c.Blob(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", b.Bytes())
}

func (n *counters) write(b *bytes.Buffer) {
	n.mu.Lock()
	defer n.mu.Unlock()

	keys := slices.SortedFunc(maps.Keys(n.requests), func(x, y requestKey) int {
		if x.route != y.route {
			return cmp.Compare(x.route, y.route)
		}
		return x.code - y.code
	})

	fmt.Fprint(b, "# TYPE tidings_http_requests_total counter\n")
	for _, k := range keys {
		fmt.Fprintf(b, "tidings_http_requests_total{route=%q,code=\"%d\"} %d\n", k.route, k.code, n.requests[k])
	}

	fmt.Fprint(b, "# TYPE tidings_http_request_seconds histogram\n")
	for _, route := range slices.Sorted(maps.Keys(n.took)) {
		h := n.took[route]
		for i, bound := range buckets {
			fmt.Fprintf(b, "tidings_http_request_seconds_bucket{route=%q,le=\"%v\"} %d\n", route, bound, h.below[i])
		}
		fmt.Fprintf(b, "tidings_http_request_seconds_bucket{route=%q,le=\"+Inf\"} %d\n", route, h.count)
		fmt.Fprintf(b, "tidings_http_request_seconds_sum{route=%q} %v\ntidings_http_request_seconds_count{route=%q} %d\n", route, h.sum, route, h.count)
	}

	fmt.Fprintf(b, "# TYPE tidings_upload_bytes_total counter\ntidings_upload_bytes_total %d\n", n.bytes.Load())
}
