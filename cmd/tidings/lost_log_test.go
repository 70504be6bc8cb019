package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLostLog: a write-ahead log that is removed or emptied after a kill is
// noticed at the next start: log, readiness, doctor and audit say what may be
// missing until an operator removes the record. A kill, a stop and a restart
// alone are no loss.
func TestLostLog(t *testing.T) {
	data, w, _ := everythingFolder(t)
	log, loss := filepath.Join(data, "tidings.db-wal"), filepath.Join(data, "tidings.loss")
	noLoss := func(what string) {
		t.Helper()
		if text, err := os.ReadFile(loss); err == nil {
			t.Errorf("%s: %s", what, text)
		}
	}
	change := func() {
		t.Helper()
		if out, err := runCommand(t, "token", "create", "--user", w.Owner.Email, "--scope", "read", "--data", data); err != nil {
			t.Fatal(err, out)
		}
	}

	s := startServer(t, data, "--roles", "api")
	change()
	s.kill()
	s = s.restart("--roles", "api")
	noLoss("after a kill")
	s.stop()
	if _, err := os.Stat(log); err == nil {
		t.Fatal("a clean stop leaves a log: the test tests nothing")
	}

	s = s.restart("--roles", "api")
	noLoss("after a clean stop")
	for what, lose := range map[string]func() error{"removed": func() error { return os.Remove(log) }, "emptied": func() error { return os.Truncate(log, 0) }} {
		change()
		s.kill()
		if err := lose(); err != nil {
			t.Fatal(err)
		}

		s = s.restart("--roles", "api")
		s.checkLoss(what)
		if err := os.Remove(loss); err != nil {
			t.Fatal(err)
		}
	}

	if out, err := runCommand(t, "doctor", "--data", data); err != nil || !strings.Contains(out, "is whole") {
		t.Errorf("without the record: %v %s", err, out)
	}
}

func (s *testServer) checkLoss(what string) {
	s.t.Helper()
	const says = "The write-ahead log (tidings.db-wal) of a process that was killed is missing"
	if log := s.log.String(); !strings.Contains(log, says) {
		s.t.Errorf("%s: the log does not say it: %s", what, log)
	}
	if res, body := s.request(http.MethodGet, "/readyz", nil, nil); res.StatusCode != http.StatusOK || !strings.Contains(string(body), `"database-complete":"failing"`) {
		s.t.Errorf("%s: %s %s", what, res.Status, body)
	}
	for _, command := range []string{"doctor", "audit"} {
		if out, _ := runCommand(s.t, command, "--data", s.data); !strings.Contains(out, says) {
			s.t.Errorf("%s: %s does not say it: %s", what, command, out)
		}
	}
}
