// Package postgres opens a PostgreSQL database: one pool of connections for
// database/sql and for libraries that speak pgx. Its errors have their kind, with
// a sentence that says what the database refused.
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"tidings.example/tidings/tidings"
)

// DefaultConnections is the size of a pool without a setting.
const DefaultConnections = 16

// minConnections leaves some beside the one on which the queue listens.
const minConnections = 4

const (
	connectTimeout = 5 * time.Second
	acquireTimeout = 10 * time.Second
	startTimeout   = 10 * time.Second
	// silenceTimeout is how long an unreachable server is waited for: a cut network
	// answers nothing.
	silenceTimeout = 15 * time.Second
)

// sessionSettings bound what a session of a process that hangs, or whose machine
// is gone, holds in the database (https://www.postgresql.org/docs/current/runtime-config-client.html).
// A search_path of several schemas is cut to the one where tables are made: no table
// of another installation, which a later one has, is taken for ours.
const sessionSettings = `SET idle_in_transaction_session_timeout = '60s'; SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET tcp_user_timeout = '15s';
SELECT set_config('search_path', quote_ident(current_schema()), false) WHERE current_schema() IS NOT NULL`

// Config names a database.
type Config struct {
	URL         string // postgres://USER:PASSWORD@HOST:PORT/NAME, or libpq's keywords
	Connections int    // at most; 0 = DefaultConnections

	AcquireTimeout time.Duration // how long a call waits for a connection of the pool; 0 = 10 s
	StartTimeout   time.Duration // how long a server that does not answer is waited for at first; 0 = 10 s
}

// Database is an open pool.
type Database struct {
	Pool *pgxpool.Pool
	SQL  *sql.DB // takes its connections from Pool
	cfg  Config
	name string // host and database, for people
}

// Open makes a pool; it connects when it is first used. The error of a URL that
// cannot be read does not show the password.
func Open(ctx context.Context, c Config) (*Database, error) {
	c.AcquireTimeout = cmp.Or(c.AcquireTimeout, acquireTimeout)
	c.StartTimeout = cmp.Or(c.StartTimeout, startTimeout)
	pc, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, markAddressError(err)
	}

	configurePool(pc, c)
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, markConnectError(err)
	}

	d := &Database{Pool: pool, cfg: c, name: pc.ConnConfig.Host + "/" + pc.ConnConfig.Database}
	d.SQL = sql.OpenDB(connector{stdlib.GetPoolConnector(pool), pool, c.AcquireTimeout})
	d.SQL.SetMaxIdleConns(0) // the pool keeps them
	return d, nil
}

// configurePool sets what the URL leaves open.
func configurePool(pc *pgxpool.Config, c Config) {
	pc.MaxConns = int32(max(c.Connections, minConnections))
	if c.Connections == 0 {
		pc.MaxConns = DefaultConnections
	}

	cc := pc.ConnConfig
	cc.RuntimeParams["timezone"] = "UTC"
	if cc.RuntimeParams["application_name"] == "" {
		cc.RuntimeParams["application_name"] = "tidings"
	}
	if !strings.Contains(c.URL, "connect_timeout") {
		cc.ConnectTimeout = connectTimeout
	}

	cc.DialFunc = (&net.Dialer{Control: limitSilence, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}).DialContext
	pc.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sessionSettings, pgx.QueryExecModeSimpleProtocol)
		return err
	}
}

// tcpUserTimeout is TCP_USER_TIMEOUT of Linux (tcp(7)): after this many
// milliseconds without an acknowledgement a connection fails, instead of after a
// quarter of an hour.
const tcpUserTimeout = 0x12

func limitSilence(network, _ string, raw syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	return raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(silenceTimeout.Milliseconds()))
	})
}

// Name is the host and the name of the database, for people.
func (d *Database) Name() string { return d.name }

// Close closes all connections once they are returned.
func (d *Database) Close() error {
	err := d.SQL.Close()
	d.Pool.Close()
	return err
}

// connector wraps the connections of a pool, so that their errors get a kind.
type connector struct {
	driver.Connector
	pool    *pgxpool.Pool
	timeout time.Duration
}

// Connect takes a connection from the pool.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	wait, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	opened, err := c.Connector.Connect(wait)
	switch {
	case err == nil:
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) && wait.Err() != nil:
		return nil, tidings.Wrap(err, tidings.KindUnavailable, "All connections to the database are in use. Nothing was changed; try again in a moment.")
	case ctx.Err() != nil:
		return nil, err
	default:
		return nil, markConnectError(err)
	}

	pg, ok := opened.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(errors.New("postgres: the driver's connection is of another type"), opened.Close())
	}
	return &conn{Conn: pg, pool: c.pool}, nil
}
