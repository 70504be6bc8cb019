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

// filled makes a data folder with a clip of n objects and closes it again.
func filled(t *testing.T, n int) (data string) {
	t.Helper()
	data = t.TempDir()
	changed(t, data, func(a *server.App) {
		ana, ws, err := a.Store.Setup(t.Context(), tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: ownerEmail, PasswordHash: "x", TimeZone: "UTC"})
		if err != nil {
			t.Fatal(err)
		}

		c, err := a.Store.CreateClip(t.Context(), tidings.Clip{ID: tidings.NewID(time.Now()), State: tidings.ClipReady, WorkspaceID: ws.ID, Author: tidings.Author{ID: ana.ID}, Kind: tidings.ClipVoice, Visibility: tidings.VisibilityWorkspace})
		if err != nil {
			t.Fatal(err)
		}

		assets(t, a, c.ID, 0, n)
	})

	return data
}

// changed opens a data folder for the while.
func changed(t *testing.T, data string, do func(a *server.App)) {
	t.Helper()
	cfg, _, err := loadConfig("serve", []string{"--data", data, "--fsync=false"}, env(nil), io.Discard)
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

// assets gives a clip files from..to; the third is larger than what is sent at once.
func assets(t *testing.T, a *server.App, clip tidings.ID, from, to int) (keys []string) {
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

// moment is when a command is killed: at so many percent of a phase.
type moment struct {
	phase   string
	percent int
}

// reached reports whether a line of progress says that it is so far.
func (m moment) reached(line string) bool {
	var phase string
	var percent int
	n, _ := fmt.Sscan(line, &phase, &percent)
	return n > 0 && phase == m.phase && percent >= m.percent
}

// killedAt runs a command and kills it when it is so far.
func killedAt(t *testing.T, at moment, args ...string) {
	t.Helper()
	cmd := exec.Command(product(t), args...)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if said = append(said, lines.Text()); at.reached(lines.Text()) {
			break
		}
	}

	cmd.Process.Kill()
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("it ended before it could be killed at %v: %v %q", at, err, said)
	}
}

// oneClip is the only one in a data folder.
func oneClip(t *testing.T, a *server.App) tidings.ID {
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
	data, dir := filled(t, 300), filepath.Join(t.TempDir(), "copy")
	for _, at := range []moment{{"database", 0}, {"copying", 10}, {"copying", 40}, {"copying", 70}} {
		killedAt(t, at, "export", "--data", data, dir)
		if out, err := invoke(t, "import", "--data", filepath.Join(t.TempDir(), "new"), dir); err == nil || !strings.Contains(out, "no whole export") {
			t.Errorf("killed at %v: %v %s", at, err, out)
		}
	}

	out := exported(t, data, dir, "300 objects")
	if strings.Contains(out, "; 300 copied") {
		t.Errorf("it began anew: %s", out)
	}

	whole := files(t, dir)
	if len(whole) != 303 {
		t.Errorf("there are %d files", len(whole))
	}

	fresh := filepath.Join(t.TempDir(), "fresh")
	exported(t, data, fresh, "; 300 copied, 0 were there")
	if whole["objects.jsonl"] != files(t, fresh)["objects.jsonl"] {
		t.Error("what was gone on with is not what is made at once")
	}

	changed(t, data, func(a *server.App) { assets(t, a, oneClip(t, a), 300, 450) })
	killedAt(t, moment{"copying", 70}, "export", "--data", data, dir)
	into := filepath.Join(t.TempDir(), "earlier")
	if out, err := invoke(t, "import", "--data", into, dir); err != nil || !strings.Contains(out, "300 objects") {
		t.Errorf("the earlier export is not whole: %v %s", err, out)
	}

	exported(t, data, dir, "450 objects")
}

// asked begins an export by a server and returns when it is so far.
func (s *running) asked(dir string, at moment) (cmd *exec.Cmd, rest *bufio.Reader) {
	s.t.Helper()
	cmd = exec.Command(product(s.t), "export", "--data", s.data, dir)
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
		if at.reached(line) {
			return cmd, rest
		}
	}
}

// TestServerEndsWhileExporting: whoever waits is told, and the next export
// goes on. So it does when whoever waits is killed.
func TestServerEndsWhileExporting(t *testing.T) {
	s := startServer(t, filled(t, 300), "--roles", "api")
	dir := filepath.Join(t.TempDir(), "copy")
	for percent, end := range map[int]func(){20: func() { s.kill() }, 60: func() { s.stop() }} {
		cmd, rest := s.asked(dir, moment{"copying", percent})
		end()
		said, _ := io.ReadAll(rest)
		if err := cmd.Wait(); err == nil || !bytes.Contains(said, []byte("Run it again")) {
			t.Errorf("ended at %d %%: %v %s", percent, err, said)
		}
		s = s.again("--roles", "api")
	}

	cmd, _ := s.asked(dir, moment{"copying", 10})
	cmd.Process.Kill()
	cmd.Wait()
	out, err := invoke(t, "export", "--data", s.data, dir)
	for range 100 { // each takes a while; then the server has noticed
		if err == nil || !strings.Contains(out, "running already") {
			break
		}
		out, err = invoke(t, "export", "--data", s.data, dir)
	}

	if err != nil || !strings.Contains(out, "300 objects") || strings.Contains(out, "; 300 copied") {
		t.Errorf("%v %s", err, out)
	}
}

// TestImportKilled kills imports; until the last one is through, there is no
// database.
func TestImportKilled(t *testing.T) {
	dir, to := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "new")
	exported(t, filled(t, 300), dir)
	for _, at := range []moment{{"checking", 0}, {"copying", 10}, {"copying", 50}, {"copying", 70}, {"database", 0}} {
		killedAt(t, at, "import", "--data", to, dir)
		if _, err := os.Stat(filepath.Join(to, "tidings.db")); err == nil {
			t.Fatalf("killed at %v there is a database", at)
		}
	}

	out, err := invoke(t, "import", "--data", to, dir)
	if err != nil || strings.Contains(out, "; 300 copied") {
		t.Fatalf("import: %v\n%s", err, out)
	}

	if out, _ = invoke(t, "audit", "--data", to); !strings.Contains(out, "300 objects: 0 missing, 0 without a row") {
		t.Errorf("audit: %s", out)
	}

	again := filepath.Join(t.TempDir(), "again")
	exported(t, to, again)
	if files(t, dir)["objects.jsonl"] != files(t, again)["objects.jsonl"] {
		t.Error("it is not what was exported")
	}
}

// clipPrefix is what the keys of a clip's objects begin with.
func clipPrefix(clip tidings.ID) string { return "clips/" + string(clip) + "/" }
