package tidings

import (
	"crypto/sha256"
	"encoding/base64"
)

// cursorSumSize is the length of a cursor's checksum in bytes. The checksum
// tells a cursor from any other text a client may send; it is no secret, as a
// position in a list gives access to nothing.
const cursorSumSize = 4

// EncodeCursor is the opaque cursor of the page that begins after the item
// with the sort key.
func EncodeCursor(key string) string {
	sum := sha256.Sum256([]byte("cursor\x00" + key))
	return base64.RawURLEncoding.EncodeToString(append([]byte(key), sum[:cursorSumSize]...))
}

// DecodeCursor is the sort key of a cursor; ok is false for anything that
// EncodeCursor has not made.
func DecodeCursor(cursor string) (key string, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < cursorSumSize {
		return "", false
	}
	key = string(raw[:len(raw)-cursorSumSize])
	return key, EncodeCursor(key) == cursor
}
