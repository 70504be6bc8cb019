// Package spec holds the types and the server interface of every JSON call,
// generated from openapi.yaml (`make generate`), and the two types the
// generator has no words for.
package spec

import (
	"encoding/json"
	"fmt"
	"time"

	"tidings.example/tidings/tidings"
)

// Instant is a time as the API writes it: RFC 3339, UTC, always with
// milliseconds.
type Instant time.Time

const instantFormat = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the time in UTC.
func (t Instant) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(t).UTC().Format(instantFormat))
}

// UnmarshalJSON reads any RFC 3339 time of the years 1 to 9999.
func (t *Instant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	at, err := tidings.ParseTime(s)
	if err != nil {
		return fmt.Errorf("%q is not an RFC 3339 time", s)
	}
	*t = Instant(at.UTC())
	return nil
}

// Optional is a field of a patch that may be left out (Set is false), null
// (Value is nil) or a value.
type Optional[T any] struct {
	Set   bool
	Value *T
}

// UnmarshalJSON is called for null and for values, not for what is left out.
func (o *Optional[T]) UnmarshalJSON(b []byte) error {
	o.Set = true
	return json.Unmarshal(b, &o.Value)
}

// MarshalJSON writes null for both a null and what is left out.
func (o Optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Value) }
