package api

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"tidings.example/tidings/tidings"
)

// asked counts how often something is read; what it reads tells which time it was.
type asked struct {
	times int
	fails error
}

func (a *asked) read() (string, error) {
	a.times++
	return fmt.Sprint("read ", a.times), a.fails
}

// TestReadsAreShared: at one moment a resource is read once, however many ask
// at the same time, and all of them get what was read.
func TestReadsAreShared(t *testing.T) {
	var r singleflightCache[string]
	var a asked
	began, go1 := make(chan struct{}), make(chan struct{})
	first := make(chan string, 1)
	go func() {
		got, _ := r.get(cacheKey{1, "c"}, func() (string, error) {
			close(began)
			<-go1
			return a.read()
		})
		first <- got
	}()

	<-began // the others ask while it is being read
	var all sync.WaitGroup
	got := make([]string, 100)
	for i := range got {
		all.Go(func() {
			got[i], _ = r.get(cacheKey{1, "c"}, func() (string, error) { return "another read", nil })
		})
	}

	close(go1)
	all.Wait()

	for i, text := range append(got, <-first) {
		if text != "read 1" {
			t.Errorf("%d: %q", i, text)
		}
	}

	if a.times != 1 {
		t.Errorf("read %d times", a.times)
	}
}

// TestReadsAreOfTheirMoment: another event, or another resource, is read anew.
func TestReadsAreOfTheirMoment(t *testing.T) {
	var r singleflightCache[string]
	var a asked
	for i, c := range []struct {
		at   cacheKey
		want string
	}{{cacheKey{1, "c"}, "read 1"}, {cacheKey{1, "c"}, "read 1"}, {cacheKey{2, "c"}, "read 2"}, {cacheKey{2, "d"}, "read 3"}, {cacheKey{1, "c"}, "read 1"}, {cacheKey{2, "d"}, "read 3"}} {
		if got, err := r.get(c.at, a.read); got != c.want || err != nil {
			t.Errorf("%d: %q, want %q (%v)", i, got, c.want, err)
		}
	}
}

// TestReadsTellWhyThereIsNothing: who asks at the same moment hears the same
// error; the next event asks again.
func TestReadsTellWhyThereIsNothing(t *testing.T) {
	var r singleflightCache[string]
	a := asked{fails: tidings.NotFound()}
	for range 2 {
		if _, err := r.get(cacheKey{1, "c"}, a.read); !errors.Is(err, a.fails) || a.times != 1 {
			t.Errorf("%v after %d", err, a.times)
		}
	}

	a.fails = nil
	if got, err := r.get(cacheKey{2, "c"}, a.read); got != "read 2" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

// TestReadsAreForgotten: so many are kept and no more, the oldest go first, and
// what was forgotten is read again.
func TestReadsAreForgotten(t *testing.T) {
	var r singleflightCache[string]
	var a asked
	for i := range 10 * maxCacheEntries {
		if _, err := r.get(cacheKey{int64(i), "c"}, a.read); err != nil {
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
		if _, err := r.get(cacheKey{c.serial, "c"}, a.read); err != nil || a.times != c.want {
			t.Errorf("%d: %d reads, want %d (%v)", c.serial, a.times, c.want, err)
		}
	}
}
