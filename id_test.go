package tidings

import (
	"sort"
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
