package source

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"mime"
	"path"
	"strconv"
	"strings"

	"tidings.example/tidings/tidings"
)

const partType = "application/octet-stream"

// partKey has random digits: two writers at one offset do not overwrite each
// other's objects. It ends in the number of the upload's continuation, if it is
// one.
func partKey(u tidings.Upload) string {
	var b [4]byte
	rand.Read(b[:]) // never fails (Go 1.24)
	key := fmt.Sprintf("%s%020d-%s", partPrefix(u.ClipID), u.Offset, hex.EncodeToString(b[:]))
	if u.Continuations > 0 {
		key = fmt.Sprintf("%s-%d", key, u.Continuations)
	}
	return key
}

// isOfLaterContinuation reports whether the key of a part or an original is of a
// recorder that went on after the upload was as in u.
func isOfLaterContinuation(u tidings.Upload, key string) bool {
	words := strings.Split(path.Base(key), "-")
	if len(words) < 3 {
		return false
	}
	n, err := strconv.ParseInt(words[2], 10, 64)
	return err == nil && n > u.Continuations
}

func partPrefix(clip tidings.ID) string { return "clips/" + string(clip) + "/parts/" }

func originalPrefix(clip tidings.ID) string { return "clips/" + string(clip) + "/source/" }

// originalKey is a function of the clip, its size and the number of its
// continuation. A sealed original does not change, so concurrent and repeated runs
// of Compact write the same bytes under the same key.
func originalKey(u tidings.Upload) string {
	sum := crc32.ChecksumIEEE(fmt.Appendf(nil, "%s %d", u.ClipID, u.Offset))
	key := fmt.Sprintf("%soriginal-%08x", originalPrefix(u.ClipID), sum)
	if u.Continuations > 0 {
		key = fmt.Sprintf("%s-%d", key, u.Continuations)
	}
	return key
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
