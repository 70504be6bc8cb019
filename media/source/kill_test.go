package source_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// victimDir is set for a copy of this test binary that is to be killed.
const victimDir = "TIDINGS_TEST_VICTIM_DIR"

func patternReader(from, n int64) io.Reader { return bytes.NewReader(pattern(from, n)) }

// open opens the data of a process: a real database and a real storage with
// fsync.
func open(ctx context.Context, dir string) (*source.Source, *store.Store, func(), error) {
	srv, blobs, err := startStorage(ctx, filepath.Join(dir, "blobs"), true)
	if err != nil {
		return nil, nil, nil, err
	}
	rows, err := store.Open(ctx, store.Config{Dir: filepath.Join(dir, "rows")})
	if err != nil {
		srv.Close()
		return nil, nil, nil, err
	}
	return source.New(rowsOf(rows), blobs, rows, source.Config{FlushEvery: 5 * time.Millisecond}), rows, func() { rows.Close(); srv.Close() }, nil
}

// appendForever appends to the one upload without end, and prints each
// acknowledged offset. Now and then it ends the recording and goes on in it.
func appendForever(ctx context.Context, dir string) error {
	s, rows, _, err := open(ctx, dir)
	if err != nil {
		return err
	}

	ids, err := rows.ClipIDs(ctx, "", 1)
	if err != nil || len(ids) == 0 {
		return fmt.Errorf("no clip: %w", err)
	}

	u, err := rows.UploadByClip(ctx, ids[0])
	if err != nil {
		return err
	}

	for {
		if u, err = s.Take(ctx, u.ID); err != nil {
			return err
		}

		if rand.IntN(4) == 0 || u.SealedAt != nil {
			if u, err = endAndContinue(ctx, s, u); err != nil {
				return err
			}
		}

		at, err := s.Append(ctx, u.ID, u.Offset, patternReader(u.Offset, rand.Int64N(100_000)), nil)
		if err != nil {
			return err
		}

		fmt.Println(at)
	}
}

// endAndContinue ends an original, if it goes on, and opens it again while its
// parts become one object.
func endAndContinue(ctx context.Context, s *source.Source, u tidings.Upload) (tidings.Upload, error) {
	if u.Offset == 0 {
		return u, nil
	}
	if err := s.Seal(ctx, u.ID, false); err != nil {
		return u, err
	}

	var compact sync.WaitGroup
	compact.Go(func() { _, _ = s.Compact(ctx, u.ClipID) }) // refused if the recording goes on before it is done
	if rand.IntN(2) == 0 {
		compact.Wait()
	}

	u, err := s.Continue(ctx, u.ClipID)
	compact.Wait()
	return u, err
}

// TestKillLosesNothing kills a process during its appends, repeatedly on the same
// original: all acknowledged bytes are there.
func TestKillLosesNothing(t *testing.T) {
	dir := t.TempDir()
	rows, u, err := openStore(t.Context(), store.Config{Dir: filepath.Join(dir, "rows")})
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.CreateUpload(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	told := int64(0)
	for range 6 {
		told = max(told, killAfter(t, dir, 1+rng.IntN(15)))
		checkRows(t, dir, u, told)
	}

	if told == 0 {
		t.Fatal("nothing was ever stored")
	}

	checkOriginal(t, dir, u)
}

func killAfter(t *testing.T, dir string, lines int) (told int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), victimDir+"="+dir), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	said := bufio.NewScanner(out)
	for n := 0; said.Scan(); n++ {
		if _, err := fmt.Sscan(said.Text(), &told); err != nil {
			t.Fatalf("%q: %v", said.Text(), err)
		}

		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}

	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the victim ended by itself: %v", err)
	}

	return told
}

// checkRows checks only the rows: a process can have only one storage server, and
// this one has it.
func checkRows(t *testing.T, dir string, u tidings.Upload, told int64) {
	t.Helper()
	rows, err := store.Open(t.Context(), store.Config{Dir: filepath.Join(dir, "rows")})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()

	now, err := rows.Upload(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if now.Offset < told {
		t.Fatalf("%d bytes were acknowledged, %d are there", told, now.Offset)
	}

	parts, err := rows.Parts(t.Context(), u.ClipID, 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}

	if a, err := rows.Asset(t.Context(), u.ClipID, "original"); err == nil {
		parts = append(parts, tidings.UploadPart{Size: a.Bytes, Key: a.Key})
	}

	at := int64(0)
	for _, p := range parts {
		data, err := os.ReadFile(filepath.Join(dir, "blobs", "objects", "tidings", p.Key))
		if err != nil || p.Offset != at || !bytes.Equal(data, pattern(at, p.Size)) {
			t.Fatalf("the part at %d is not whole: %d of %d bytes, %v", at, len(data), p.Size, err)
		}
		at += p.Size
	}

	if at != now.Offset {
		t.Fatalf("parts end at %d, the upload at %d", at, now.Offset)
	}
}

// checkOriginal seals and compacts a copy of the objects: no object of a killed
// append is left over.
func checkOriginal(t *testing.T, dir string, u tidings.Upload) {
	t.Helper()
	rows, err := store.Open(t.Context(), store.Config{Dir: filepath.Join(dir, "rows")})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()

	objects := filepath.Join(dir, "blobs", "objects", "tidings")
	for _, folder := range []string{"parts", "source"} {
		copyObjects(t, objects, "clips/"+string(u.ClipID)+"/"+folder+"/")
	}

	r := &testSource{Source: source.New(rowsOf(rows), testBlobs, rows, source.Config{}), t: t, u: u}
	r.ok(r.Seal(t.Context(), u.ID, true))
	a, err := r.Compact(t.Context(), u.ClipID)
	r.ok(err)
	r.wantBytes(u, a.Bytes)
	if keys := r.partObjects(u); len(keys) != 1 || keys[0] != a.Key {
		t.Fatalf("objects %v", keys)
	}
}

// copyObjects copies the objects with a prefix to the storage of the tests.
func copyObjects(t *testing.T, objects, prefix string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(objects, prefix))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}

	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(objects, prefix, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := testBlobs.Put(t.Context(), prefix+f.Name(), bytes.NewReader(data), int64(len(data)), ""); err != nil {
			t.Fatal(err)
		}
	}
}
