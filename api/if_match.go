package api

import (
	"strconv"
	"strings"

	"tidings.example/tidings/tidings"
)

// ifMatch is the version of an If-Match header; nil without one and for "*".
func ifMatch(header *string) (*int64, error) {
	if header == nil || *header == "*" {
		return nil, nil
	}
	text := strings.TrimPrefix(strings.TrimSpace(*header), "W/")
	n, err := strconv.ParseInt(strings.Trim(text, `"`), 10, 64)
	if err != nil {
		return nil, tidings.Invalid("If-Match", `A version in quotes is needed, such as "3".`)
	}
	return &n, nil
}

// expectedVersion is the version to change: that of If-Match, else the current
// one.
func expectedVersion(header *string, now int64) (int64, error) {
	want, err := ifMatch(header)
	if want == nil {
		return now, err
	}
	return *want, err
}
