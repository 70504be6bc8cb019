package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/server"
	"tidings.example/tidings/tidings"
)

// newDataDir makes a data folder with a clip of n objects and closes it again.
func newDataDir(t *testing.T, n int) (data string) {
	t.Helper()
	data = t.TempDir()
	changeDataDir(t, data, func(a *server.App) {
		ana, ws, err := a.Store.Setup(t.Context(), tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: ownerEmail, PasswordHash: "x", TimeZone: "UTC"})
		if err != nil {
			t.Fatal(err)
		}

		c, err := a.Store.CreateClip(t.Context(), tidings.Clip{ID: tidings.NewID(time.Now()), State: tidings.ClipReady, WorkspaceID: ws.ID, Author: tidings.Author{ID: ana.ID}, Kind: tidings.ClipVoice, Visibility: tidings.VisibilityWorkspace})
		if err != nil {
			t.Fatal(err)
		}

		putAssets(t, a, c.ID, 0, n)
	})

	return data
}

// changeDataDir opens a data folder while do runs.
func changeDataDir(t *testing.T, data string, do func(a *server.App)) {
	t.Helper()
	cfg, _, err := loadConfig("serve", []string{"--data", data, "--fsync=false"}, envFrom(nil), io.Discard)
	if err != nil {
		t.Fatal(err)
	}

	a, err := server.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()

	do(a)
}

// putAssets gives a clip files from..to; the third is larger than what is sent at once.
func putAssets(t *testing.T, a *server.App, clip tidings.ID, from, to int) (keys []string) {
	t.Helper()
	for i := from; i < to; i++ {
		b := bytes.Repeat([]byte(fmt.Sprintf("%s %d ", clip, i)), 600)
		if i == 3 {
			b = bytes.Repeat(b, 700) // larger than what is sent at once
		}

		key := fmt.Sprintf("%sm1/%05d", clipPrefix(clip), i)
		if err := a.Blobs.Plain().Put(t.Context(), key, bytes.NewReader(b), int64(len(b)), "text/x-test"); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Store.DB().ExecContext(t.Context(), "INSERT INTO assets (clip_id, name, attempt, content_type, bytes, key) VALUES ($1, $2, 1, 'text/x-test', $3, $4)",
			string(clip), fmt.Sprint(i), len(b), key); err != nil {
			t.Fatal(err)
		}

		keys = append(keys, key)
	}

	return keys
}

// exportMoment is when a command is killed: at a percentage of a phase.
type exportMoment struct {
	phase   string
	percent int
}

// reachedBy reports whether a line of progress is at or after the moment.
func (m exportMoment) reachedBy(line string) bool {
	var phase string
	var percent int
	n, _ := fmt.Sscan(line, &phase, &percent)
	return n > 0 && phase == m.phase && percent >= m.percent
}

// killAt runs a command and kills it at a moment.
func killAt(t *testing.T, at exportMoment, args ...string) {
	t.Helper()
	cmd := exec.Command(programPath(t), args...)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if said = append(said, lines.Text()); at.reachedBy(lines.Text()) {
			break
		}
	}

	cmd.Process.Kill()
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("it ended before it could be killed at %v: %v %q", at, err, said)
	}
}

// onlyClip is the id of the only clip of an app.
func onlyClip(t *testing.T, a *server.App) tidings.ID {
	t.Helper()
	ids, err := a.Store.ClipIDs(t.Context(), "", 2)
	if err != nil || len(ids) != 1 {
		t.Fatal(ids, err)
	}
	return ids[0]
}

