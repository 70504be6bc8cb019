package tidings_test

import (
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-24T09:05:00Z":          "2026-11-24T09:05:00Z",
		"2026-11-24t09:05:00z":          "2026-11-24T09:05:00Z",
		"2026-11-24t09:05:00.125+01:00": "2026-11-24T08:05:00.125Z",
		"2026-11-24T09:05:00-23:59":     "2026-11-25T09:04:00Z",
		"2016-12-31T23:59:60Z":          "2017-01-01T00:00:00Z",
		"2016-12-31t23:59:60.5z":        "2017-01-01T00:00:00.5Z",
		"1990-12-31T15:59:60-08:00":     "1991-01-01T00:00:00Z", // the example of RFC 3339
		"2017-01-01T00:59:60.001+01:00": "2017-01-01T00:00:00.001Z",
	} {
		if at, err := tidings.ParseTime(text); err != nil || at.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %v %v, want %s", text, at.UTC(), err, want)
		}
	}

	for _, text := range []string{"", "2026-11-24", "2026-11-24T09:05Z", "2026-11-24T09:05:60Z", "2026-11-24T23:59:61Z", "2016-12-31T23:59:60", "2016-12-31T23:59:600Z", "2026-13-01T00:00:00Z", "2026-11-24T9:05:00.0Z", "2026-11-24T09:05:00,5Z", "2026-11-24T09:05:00+24:00", "2026-11-24T09:05:00-24:00"} {
		if at, err := tidings.ParseTime(text); err == nil {
			t.Errorf("%q is %v", text, at)
		}
	}
}
