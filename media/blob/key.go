package blob

import (
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// Limits of a key: S3 allows 1024 bytes, a folder on disk 255 bytes a segment.
const (
	maxKey     = 1024
	maxSegment = 255
)

// checkKey refuses keys that some servers do not keep unchanged: the embedded
// one has a folder for each segment.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey || !utf8.ValidString(key) {
		return tidings.Errorf(tidings.KindInvalid, "An object key has 1 to %d bytes of UTF-8.", maxKey)
	}

	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment == "." || segment == ".." || len(segment) > maxSegment {
			return tidings.Errorf(tidings.KindInvalid, "A segment of an object key has 1 to %d bytes and is no dot.", maxSegment)
		}
	}

	if strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return tidings.Errorf(tidings.KindInvalid, "An object key has no control characters.")
	}
	return nil
}
