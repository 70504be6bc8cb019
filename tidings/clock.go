package tidings

import (
	"strings"
	"time"
)

// Clock returns the time. Packages take one so that leases, expiry and quiet
// hours can be tested without waiting.
type Clock func() time.Time

// Millis is t as Unix milliseconds, the form in which every time is stored.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// FromMillis is the UTC time of Unix milliseconds.
func FromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// leapSecond ends the minute of a time with one (RFC 3339 section 5.7).
const leapSecond = ":60"

// ParseTime reads an RFC 3339 time, also with lower-case t and z. A leap second,
// which only the last minute of a day in UTC can have, is the first second of
// the next day, as in Unix time.
func ParseTime(text string) (time.Time, error) {
	const minutes, example = len("2006-01-02T15:04"), "2006-01-02T15:04:05Z"
	text = strings.ToUpper(text)
	if len(text) < len(example) || text[minutes] != ':' || strings.Contains(text, ",") { // package time takes 9:05 and a comma
		return time.Time{}, Invalid("time", "An RFC 3339 time is needed.")
	}
	if zone := text[len(text)-len("+00:00"):]; strings.ContainsAny(zone[:1], "+-") && zone[1:] >= "24:00" { // and a zone of a day
		return time.Time{}, Invalid("time", "An RFC 3339 time is needed.")
	}
	if !strings.HasPrefix(text[minutes:], leapSecond) {
		return time.Parse(time.RFC3339Nano, text)
	}

	at, err := time.Parse(time.RFC3339Nano, text[:minutes]+":59"+text[minutes+len(leapSecond):])
	if utc := at.UTC(); err == nil && (utc.Hour() != 23 || utc.Minute() != 59) {
		err = Invalid("time", "There is no leap second in this minute.")
	}

	return at.Add(time.Second), err
}
