package media

import (
	"bytes"

	"tidings.example/tidings/tidings"
)

// SniffContinuation refuses (KindUnsupported) bytes that begin a file of their own
// where they are to continue an original with the first bytes head: players would
// end at them, or play them over the beginning. 12 bytes are enough to decide.
// What continues a file may begin in the middle of anything, so nothing else is
// refused.
func SniffContinuation(head, next []byte) error {
	first, err := detectContainer(head)
	if err != nil || !beginsFile(first.format, next) {
		return nil
	}
	return tidings.Errorf(tidings.KindUnsupported, "These bytes begin a file of their own, so they cannot continue this recording. Send them as another clip.")
}

// beginsFile reports whether the bytes are the beginning of a file and cannot
// belong into the middle of one in a format.
func beginsFile(format string, b []byte) bool {
	if len(b) >= 8 && isISOBox(b) {
		kind := string(b[4:8])
		return format != "mov" || kind == "ftyp" || kind == "moov"
	}

	for magic, own := range map[string]string{"\x1a\x45\xdf\xa3": "", "RIFF": "", "fLaC": "", "OggS": "ogg", "ID3": "mp3"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return format != own
		}
	}
	return false
}
