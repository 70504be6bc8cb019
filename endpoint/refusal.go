package endpoint

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ParseRetryAfter is how long an answer asks to wait, by its header Retry-After (RFC
// 9110 section 10.2.3): seconds or a date; 0 = it does not.
func ParseRetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// Excerpt is the beginning of an answer on one line, for the log. Some servers
// repeat the key that they refuse: it is replaced before anything is cut off, so
// that no part of it remains.
func Excerpt(answer []byte, key string) string {
	const most = 300 // bytes
	text := string(answer)
	if key != "" {
		text = strings.ReplaceAll(text, key, "(key)")
	}

	text = strings.Join(strings.Fields(text[:min(len(text), 10*most)]), " ")
	return strings.ToValidUTF8(text[:min(len(text), most)], "\uFFFD")
}
