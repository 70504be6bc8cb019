package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ListenTLS restarts the server so that it listens on loopback addresses, too, with
// a certificate and its key in PEM.
func (s *Server) ListenTLS(t testing.TB, certificate, key []byte, addresses ...string) {
	t.Helper()
	err := errors.Join(s.writeFile("server.crt", certificate), s.writeFile("server.key", key),
		s.appendSetting(fmt.Sprintf("listen_addresses = '%s'\nssl = on\nssl_cert_file = '%s'\nssl_key_file = '%s'",
			strings.Join(addresses, ","), filepath.Join(s.dir, "server.crt"), filepath.Join(s.dir, "server.key"))))
	if err := errors.Join(err, s.Kill(), s.Start()); err != nil {
		t.Fatal(err)
	}
}

// writeFile writes a file that only the server's user can read.
func (s *Server) writeFile(name string, content []byte) error {
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil || s.as == nil {
		return err
	}
	return os.Chown(path, int(s.as.Uid), int(s.as.Gid))
}
