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

// partKey ends in random digits: two writers at one offset do not overwrite each
// other's objects.
func partKey(clip tidings.ID, offset int64) string {
	var b [4]byte
	rand.Read(b[:]) // never fails (Go 1.24)
	return fmt.Sprintf("%s%020d-%s", partPrefix(clip), offset, hex.EncodeToString(b[:]))
}

func partPrefix(clip tidings.ID) string { return "clips/" + string(clip) + "/parts/" }

// originalKey is a function of the clip and its size. A sealed original does not
// change, so concurrent and repeated runs of Compact write the same bytes under
// the same key.
func originalKey(clip tidings.ID, size int64) string {
	sum := crc32.ChecksumIEEE(fmt.Appendf(nil, "%s %d", clip, size))
	return fmt.Sprintf("clips/%s/source/original-%08x", clip, sum)
}

// originalType returns the claimed media type if it is audio or video, which are
// safe to serve, else application/octet-stream.
func originalType(claimed string) string {
	t, _, err := mime.ParseMediaType(claimed)
	if err == nil && (strings.HasPrefix(t, "video/") || strings.HasPrefix(t, "audio/")) {
		return t
	}
	return partType
}
