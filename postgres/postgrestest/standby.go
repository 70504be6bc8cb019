package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Standby starts a standby that follows the server. Promote makes it a primary.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	dir, err := newFolder(s.as)
	if err != nil {
		t.Fatal(err)
	}

	b := &Server{bin: s.bin, dir: dir, as: s.as}
	if err := b.runTool("pg_basebackup", "-D", b.dataDir(), "-R", "-X", "stream", "-c", "fast", "-h", s.dir, "-U", "tidings"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.appendSetting(fmt.Sprintf("unix_socket_directories = '%s'", dir)), b.watchTests(), b.Start()); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { b.alive.Close() })
	return b
}

// WaitForReplay waits until a standby has what its primary has written.
func (s *Server) WaitForReplay(ctx context.Context, primary *Server) error {
	var at string
	if err := primary.queryValue(ctx, &at, "SELECT pg_current_wal_flush_lsn()::text"); err != nil {
		return err
	}
	for done := false; !done; {
		if err := s.queryValue(ctx, &done, "SELECT pg_last_wal_replay_lsn() >= '"+at+"'"); err != nil {
			return err
		}
	}
	return nil
}

// Promote makes a standby a primary.
func (s *Server) Promote() error { return s.runTool("pg_ctl", "-D", s.dataDir(), "-w", "promote") }

// Hosts is the address of a database of whichever of the servers takes changes.
func Hosts(database string, servers ...*Server) string {
	var dirs []string
	for _, s := range servers {
		dirs = append(dirs, s.dir)
	}
	return fmt.Sprintf("host=%s user=tidings dbname=%s target_session_attrs=read-write", strings.Join(dirs, ","), database)
}
