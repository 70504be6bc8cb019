package source

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"mime"
	"strings"

	"tidings.example/tidings/tidings"
)

const partType = "application/octet-stream"

// partKey is random in its end, so that two writers at the same offset never
// overwrite each other's bytes.
func partKey(clip tidings.ID, offset int64) string {
	var b [4]byte
	rand.Read(b[:]) // never fails (Go 1.24)
	return fmt.Sprintf("%s%020d-%s", partPrefix(clip), offset, hex.EncodeToString(b[:]))
}

func partPrefix(clip tidings.ID) string { return "clips/" + string(clip) + "/parts/" }

// originalKey follows from the clip and its size: a sealed original never
// changes, so that a repeated or a second Compact writes the same bytes under
// the same key and there is nothing to race for or to leave behind.
func originalKey(clip tidings.ID, size int64) string {
	sum := crc32.ChecksumIEEE(fmt.Appendf(nil, "%s %d", clip, size))
	return fmt.Sprintf("clips/%s/source/original-%08x", clip, sum)
}

// originalType believes a claimed media type only as far as it is harmless to
// serve.
func originalType(claimed string) string {
	t, _, err := mime.ParseMediaType(claimed)
	if err == nil && (strings.HasPrefix(t, "video/") || strings.HasPrefix(t, "audio/")) {
		return t
	}
	return partType
}
