package server

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/postgres"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// usesPostgres reports whether the rows are in PostgreSQL.
func (c *Config) usesPostgres() bool { return c.Database != "" || c.DatabaseFile != "" }

// StoreConfig maps the settings to those of the package store.
func (c *Config) StoreConfig(log *slog.Logger) (store.Config, error) {
	out := store.Config{Dir: c.Data, Log: log, Postgres: postgres.Config{Connections: c.DatabaseConns}}
	var err error
	if out.Postgres.URL, err = endpoint.ReadKey(c.Database, c.DatabaseFile, "the address of the database"); err != nil {
		return out, err
	}
	if out.Postgres.URL == "" && c.DatabaseFile != "" {
		return out, tidings.Errorf(tidings.KindInvalid, "database-file: %s is empty.", c.DatabaseFile)
	}

	return out, nil
}

// OpenStore opens the database of the settings for a command.
func (c *Config) OpenStore(ctx context.Context) (*store.Store, error) {
	cfg, err := c.StoreConfig(nil)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, cfg)
}

// RequireSQLite refuses a command that copies the file of SQLite.
func (c *Config) RequireSQLite(command string) error {
	if c.usesPostgres() {
		return store.RefuseOnPostgres(command)
	}
	return nil
}

// databasePlace says where the rows are, for people.
func (c *Config) databasePlace() string {
	if c.usesPostgres() {
		return "the database of the setting database"
	}
	return filepath.Join(c.Data, "tidings.db")
}

// nodeID names this process in leases and in the queue of a database that several
// processes share. It is kept in the data folder, which belongs to one process at a
// time: after a restart the steps of the last one go on at once. A copy of the
// folder on another machine is another node.
func (c *Config) nodeID() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", err
	}

	path := filepath.Join(c.Data, "node")
	text, err := os.ReadFile(path)
	id, ok := tidings.ParseID(strings.TrimSpace(string(text)))
	if err == nil && ok {
		return string(id) + "." + host, nil
	}

	id = tidings.NewID(time.Now())
	return string(id) + "." + host, os.WriteFile(path, []byte(id+"\n"), 0o600)
}

// checkDatabase reads SQLite whole, or asks PostgreSQL whether it can be used.
func (c *Config) checkDatabase() admin.Check {
	if !c.usesPostgres() {
		return admin.CheckDatabase(c.dataChecks())
	}
	return admin.CheckPostgres(func(ctx context.Context) (string, error) {
		cfg, err := c.StoreConfig(nil)
		if err != nil {
			return "", err
		}
		return store.ExaminePostgres(ctx, cfg)
	}, c.databaseFix)
}

func (c *Config) databaseFix(err error) string {
	switch code := postgres.Code(err); {
	case strings.HasPrefix(code, "28"):
		return "Set user and password in --database as the server knows them; its pg_hba.conf says which addresses may connect."
	case code == "3D000":
		return "Correct the name in --database, or create it: createdb -O tidings -E UTF8 -T template0 tidings"
	case code == "53300":
		return "Raise max_connections of the server, or lower --database-connections: all nodes together must fit."
	case strings.Contains(tidings.Sentence(err), "ssl"):
		return "Set --database to postgres://USER@HOST/NAME?sslmode=verify-full&sslrootcert=FILE with the certificate of the authority that signed that of the server; sslmode=disable does without TLS."
	case tidings.KindOf(err) == tidings.KindConflict:
		return "Do what the line says, or set --database to another database."
	case strings.Contains(tidings.Sentence(err), "takes no changes"):
		return "Set --database to the primary, or to all servers: postgres://USER@HOST1,HOST2/NAME?target_session_attrs=read-write"
	case tidings.KindOf(err) == tidings.KindUnavailable:
		return "Start PostgreSQL, or set --database to the host and port by which it is reached from this machine."
	}
	return "Set --database to postgres://USER:PASSWORD@HOST:5432/NAME, or --database-file to a file with that which this user can read."
}
