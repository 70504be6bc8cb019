package embedded_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/embedded"
)

// victimDir makes a copy of this test binary the process that is killed.
const victimDir = "TIDINGS_TEST_VICTIM_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := putForEver(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func newStore(srv *embedded.Server) (*blob.Store, error) {
	return blob.New(blob.Config{Endpoint: srv.Endpoint(), Bucket: "tidings", PathStyle: true, HTTPClient: srv.HTTPClient(),
		AccessKey: srv.Credentials.AccessKey, SecretKey: srv.Credentials.SecretKey})
}

// objectContent is the content of the object with the given key; its name
// contains the size.
func objectContent(key string) []byte {
	_, size, _ := strings.Cut(key[strings.LastIndexByte(key, '/')+1:], "-")
	n, _ := strconv.Atoi(size)
	return bytes.Repeat([]byte(key+"\n"), n/(len(key)+1)+1)[:n]
}

// putForEver stores objects of all sizes, four at a time, and prints the keys of
// the acknowledged ones. One key is written again and again, as a repeated
// compaction does.
func putForEver(ctx context.Context, dir string) error {
	srv, err := embedded.Start(ctx, embedded.Config{Dir: dir, Fsync: true})
	if err != nil {
		return err
	}

	store, err := newStore(srv)
	if err != nil {
		return err
	}
	if err := store.EnsureBucket(ctx); err != nil {
		return err
	}

	failed := make(chan error)
	for hand := range 4 {
		go func() {
			for {
				key := fmt.Sprintf("clips/c%d/parts/%s-%d", hand, strconv.FormatUint(rand.Uint64(), 36), rand.IntN(200_000))
				if hand == 0 {
					key = fmt.Sprintf("clips/c%d/source/original-%d", rand.IntN(3), 2*blob.PartSize+10)
				}

				body := objectContent(key)
				var err error
				if hand == 0 {
					_, err = store.PutLarge(ctx, key, bytes.NewReader(body), "")
				} else {
					_, err = store.Put(ctx, key, bytes.NewReader(body), int64(len(body)), "")
				}

				if err != nil {
					failed <- err
				}

				fmt.Println(key)
			}
		}()
	}

	return <-failed
}

// TestKillLosesNothing kills the server's process during its writes, repeatedly
// on one folder. Each acknowledged object exists completely; each other one
// exists completely or not at all.
func TestKillLosesNothing(t *testing.T) {
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	acknowledged := map[string]bool{}
	for range 6 {
		killAfter(t, dir, 1+rng.IntN(25), acknowledged)
	}

	srv := startTestServer(t, dir)
	store := openStore(t, srv)
	for key := range acknowledged {
		checkWhole(t, store, key)
	}

	items, err := store.List(t.Context(), "clips/", "", 100_000)
	if err != nil || len(items) < len(acknowledged) {
		t.Fatalf("%d objects were answered for, %d are there: %v", len(acknowledged), len(items), err)
	}

	for _, i := range items {
		if !acknowledged[i.Key] {
			checkWhole(t, store, i.Key)
		}
	}

	for c := range 3 { // an interrupted multipart upload can be repeated
		key := fmt.Sprintf("clips/c%d/source/original-%d", c, 2*blob.PartSize+10)
		if _, err := store.PutLarge(t.Context(), key, bytes.NewReader(objectContent(key)), ""); err != nil {
			t.Fatal(err)
		}
		checkWhole(t, store, key)
	}
}

func killAfter(t *testing.T, dir string, lines int, answered map[string]bool) {
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

	acks := bufio.NewScanner(out)
	for n := 0; acks.Scan(); n++ {
		answered[acks.Text()] = true
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

func checkWhole(t *testing.T, store *blob.Store, key string) {
	t.Helper()
	o, err := store.Get(t.Context(), key, blob.GetOptions{})
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	defer o.Body.Close()
	got, err := io.ReadAll(o.Body)
	if err != nil || !bytes.Equal(got, objectContent(key)) {
		t.Fatalf("%s is not whole: %d bytes, %v", key, len(got), err)
	}
}
