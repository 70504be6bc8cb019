package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// searchCursor is the start of a page: how many clips come before it, when the
// first page was requested, and the search it belongs to.
type searchCursor struct {
	offset int
	since  time.Time
	of     string
}

// String writes the cursor of an answer.
func (c searchCursor) String() string {
	return tidings.EncodeCursor(fmt.Sprintf("%d.%d.%s", c.offset, tidings.Millis(c.since), c.of))
}

// searchCursor parses the cursor of a request. A cursor of another search is
// refused, because its offset means nothing here.
func (h *searchHandlers) searchCursor(p spec.SearchParams, ws tidings.ID) (c searchCursor, err error) {
	c = searchCursor{since: h.clock(), of: searchSum(p, ws)}
	if spec.Deref(p.Cursor) == "" {
		return c, nil
	}

	key, ok := tidings.DecodeCursor(*p.Cursor)
	if !ok {
		return c, badCursor()
	}

	parts := strings.Split(key, ".")
	if len(parts) != 3 {
		return c, badCursor()
	}
	if c.offset, err = strconv.Atoi(parts[0]); err != nil || c.offset < 0 || c.offset > maxOffset {
		return c, badCursor()
	}

	ms, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || ms < 0 || ms > tidings.Millis(c.since) {
		return c, badCursor()
	}
	if parts[2] != c.of {
		return c, tidings.Invalid("cursor", "This cursor belongs to another search.")
	}

	c.since = tidings.FromMillis(ms)
	return c, nil
}

// searchSum identifies a search, whichever page of it is requested.
func searchSum(p spec.SearchParams, ws tidings.ID) string {
	p.Cursor, p.Limit, p.Workspace = nil, nil, nil
	text, err := json.Marshal(p)
	if err != nil { // strings only
		return ""
	}
	sum := sha256.Sum256(append(text, ws...))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}
