package store

import (
	"encoding/base64"
	"fmt"
	"math"

	"tidings.example/tidings/tidings"
)

// cursor is a place in a list sorted by (time, id), newest first. It stays
// right while rows are added above it.
type cursor struct {
	ms int64
	id string
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%s", c.ms, c.id))
}

// parseCursor reads a cursor we made; "" is the start of the list.
func parseCursor(text string) (cursor, error) {
	if text == "" {
		return cursor{math.MaxInt64, ""}, nil
	}

	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil && len(raw) < 64 {
		if _, err := fmt.Sscanf(string(raw), "%d.%s", &c.ms, &c.id); err == nil {
			if _, ok := tidings.ParseID(c.id); ok && c.ms >= 0 && c.String() == text {
				return c, nil
			}
		}
	}

	return c, tidings.Invalid("cursor", "This cursor is not one of ours.")
}
