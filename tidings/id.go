package tidings

import (
	"crypto/rand"
	"encoding/binary"
	"math/bits"
	"strings"
	"sync"
	"time"
)

// ID names a row, an object prefix and a resource of the API: a ULID of 26
// upper-case Crockford base-32 characters, so ids sort by the millisecond they
// were made in (https://github.com/ulid/spec).
type ID string

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID makes an id for the given instant: 48 bits of Unix milliseconds followed
// by 80 random bits. Ids that this process makes in one millisecond increase
// (ULID, "monotonicity"), so that rows listed by id are in the order they were
// made.
func NewID(now time.Time) ID {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	rand.Read(b[6:]) // crypto/rand.Read never returns an error (Go 1.24)
	latestID.Lock()
	defer latestID.Unlock()
	if [6]byte(b[:6]) == [6]byte(latestID.last[:6]) {
		b = addToULID(latestID.last, binary.BigEndian.Uint32(b[12:]))
	}
	latestID.last = b
	return ID(encodeULID(b))
}

// latestID is the latest id of this process.
var latestID struct {
	sync.Mutex
	last [16]byte
}

// addToULID is a ULID increased by steps + 1.
func addToULID(b [16]byte, steps uint32) [16]byte {
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	lo, carry := bits.Add64(lo, uint64(steps)+1, 0)
	binary.BigEndian.PutUint64(b[:8], hi+carry)
	binary.BigEndian.PutUint64(b[8:], lo)
	return b
}

func encodeULID(b [16]byte) string {
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	var out [26]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// ParseID accepts a ULID as the API writes it and reports whether it is one.
func ParseID(s string) (ID, bool) {
	if len(s) != 26 || s[0] > '7' {
		return "", false
	}
	for i := range len(s) {
		if strings.IndexByte(crockford, s[i]) < 0 {
			return "", false
		}
	}
	return ID(s), true
}

// Time is the millisecond the id was made in, or the zero time if it is not a ULID.
func (id ID) Time() time.Time {
	if _, ok := ParseID(string(id)); !ok {
		return time.Time{}
	}
	var ms int64
	for i := range 10 {
		ms = ms<<5 | int64(strings.IndexByte(crockford, id[i]))
	}
	return time.UnixMilli(ms).UTC()
}
