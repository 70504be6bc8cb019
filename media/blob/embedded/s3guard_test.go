package embedded

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
)

// TestFlushIsReal: what cannot be flushed fails, with the setting, and only
// with it. A pipe and /dev/null answer fsync(2) with EINVAL.
func TestFlushIsReal(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "bucket"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", filepath.Join(root, "bucket", "key")); err != nil {
		t.Fatal(err)
	}

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()

	for _, fsync := range []bool{true, false} {
		g := &s3guard{root: root, fsync: fsync}
		for what, err := range map[string]error{"flush": g.flushFile(w), "settle": g.flushObject("bucket", "key")} {
			if errors.Is(err, syscall.EINVAL) != fsync || !fsync && err != nil {
				t.Errorf("%s with fsync %v: %v", what, fsync, err)
			}
		}

		if err := g.flushObject("bucket", "gone/since"); err != nil {
			t.Errorf("an object that was deleted since: %v", err)
		}
	}
}

func TestWholeRefusesShortBodies(t *testing.T) {
	for _, c := range []struct {
		body  string
		size  int64
		whole bool
	}{{"", 0, true}, {"abc", 3, true}, {"ab", 3, false}, {"", 1, false}} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{"at once": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "data with EOF": iotest.DataErrReader} {
			got, err := io.ReadAll(requireFullBody(wrap(strings.NewReader(c.body)), &c.size))
			if (err == nil) != c.whole || string(got) != c.body {
				t.Errorf("%q of %d, %s: %q, %v", c.body, c.size, name, got, err)
			}
		}
	}
}

func TestKeyedLocks(t *testing.T) {
	var k keyedMutex
	var wg sync.WaitGroup
	n := map[string]*int{"a": new(int), "b": new(int)}
	for range 50 {
		for name, count := range n {
			wg.Go(func() {
				defer k.lockNamedMutex(name)()

				*count++ // the race detector watches
			})
		}
	}

	wg.Wait()

	if *n["a"] != 50 || *n["b"] != 50 || len(k.by) != 0 {
		t.Fatalf("%d, %d, %d locks are remembered", *n["a"], *n["b"], len(k.by))
	}
}

func TestEscapeGlob(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `a[b]*?\c`)
	if err := os.MkdirAll(filepath.Join(dir, "x.inprogress"), 0o700); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*.inprogress"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
}
