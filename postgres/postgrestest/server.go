// Package postgrestest starts PostgreSQL servers for tests: one for all tests of a
// binary, or of all binaries that RunBeside runs, and ones of their own for tests that
// kill them. A server listens on a socket in its folder only. It ends with the process
// that started it, however that ends.
package postgrestest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
)

// Server is a running server.
type Server struct {
	bin, dir string
	as       *syscall.Credential // nil = the user of the tests
	alive    io.Closer           // the watcher ends the server when this is closed
}

// settings make a server small and fast. What it has written outlives its own end,
// but not that of the machine. Tests of many packages hold their locks in one table:
// a slow transaction of one keeps those of all others.
const settings = `listen_addresses = ''
fsync = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 300
max_pred_locks_per_transaction = 512
max_wal_size = 256MB
autovacuum = off
lc_messages = 'C'
`

// sharedVariable is the environment variable with the folder of a server that test
// binaries share.
const sharedVariable = "TIDINGS_TEST_POSTGRES"

var sharedServer = sync.OnceValues(func() (*Server, error) {
	if dir := os.Getenv(sharedVariable); dir != "" {
		as, err := serverUser()
		return &Server{bin: findBinaries(), dir: dir, as: as}, err
	}
	return startServer()
})

// RunBeside runs a command beside a server that all tests below it share.
func RunBeside(cmd *exec.Cmd) error {
	s, err := startServer()
	if err != nil {
		return err
	}
	defer s.alive.Close()

	cmd.Env = append(os.Environ(), sharedVariable+"="+s.dir)
	return cmd.Run()
}

// Shared is the server of this test binary, or of all.
func Shared(t testing.TB) *Server {
	t.Helper()
	needPostgres(t)
	s, err := sharedServer()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// New starts a server for one test.
func New(t testing.TB) *Server {
	t.Helper()
	needPostgres(t)
	s, err := startServer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.alive.Close() })
	return s
}

// needPostgres fails a test where PostgreSQL is not installed; with -short it is
// skipped.
func needPostgres(t testing.TB) {
	t.Helper()
	if findBinaries() != "" {
		return
	}
	if testing.Short() {
		t.Skip("PostgreSQL is not installed, and -short does not need it")
	}
	t.Fatal(errNotInstalled)
}

var errNotInstalled = errors.New("PostgreSQL is not installed: scripts/need.sh postgres installs it, -short leaves its tests out")

// findBinaries is the folder of the newest installed server; Debian keeps them off
// PATH. "" = there is none.
func findBinaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if path, err := exec.LookPath("postgres"); err == nil && len(found) == 0 {
		found = append(found, path)
	}
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1])
}

func startServer() (*Server, error) {
	if findBinaries() == "" {
		return nil, errNotInstalled
	}
	as, err := serverUser()
	if err != nil {
		return nil, err
	}

	dir, err := newFolder(as)
	if err != nil {
		return nil, err
	}

	s := &Server{bin: findBinaries(), dir: dir, as: as}
	// Most servers sort in some language; the tests do not rely on byte order.
	if err := s.runTool("initdb", "-D", s.dataDir(), "-U", "tidings", "-A", "trust", "-E", "UTF8", "--locale-provider", "icu", "--icu-locale", "en-US", "--no-sync"); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}

	if err := errors.Join(s.appendSetting(fmt.Sprintf("%sunix_socket_directories = '%s'", settings, dir)), s.watchTests()); err != nil {
		return nil, err
	}
	return s, s.Start()
}

// newFolder is a folder of the server's user with a short name: a socket's path has
// 107 bytes at most.
func newFolder(as *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp("/tmp", "tidings-pg-")
	if err != nil || as == nil {
		return dir, err
	}
	return dir, os.Chown(dir, int(as.Uid), int(as.Gid))
}

// watchTests starts a shell that waits for the end of its input, which comes with that
// of this process, and removes the server then.
func (s *Server) watchTests() error {
	cmd := s.toolCommand("sh", "-c", `cat >/dev/null; "$1" -D "$2" -m immediate -w stop >/dev/null 2>&1; rm -rf "$3"`, "sh", filepath.Join(s.bin, "pg_ctl"), s.dataDir(), s.dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	s.alive = in
	return cmd.Start()
}

func (s *Server) dataDir() string { return filepath.Join(s.dir, "data") }

// toolCommand is a command as the user of the server, in its folder.
func (s *Server) toolCommand(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), "HOME="+s.dir, "LC_ALL=C.UTF-8")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as, Setpgid: true}
	return cmd
}

// runTool runs a program of PostgreSQL. Its output goes to a file: a server that it
// leaves running would keep a pipe open.
func (s *Server) runTool(program string, args ...string) error {
	log := filepath.Join(s.dir, "tools.log")
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()

	cmd := s.toolCommand(filepath.Join(s.bin, program), args...)
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(log)
		server, _ := os.ReadFile(filepath.Join(s.dir, "server.log"))
		return fmt.Errorf("%s: %w\n%s\n%s", program, err, text, server)
	}
	return nil
}

// Start starts the server and waits until it answers.
func (s *Server) Start() error {
	return s.runTool("pg_ctl", "-D", s.dataDir(), "-w", "-t", "120", "-l", filepath.Join(s.dir, "server.log"), "start")
}

// Kill ends the server at once, without a word to its clients' transactions.
func (s *Server) Kill() error {
	return s.runTool("pg_ctl", "-D", s.dataDir(), "-m", "immediate", "-w", "stop")
}

// Set changes a setting of the whole server, such as default_transaction_read_only.
func (s *Server) Set(setting string) error {
	return errors.Join(s.appendSetting(setting), s.runTool("pg_ctl", "-D", s.dataDir(), "reload"))
}

func (s *Server) appendSetting(setting string) error {
	f, err := os.OpenFile(filepath.Join(s.dataDir(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, setting)
	return errors.Join(err, f.Close())
}

// URL is the address of a database of the server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("host=%s user=tidings dbname=%s", s.dir, database)
}
