package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// victimDir tells a copy of this test binary to be the process that is killed.
const victimDir = "TIDINGS_TEST_VICTIM_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := appendForEver(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// appendForEver makes clips of three parts each and says what was answered.
func appendForEver(ctx context.Context, dir string) error {
	s, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		return err
	}

	user, ws, err := victimPeople(ctx, s)
	if err != nil {
		return err
	}

	for {
		now := time.Now()
		c, err := s.CreateClip(ctx, tidings.Clip{ID: tidings.NewID(now), WorkspaceID: ws, Author: tidings.Author{ID: user}, Kind: tidings.ClipVoice,
			Visibility: tidings.VisibilityPrivate, CreatedAt: now})
		if err != nil {
			return err
		}

		u := tidings.Upload{ID: tidings.NewID(now), ClipID: c.ID, WorkspaceID: ws, UserID: user, ExpiresAt: now.Add(time.Hour)}
		if err := s.CreateUpload(ctx, u); err != nil {
			return err
		}

		for at := int64(0); at < 30; at += 10 {
			p := tidings.UploadPart{UploadID: u.ID, ClipID: c.ID, Offset: at, Size: 10, Key: fmt.Sprintf("clips/%s/parts/%d", c.ID, at)}
			if _, err := s.AppendPart(ctx, p, 0, now.Add(time.Hour)); err != nil {
				return err
			}
			fmt.Println("part", c.ID, at+10)
		}

		if _, err := s.SealUpload(ctx, u.ID, false); err != nil {
			return err
		}

		fmt.Println("seal", c.ID, 30)
	}
}

func victimPeople(ctx context.Context, s *store.Store) (user, ws tidings.ID, err error) {
	if need, err := s.NeedsSetup(ctx); err != nil {
		return "", "", err
	} else if need {
		u, w, err := s.Setup(ctx, tidings.Setup{WorkspaceName: "W", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
		return u.ID, w.ID, err
	}

	u, _, err := s.UserByEmail(ctx, "ana@example.org")
	if err != nil {
		return "", "", err
	}

	ms, err := s.Memberships(ctx, u.ID)
	if err != nil {
		return "", "", err
	}

	return u.ID, ms[0].Workspace.ID, nil
}

// answer is what the killed process said of a clip.
type answer struct {
	bytes  int64
	sealed bool
}

// TestKillLosesNothing kills a process amid its writes, over and over on the
// same folder. What it had answered is there, and what it had not is whole or
// not there.
func TestKillLosesNothing(t *testing.T) {
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	answers := map[tidings.ID]answer{}
	for range 8 {
		killAfter(t, dir, 1+rng.IntN(40), answers)
		checkAnswers(t, dir, answers)
	}

	if len(answers) < 8 {
		t.Fatalf("only %d clips were begun", len(answers))
	}
}

// killAfter kills a victim once it has given some more answers.
func killAfter(t *testing.T, dir string, lines int, answers map[tidings.ID]answer) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	said := bufio.NewScanner(out)
	for n := 0; said.Scan(); n++ { // to the end of the pipe: what was said before the kill counts
		var what string
		var clip tidings.ID
		var bytes int64
		if _, err := fmt.Sscan(said.Text(), &what, &clip, &bytes); err != nil {
			t.Fatalf("%q: %v", said.Text(), err)
		}

		answers[clip] = answer{bytes, what == "seal"}

		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}

	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the victim ended by itself: %v", err)
	}
}

func checkAnswers(t *testing.T, dir string, answers map[tidings.ID]answer) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: dir})
	if err != nil {
		t.Fatalf("after a kill: %v", err)
	}
	defer s.Close()

	clips, err := s.ClipIDs(t.Context(), "", 100_000)
	if err != nil {
		t.Fatal(err)
	}

	found := 0
	for _, id := range clips {
		if _, ok := answers[id]; ok {
			found++
		}
		checkClip(t, s, id, answers[id])
	}

	if found != len(answers) {
		t.Fatalf("%d clips answered for, %d there", len(answers), found)
	}

	var ok string
	if err := s.DB().QueryRow(`PRAGMA integrity_check`).Scan(&ok); err != nil || ok != "ok" {
		t.Fatalf("integrity: %s, %v", ok, err)
	}
}

// checkClip checks that a clip has what was answered, and that parts, offset
// and jobs agree whatever was answered.
func checkClip(t *testing.T, s *store.Store, id tidings.ID, want answer) {
	t.Helper()
	u, err := s.UploadByClip(t.Context(), id)
	if tidings.KindOf(err) == tidings.KindNotFound && want.bytes == 0 {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if u.Offset < want.bytes || want.sealed && u.SealedAt == nil {
		t.Fatalf("clip %s: %d bytes (sealed %v) were answered, %d (%v) are there", id, want.bytes, want.sealed, u.Offset, u.SealedAt)
	}

	parts, err := s.Parts(t.Context(), id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}

	var at int64
	for _, p := range parts {
		if p.Offset != at {
			t.Fatalf("clip %s: a part at %d, want %d", id, p.Offset, at)
		}
		at += p.Size
	}

	if at != u.Offset {
		t.Fatalf("clip %s: parts end at %d, the upload at %d", id, at, u.Offset)
	}

	var jobs int
	if err := s.DB().QueryRow(`SELECT count(*) FROM river_job WHERE CAST(args AS TEXT) LIKE $1`, "%"+string(id)+"%").Scan(&jobs); err != nil {
		t.Fatal(err)
	}
	if (jobs == 2) != (at > 0) || jobs != 0 && jobs != 2 {
		t.Fatalf("clip %s: %d jobs for %d bytes", id, jobs, at)
	}
}
