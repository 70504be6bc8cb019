package media

import "encoding/binary"

// box is one box of ISO/IEC 14496-12 (MP4, QuickTime).
type box struct {
	kind string
	size uint64 // as announced, header included; may exceed the input
	body []byte // shorter than announced when the input is truncated
}

// parseBoxes lists the top-level boxes of b. It stops at the first malformed
// one.
func parseBoxes(b []byte) []box {
	var out []box
	for len(b) >= 8 {
		size, header := uint64(binary.BigEndian.Uint32(b)), uint64(8)
		if size == 1 && len(b) >= 16 {
			size, header = binary.BigEndian.Uint64(b[8:]), 16
		}

		if size == 0 {
			size = uint64(len(b)) // to the end of the file
		}

		end := min(size, uint64(len(b)))
		if end < header {
			return out
		}

		out = append(out, box{string(b[4:8]), size, b[header:end]})
		b = b[end:]
	}

	return out
}

// findBox descends through nested boxes and returns the body of the last one,
// nil when the path does not exist.
func findBox(b []byte, path ...string) []byte {
	for _, kind := range path {
		var next []byte
		for _, box := range parseBoxes(b) {
			if box.kind == kind {
				next = box.body
				break
			}
		}

		if next == nil {
			return nil
		}

		b = next
	}
	return b
}
