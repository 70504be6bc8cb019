package api

import (
	"time"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// expiryOf is when something ends by a request, which says a time or a length,
// not both; nil when it says neither.
func expiryOf(now time.Time, at *spec.Time, lengthMS *int64) (*time.Time, error) {
	if lengthMS == nil {
		return timeOf(at), nil
	}
	if at != nil {
		return nil, tidings.Invalid("expires_in_ms", "Say a time or a length, not both.")
	}

	end := now.Add(time.Duration(*lengthMS) * time.Millisecond)
	return &end, nil
}

func timeOf(t *spec.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := time.Time(*t)
	return &at
}
