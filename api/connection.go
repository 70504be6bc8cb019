package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/budget"
	"tidings.example/tidings/api/upload"
)

const (
	// mostConnections is how many connections may be open at once: 100 to 200 MB.
	mostConnections = 8192
	// waitingPerAddress is for an office behind one address: browsers keep up to
	// six connections for two minutes, and open another when one was closed.
	waitingPerAddress = 512
	idleTimeout       = 2 * time.Minute
	headerTimeout     = 10 * time.Second
)

// connectionLimit is how many connections may be open when the process may open
// so many files: half of them stay for the database, the storage and ffmpeg.
func connectionLimit() int {
	var files syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) != nil {
		return mostConnections
	}
	return int(min(mostConnections, max(uint64(files.Cur)/2, 1)))
}

// NewHTTPServer is an http.Server with the timeouts the handler relies on: a
// client has 10 s for its headers; bodies and answers have deadlines per route,
// because uploads, media and live events may take hours. It closes connections
// that wait for a request when there are too many. It is to serve a StrictListener.
func NewHTTPServer(h http.Handler, cfg Config, m Metrics) *http.Server {
	cfg = cfg.withDefaults()
	if cfg.MaxConnections < mostConnections {
		cfg.Log.Warn("the limit of open files is low: fewer connections are kept open", "connections", cfg.MaxConnections)
	}

	t := &connectionTracker{proxies: cfg.TrustedProxies, connections: budget.NewConnections(budget.ConnectionLimits{
		Total: cfg.MaxConnections, PerAddress: cfg.MaxConnections / 2, WaitingPerAddress: min(waitingPerAddress, cfg.MaxConnections/4)})}
	m.AddGauge("tidings_connections", "Open connections.", func() float64 { return float64(t.connections.Open()) })
	return &http.Server{
		Handler: trackRequests(upload.NormalizeRequest(h)), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10,
		ConnContext: t.addConnection, ConnState: t.updateState, ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
}

// connectionTracker tells budget.Connections what the connections of a server do.
// Whether one waits is not taken from http.StateActive, which begins with the
// first byte of a request: a client may send no more than that.
type connectionTracker struct {
	proxies     []netip.Prefix
	connections *budget.Connections
}

type connectionKey struct{}

// addConnection is http.Server's ConnContext.
func (t *connectionTracker) addConnection(ctx context.Context, conn net.Conn) context.Context {
	c := t.connections.Add(conn, t.limitedAddress(conn.RemoteAddr()))
	if s, ok := conn.(*strictConn); ok {
		s.tracked = c
	}
	return context.WithValue(limitSendBuffer(ctx, conn), connectionKey{}, c)
}

// limitedAddress is the key an address is limited by; "" = it has no limit of its
// own, as a proxy and this machine: everybody may come from there.
func (t *connectionTracker) limitedAddress(remote net.Addr) string {
	at, err := netip.ParseAddrPort(remote.String())
	if err != nil {
		return "" // no TCP
	}

	ip := at.Addr().Unmap().WithZone("")
	if ip.IsLoopback() || slices.ContainsFunc(t.proxies, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return ""
	}

	return auth.AddressKey(ip.String())
}

// updateState is http.Server's ConnState.
func (t *connectionTracker) updateState(conn net.Conn, state http.ConnState) {
	s, ok := conn.(*strictConn)
	if !ok || s.tracked == nil {
		return
	}

	switch state {
	case http.StateIdle:
		s.tracked.EndRequest()
	case http.StateClosed, http.StateHijacked:
		s.tracked.Remove()
	}
}

// trackRequests marks the connection of each request as one that is being
// answered, once the request's headers have come.
func trackRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(connectionKey{}).(*budget.Connection); ok {
			c.BeginRequest()
		}
		next.ServeHTTP(w, r)
	})
}
