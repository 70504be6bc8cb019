package search_test

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest"
	"tidings.example/tidings/search/searchtest/fakemeili"
)

// openMeilisearch opens the engine on a server.
func openMeilisearch(t testing.TB, c search.MeilisearchConfig) *search.Meilisearch {
	t.Helper()
	e, err := search.OpenMeilisearch(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// TestMeilisearch runs the suite through meilisearch-go on a fake server.
func TestMeilisearch(t *testing.T) {
	meiliSuite(t, searchtest.Meilisearch(), func(t testing.TB) search.MeilisearchConfig {
		return search.MeilisearchConfig{URL: fakemeili.New(t).URL, Key: fakemeili.MasterKey}
	})
}

// TestMeilisearchReal runs the suite on the server that TIDINGS_TEST_MEILI
// names as URL,key, or on one it starts, if the program is on the PATH. Every
// world gets indexes of its own; a server that was named keeps them.
func TestMeilisearchReal(t *testing.T) {
	url, key, ok := strings.Cut(os.Getenv("TIDINGS_TEST_MEILI"), ",")
	if !ok {
		program, err := exec.LookPath("meilisearch")
		if err != nil {
			t.Skip("there is no program meilisearch, and TIDINGS_TEST_MEILI names no server as URL,key")
		}
		url, key = startMeili(t, program), fakemeili.MasterKey
	}

	more := searchtest.Meilisearch()
	more.Sometimes = true // which guesses are worth it depends on all texts
	meiliSuite(t, more, func(testing.TB) search.MeilisearchConfig {
		return search.MeilisearchConfig{URL: url, Key: key, Prefix: "test_" + strings.ToLower(rand.Text()) + "_"}
	})
}

// startMeili starts a Meilisearch that ends with the test.
func startMeili(t *testing.T, program string) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	address, dir := l.Addr().String(), t.TempDir()

	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	cmd := exec.Command(program, "--http-addr", address, "--master-key", fakemeili.MasterKey, "--no-analytics",
		"--db-path", filepath.Join(dir, "data"), "--dump-dir", filepath.Join(dir, "dumps"), "--snapshot-dir", filepath.Join(dir, "snapshots"))
	cmd.Dir, cmd.Stderr = dir, t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	for tick := time.Tick(50 * time.Millisecond); ; { // it has no other way to say that it listens
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			conn.Close()
			return "http://" + address
		}

		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-tick:
		}
	}
}

func meiliSuite(t *testing.T, more *searchtest.Differences, config func(t testing.TB) search.MeilisearchConfig) {
	var configs sync.Map // engine → its server
	searchtest.Run(t, searchtest.Suite{
		Differences: more,
		Open: func(t testing.TB) search.Engine {
			c := config(t)
			e := openMeilisearch(t, c)
			configs.Store(e, c)
			return e
		},
		Restart: func(t testing.TB, e search.Engine) search.Engine {
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}

			c, _ := configs.Load(e)
			again := openMeilisearch(t, c.(search.MeilisearchConfig))
			if err := again.Ready(t.Context()); err != nil { // a server with much to do takes its time
				t.Fatal(err)
			}
			return again
		},
	})
}
