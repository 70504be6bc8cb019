package api

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"tidings.example/tidings/tidings"
)

// countingReader counts its reads; each returns its number.
type countingReader struct {
	reads int
	err   error
}

func (a *countingReader) readNext() (string, error) {
	a.reads++
	return fmt.Sprint("read ", a.reads), a.err
}

// TestCacheSharesReads: concurrent callers with one key cause one read and all
// get its value.
func TestCacheSharesReads(t *testing.T) {
	var r singleflightCache[string]
	var a countingReader
	started, release := make(chan struct{}), make(chan struct{})
	first := make(chan string, 1)
	go func() {
		got, _ := r.readThrough(cacheKey{1, "c"}, func() (string, error) {
			close(started)
			<-release
			return a.readNext()
		})
		first <- got
	}()

	<-started // the other callers come while it is being read
	var all sync.WaitGroup
	got := make([]string, 100)
	for i := range got {
		all.Go(func() {
			got[i], _ = r.readThrough(cacheKey{1, "c"}, func() (string, error) { return "another read", nil })
		})
	}

	close(release)
	all.Wait()

	for i, text := range append(got, <-first) {
		if text != "read 1" {
			t.Errorf("%d: %q", i, text)
		}
	}

	if a.reads != 1 {
		t.Errorf("read %d times", a.reads)
	}
}

// TestCacheKeys: another event or another resource is another key, and is read
// again.
func TestCacheKeys(t *testing.T) {
	var r singleflightCache[string]
	var a countingReader
	for i, c := range []struct {
		at   cacheKey
		want string
	}{{cacheKey{1, "c"}, "read 1"}, {cacheKey{1, "c"}, "read 1"}, {cacheKey{2, "c"}, "read 2"}, {cacheKey{2, "d"}, "read 3"}, {cacheKey{1, "c"}, "read 1"}, {cacheKey{2, "d"}, "read 3"}} {
		if got, err := r.readThrough(c.at, a.readNext); got != c.want || err != nil {
			t.Errorf("%d: %q, want %q (%v)", i, got, c.want, err)
		}
	}
}

// TestCacheSharesErrors: callers with one key get the same error; the next
// event reads again.
func TestCacheSharesErrors(t *testing.T) {
	var r singleflightCache[string]
	a := countingReader{err: tidings.NotFound()}
	for range 2 {
		if _, err := r.readThrough(cacheKey{1, "c"}, a.readNext); !errors.Is(err, a.err) || a.reads != 1 {
			t.Errorf("%v after %d", err, a.reads)
		}
	}

	a.err = nil
	if got, err := r.readThrough(cacheKey{2, "c"}, a.readNext); got != "read 2" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

// TestCacheEvictsOldest: the cache keeps maxCacheEntries values, evicts the
// oldest, and reads an evicted key again.
func TestCacheEvictsOldest(t *testing.T) {
	var r singleflightCache[string]
	var a countingReader
	for i := range 10 * maxCacheEntries {
		if _, err := r.readThrough(cacheKey{int64(i), "c"}, a.readNext); err != nil {
			t.Fatal(err)
		}
	}

	if len(r.entries) != maxCacheEntries || len(r.oldest) != maxCacheEntries {
		t.Errorf("%d and %d are kept", len(r.entries), len(r.oldest))
	}

	for _, c := range []struct {
		serial int64
		want   int // reads after it
	}{{10*maxCacheEntries - 1, 10 * maxCacheEntries}, {9 * maxCacheEntries, 10 * maxCacheEntries}, {0, 10*maxCacheEntries + 1}, {0, 10*maxCacheEntries + 1}} {
		if _, err := r.readThrough(cacheKey{c.serial, "c"}, a.readNext); err != nil || a.reads != c.want {
			t.Errorf("%d: %d reads, want %d (%v)", c.serial, a.reads, c.want, err)
		}
	}
}
