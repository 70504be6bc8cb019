package tidings

import (
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
)

func TestIDSortsByTime(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 200 {
		ids = append(ids, string(NewID(start.Add(time.Duration(i)*time.Millisecond))))
	}
	if !sort.StringsAreSorted(ids) {
		t.Error("ids made one after the other do not sort in that order")
	}
}

func TestIDRoundTrip(t *testing.T) {
	for _, now := range []time.Time{time.UnixMilli(0), time.UnixMilli(1469918176385), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
		id := NewID(now)
		back, ok := ParseID(string(id))
		if !ok || back != id || !back.Time().Equal(now) {
			t.Errorf("NewID(%v) = %s, parsed %v %v", now, id, ok, back.Time())
		}
	}
}

// The ULID specification's own example of a time component.
func TestIDTimeOfSpecExample(t *testing.T) {
	id, ok := ParseID("01ARYZ6S41TSV4RRFFQ69G5FAV")
	if !ok || id.Time().UnixMilli() != 1469918176385 {
		t.Errorf("got %v, %v", ok, id.Time().UnixMilli())
	}
}

func TestParseIDRefuses(t *testing.T) {
	for _, s := range []string{"", "01ARYZ6S41TSV4RRFFQ69G5FA", "01ARYZ6S41TSV4RRFFQ69G5FAVX", "01aryz6s41tsv4rrffq69g5fav",
		"81ARYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41TSV4RRFFQ69G5FAU", "../../../etc/passwd_______", "01ARYZ6S41TSV4RRFFQ69G5F\x00V"} {
		if _, ok := ParseID(s); ok {
			t.Errorf("ParseID(%q) took it", s)
		}
	}
}

// TestIDsOfOneMillisecond: those made later are greater, and still not to be
// told from the one before.
func TestIDsOfOneMillisecond(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	ids := []string{string(NewID(now))}
	for range 10_000 {
		id := NewID(now)
		if !id.Time().Equal(now) {
			t.Fatalf("%s is of %v", id, id.Time())
		}
		ids = append(ids, string(id))
	}

	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Error("not in the order they were made")
	}

	if strings.HasPrefix(ids[1], ids[0][:24]) && strings.HasPrefix(ids[2], ids[1][:24]) {
		t.Errorf("%s, %s and %s are neighbours", ids[0], ids[1], ids[2])
	}

	if got := addToULID([16]byte{6: 0xff, 7: 0xff, 8: 0xff, 9: 0xff, 10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}, 0); got != [16]byte{5: 1} {
		t.Errorf("carried to %v", got)
	}
}
