package media

import (
	"net/http"
	"testing"
)

// FuzzRange: a range that is accepted lies within the file and is passed to the
// storage unchanged.
func FuzzRange(f *testing.F) {
	for _, seed := range []string{"bytes=0-3", "bytes=-5", "bytes=4-", "bytes=3-1", "bytes=0-1,3-4", "bytes=", "bytes=-", "bytes=999999999999999999-", "bytes=-0", "lines=1-2", "bytes= 0-3", "bytes=0-999999999999999999"} {
		f.Add(seed, int64(10))
	}

	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}

		got := parseConditions(&http.Request{Header: http.Header{"Range": {header}}}).Range
		if got == "" {
			return
		}
		if got != header {
			t.Fatalf("%q became %q", header, got)
		}

		from, to, ok := parseRange(got, size)
		if ok && (from < 0 || to > size || from >= to) {
			t.Fatalf("%q of %d: [%d, %d)", header, size, from, to)
		}
	})
}
