package store

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tidings.example/tidings/tidings"
)

// timeCursor is a position in a list sorted by (time, id), newest first. Rows
// added above it do not move it.
type timeCursor struct {
	ms int64
	id string
}

func (c timeCursor) String() string { return tidings.EncodeCursor(fmt.Sprintf("%d.%s", c.ms, c.id)) }

// parseTimeCursor reads the cursor of a request; "" is the start of the list.
func parseTimeCursor(text string) (timeCursor, error) {
	if text == "" {
		return timeCursor{math.MaxInt64, ""}, nil
	}

	invalid := tidings.Invalid("cursor", "This cursor is not one of ours.")
	key, ok := tidings.DecodeCursor(text)
	if !ok {
		return timeCursor{}, invalid
	}

	time, id, _ := strings.Cut(key, ".")
	ms, err := strconv.ParseInt(time, 10, 64)
	if _, ok := tidings.ParseID(id); !ok || err != nil || ms < 0 {
		return timeCursor{}, invalid
	}

	c := timeCursor{ms, id}
	if c.String() != text { // the number is not in its canonical form
		return timeCursor{}, invalid
	}

	return c, nil
}
