package search_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest"
	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/tidings"
)

func openEmbedded(t testing.TB, dir string) *search.Embedded {
	t.Helper()
	e, err := search.OpenEmbedded(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// TestEmbedded runs the suite on the embedded engine.
func TestEmbedded(t *testing.T) {
	var dirs sync.Map // engine → its folder
	searchtest.Run(t, searchtest.Suite{
		Open: func(t testing.TB) search.Engine {
			dir := t.TempDir()
			e := openEmbedded(t, dir)
			dirs.Store(e, dir)
			return e
		},
		Restart: func(t testing.TB, e search.Engine) search.Engine {
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			dir, _ := dirs.Load(e)
			return openEmbedded(t, dir.(string))
		},
	})
}

func newDocument(n int, title string) tidings.Document {
	return tidings.Document{ClipID: tidings.ID(fmt.Sprintf("clip%05d", n)), Version: int64(n), WorkspaceID: "ws", ACL: []string{"w:ws"}, Title: title,
		CreatedAt: time.Unix(1_760_000_000, 0)}
}

func putAll(t testing.TB, e search.Engine, docs ...tidings.Document) {
	t.Helper()
	if err := e.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

func countFound(t testing.TB, e search.Engine, text string) int {
	t.Helper()
	hits, _, err := e.Search(t.Context(), tidings.Query{Text: text, WorkspaceID: "ws", ACL: []string{"w:ws"}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return len(hits)
}

// TestEmbeddedUnusable opens files that are damaged or of another version: an
// empty index takes their place.
func TestEmbeddedUnusable(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"text": func(t *testing.T, path string) {
			changeSet(t, path, []byte("this is no database, and it is longer than a header"))
		},
		"page":    func(t *testing.T, path string) { overwriteFile(t, path, 100) },
		"content": func(t *testing.T, path string) { overwriteFile(t, path, 3*4096); markUnclean(t, path) },
		"older":   func(t *testing.T, path string) { execFile(t, path, "PRAGMA user_version = 0") },
		"newer":   func(t *testing.T, path string) { execFile(t, path, "PRAGMA user_version = 999") },
		"foreign": func(t *testing.T, path string) {
			os.Remove(path)
			execFile(t, path, "CREATE TABLE notes (text TEXT)")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			e := openEmbedded(t, dir)
			for i := 1; i < 200; i++ {
				putAll(t, e, newDocument(i, fmt.Sprintf("kubernetes number%d and words", i)))
			}

			if err := e.Close(); err != nil {
				t.Fatal(err)
			}

			spoil(t, filepath.Join(dir, "search.db"))
			e = openEmbedded(t, dir)
			if n := countFound(t, e, "kubernetes"); n != 0 {
				t.Errorf("%d hits in a spoiled index", n)
			}

			putAll(t, e, newDocument(1, "kubernetes"))
			if n := countFound(t, e, "kubernetes"); n != 1 {
				t.Errorf("%d hits in the new index", n)
			}
		})
	}
}

func changeSet(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// overwriteFile puts 0xAA over a file from an offset on.
func overwriteFile(t *testing.T, path string, from int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || len(b) <= from {
		t.Fatal(len(b), err)
	}
	for i := from; i < len(b); i++ {
		b[i] = 0xAA
	}
	changeSet(t, path, b)
}

func execFile(t *testing.T, path, query string) {
	t.Helper()
	db, err := sqlite.Open("file:" + path + "?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

// markUnclean makes a file look as if its process had died; should that be beyond
// a spoiled file, opening it fails anyway.
func markUnclean(t *testing.T, path string) {
	db, err := sqlite.Open("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec("UPDATE state SET clean = FALSE")
	t.Log("unclean:", err)
}

// TestEmbeddedDamagedWhileOpen loses the index under a running engine: the
// search says so, and the next one works on an empty index.
func TestEmbeddedDamagedWhileOpen(t *testing.T) {
	dir := t.TempDir()
	e := openEmbedded(t, dir)
	putAll(t, e, newDocument(1, "kubernetes"), newDocument(2, "rollback"))
	epoch := e.Epoch()
	spoilOpen(t, dir)
	_, _, err := e.Search(t.Context(), tidings.Query{Text: "kubernetes", WorkspaceID: "ws", ACL: []string{"w:ws"}, Limit: 10})
	if tidings.KindOf(err) != tidings.KindUnavailable {
		t.Fatalf("a damaged index answers %v", err)
	}

	if e.Epoch() == epoch {
		t.Error("the epoch is the same")
	}

	if n := countFound(t, e, "kubernetes"); n != 0 {
		t.Errorf("%d hits in an empty index", n)
	}
}

func TestEmbeddedUnreachable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	changeSet(t, file, nil)
	if _, err := search.OpenEmbedded(t.Context(), file, nil); err == nil {
		t.Error("an index inside a file is opened")
	}
}

func TestEmbeddedCancel(t *testing.T) {
	e := openEmbedded(t, t.TempDir())
	putAll(t, e, newDocument(1, "kubernetes"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if _, _, err := e.Search(ctx, tidings.Query{Text: "kubernetes", WorkspaceID: "ws", ACL: []string{"w:ws"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled search answers %v", err)
	}

	if err := e.Put(ctx, []tidings.Document{newDocument(2, "rollback")}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled put answers %v", err)
	}

	if n := countFound(t, e, "kubernetes"); n != 1 {
		t.Errorf("%d hits after a cancelled search", n)
	}
}
