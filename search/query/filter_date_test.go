package query

import (
	"testing"
	"time"
)

// TestParsePeriodZone: days are those of the zone, also where clocks change.
func TestParsePeriodZone(t *testing.T) {
	for _, c := range []struct{ zone, now, word, start, end string }{
		{"America/Los_Angeles", "2026-11-30T01:50:00Z", "today", "2026-11-29T08:00:00Z", "2026-11-30T08:00:00Z"},
		{"America/Los_Angeles", "2026-11-30T01:50:00Z", "sunday", "2026-11-29T08:00:00Z", "2026-11-30T08:00:00Z"},
		{"America/Los_Angeles", "2026-11-30T01:50:00Z", "monday", "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"},
		{"Pacific/Auckland", "2026-11-29T12:00:00Z", "monday", "2026-11-29T11:00:00Z", "2026-11-30T11:00:00Z"},
		{"Asia/Kolkata", "2026-11-29T12:00:00Z", "2026-11", "2026-10-31T18:30:00Z", "2026-11-30T18:30:00Z"},
		{"Europe/Vienna", "2026-11-29T12:00:00Z", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"Europe/Vienna", "2026-11-29T12:00:00Z", "2026", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"},
		{"Asia/Beirut", "2026-11-29T12:00:00Z", "2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"}, // begins at one o'clock
		{"Europe/Vienna", "2026-11-29T12:00:00Z", "2026-11-29T10:00:00+01:00", "2026-11-29T09:00:00Z", "2026-11-29T09:00:00Z"},
		{"Europe/Vienna", "2026-03-29T12:00:00Z", "1d", "2026-03-28T13:00:00Z", "2026-03-28T13:00:00Z"}, // the same time of the day before
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}

		at, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}

		start, end, ok := parsePeriod(c.word, at.In(zone))
		if got := start.Format(time.RFC3339) + " " + end.Format(time.RFC3339); !ok || got != c.start+" "+c.end {
			t.Errorf("%s in %s: %s, %v, want %s %s", c.word, c.zone, got, ok, c.start, c.end)
		}
	}
}