// TestExportKilled kills exports, alone, at the database and at each third of
// the objects. The next one goes on; the one before stays whole until then.
func TestExportKilled(t *testing.T) {
	data, dir := newDataDir(t, 300), filepath.Join(t.TempDir(), "copy")
	for _, at := range []exportMoment{{"database", 0}, {"copying", 10}, {"copying", 40}, {"copying", 70}} {
		killAt(t, at, "export", "--data", data, dir)
		if out, err := runCommand(t, "import", "--data", filepath.Join(t.TempDir(), "new"), dir); err == nil || !strings.Contains(out, "no whole export") {
			t.Errorf("killed at %v: %v %s", at, err, out)
		}
	}

	out := runExport(t, data, dir, "300 objects")
	if strings.Contains(out, "; 300 copied") {
		t.Errorf("it began anew: %s", out)
	}

	whole := readFiles(t, dir)
	if len(whole) != 303 {
		t.Errorf("there are %d files", len(whole))
	}

	fresh := filepath.Join(t.TempDir(), "fresh")
	runExport(t, data, fresh, "; 300 copied, 0 were there")
	if whole["objects.jsonl"] != readFiles(t, fresh)["objects.jsonl"] {
		t.Error("what was gone on with is not what is made at once")
	}

	changeDataDir(t, data, func(a *server.App) { putAssets(t, a, onlyClip(t, a), 300, 450) })
	killAt(t, exportMoment{"copying", 70}, "export", "--data", data, dir)
	into := filepath.Join(t.TempDir(), "earlier")
	if out, err := runCommand(t, "import", "--data", into, dir); err != nil || !strings.Contains(out, "300 objects") {
		t.Errorf("the earlier export is not whole: %v %s", err, out)
	}

	runExport(t, data, dir, "450 objects")
}

// startExport starts an export by a server and returns at the moment.
func (s *testServer) startExport(dir string, at exportMoment) (cmd *exec.Cmd, rest *bufio.Reader) {
	s.t.Helper()
	cmd = exec.Command(programPath(s.t), "export", "--data", s.data, dir)
	out, err := cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}

	for rest = bufio.NewReader(out); ; {
		line, err := rest.ReadString('\n')
		if err != nil {
			s.t.Fatalf("%q %v", line, err)
		}
		if at.reachedBy(line) {
			return cmd, rest
		}
	}
}

// TestServerEndsWhileExporting: the command reports that the server ended, and the
// next export continues; likewise after the command is killed.
func TestServerEndsWhileExporting(t *testing.T) {
	s := startServer(t, newDataDir(t, 300), "--roles", "api")
	dir := filepath.Join(t.TempDir(), "copy")
	for percent, end := range map[int]func(){20: func() { s.kill() }, 60: func() { s.stop() }} {
		cmd, rest := s.startExport(dir, exportMoment{"copying", percent})
		end()
		said, _ := io.ReadAll(rest)
		if err := cmd.Wait(); err == nil || !bytes.Contains(said, []byte("Run it again")) {
			t.Errorf("ended at %d %%: %v %s", percent, err, said)
		}
		s = s.restart("--roles", "api")
	}

	cmd, _ := s.startExport(dir, exportMoment{"copying", 10})
	cmd.Process.Kill()
	cmd.Wait()
	out, err := runCommand(t, "export", "--data", s.data, dir)
	for range 100 { // each takes a while; then the server has noticed
		if err == nil || !strings.Contains(out, "running already") {
			break
		}
		out, err = runCommand(t, "export", "--data", s.data, dir)
	}

	if err != nil || !strings.Contains(out, "300 objects") || strings.Contains(out, "; 300 copied") {
		t.Errorf("%v %s", err, out)
	}
}

// TestImportKilled kills imports; until the last one is through, there is no
// database.
func TestImportKilled(t *testing.T) {
	dir, to := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "new")
	runExport(t, newDataDir(t, 300), dir)
	for _, at := range []exportMoment{{"checking", 0}, {"copying", 10}, {"copying", 50}, {"copying", 70}, {"database", 0}} {
		killAt(t, at, "import", "--data", to, dir)
		if _, err := os.Stat(filepath.Join(to, "tidings.db")); err == nil {
			t.Fatalf("killed at %v there is a database", at)
		}
	}

	out, err := runCommand(t, "import", "--data", to, dir)
	if err != nil || strings.Contains(out, "; 300 copied") {
		t.Fatalf("import: %v\n%s", err, out)
	}

	if out, _ = runCommand(t, "audit", "--data", to); !strings.Contains(out, "300 objects: 0 missing, 0 without a row") {
		t.Errorf("audit: %s", out)
	}

	again := filepath.Join(t.TempDir(), "again")
	runExport(t, to, again)
	if readFiles(t, dir)["objects.jsonl"] != readFiles(t, again)["objects.jsonl"] {
		t.Error("it is not what was exported")
	}
}

// clipPrefix is what the keys of a clip's objects begin with.
func clipPrefix(clip tidings.ID) string { return "clips/" + string(clip) + "/" }
