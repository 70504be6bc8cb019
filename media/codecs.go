package media

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// allCodecs is the RFC 6381 codecs parameter of an initialisation segment with
// several tracks.
func allCodecs(init []byte) string {
	var all []string
	for _, b := range parseBoxes(findBox(init, "moov")) {
		if b.kind == "trak" {
			all = append(all, codecOf(findBox(b.body, "mdia", "minf", "stbl", "stsd")))
		}
	}
	return strings.Join(all, ",")
}

// firstTrackCodec is the RFC 6381 codecs parameter of an initialisation segment
// with one track: "avc1.64001f" from the avcC box, "mp4a.40.2" for AAC, or ""
// when it is neither.
func firstTrackCodec(init []byte) string {
	return codecOf(findBox(init, "moov", "trak", "mdia", "minf", "stbl", "stsd"))
}

func codecOf(stsd []byte) string {
	if len(stsd) < 16 {
		return ""
	}

	entries := parseBoxes(stsd[8:]) // after version, flags and entry count
	if len(entries) == 0 {
		return ""
	}

	e := entries[0]
	switch e.kind {
	case "avc1", "avc3":
		const entryHeader = 78 // bytes of a VisualSampleEntry before its boxes
		if len(e.body) < entryHeader {
			return ""
		}
		if c := findBox(e.body[entryHeader:], "avcC"); len(c) >= 4 {
			return fmt.Sprintf("%s.%02x%02x%02x", e.kind, c[1], c[2], c[3])
		}
	case "mp4a":
		return "mp4a.40." + strconv.Itoa(audioObjectType(e.body))
	}

	return ""
}

// audioObjectType is the audio object type of an mp4a entry's
// AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1); 2, AAC-LC, when it cannot be
// read.
func audioObjectType(entry []byte) int {
	const entryHeader = 28 // bytes of an AudioSampleEntry before its boxes
	if len(entry) < entryHeader {
		return 2
	}

	esds := findBox(entry[entryHeader:], "esds")
	for i := 4; i+2 < len(esds); i++ {
		if esds[i] != 0x05 { // DecoderSpecificInfo
			continue
		}

		j := i + 1
		for j < len(esds) && esds[j]&0x80 != 0 { // expandable length
			j++
		}

		if j+2 < len(esds) {
			if t := int(binary.BigEndian.Uint16(esds[j+1:]) >> 11); t > 0 && t < 31 {
				return t
			}
		}
	}

	return 2
}
