package tidings

import "time"

// Clock returns the time. Packages take one so that leases, expiry and quiet
// hours can be tested without waiting.
type Clock func() time.Time

// Millis is t as Unix milliseconds, the form in which every time is stored.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// FromMillis is the UTC time of Unix milliseconds.
func FromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
