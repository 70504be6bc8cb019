package media

import (
	"bytes"
	"encoding/binary"

	"tidings"
)

// container is what the first bytes of an original say it is.
type container struct {
	format string // ffmpeg's demuxer, forced with -f
	// seeks: the index may come last, so the demuxer needs a whole file.
	seeks bool
}

// sniffSize is how many bytes sniff should see, unless the original is
// shorter: recorders are known to send a first chunk of a single byte.
const sniffSize = 30_000

// sniff decides the container from the first bytes of the original, never from
// its name or claimed type, and never lets ffmpeg guess: a text playlist with
// the name of a video would make it open other files.
func sniff(b []byte) (container, error) {
	switch {
	case bytes.HasPrefix(b, []byte{0x1a, 0x45, 0xdf, 0xa3}): // EBML, RFC 8794
		return container{format: "matroska"}, nil
	case len(b) >= 12 && isISOBox(b):
		return container{format: "mov", seeks: !fragmented(b)}, nil
	case bytes.HasPrefix(b, []byte("OggS")): // RFC 3533
		return container{format: "ogg"}, nil
	case len(b) >= 12 && bytes.HasPrefix(b, []byte("RIFF")) && string(b[8:12]) == "WAVE":
		return container{format: "wav"}, nil
	case len(b) >= 12 && bytes.HasPrefix(b, []byte("RIFF")) && string(b[8:12]) == "AVI ":
		return container{format: "avi", seeks: true}, nil
	case bytes.HasPrefix(b, []byte("fLaC")):
		return container{format: "flac"}, nil
	case bytes.HasPrefix(b, []byte("ID3")):
		return container{format: "mp3"}, nil
	case len(b) >= 2 && b[0] == 0xff && b[1]&0xf6 == 0xf0: // ADTS: layer bits are 00
		return container{format: "aac"}, nil
	case len(b) >= 2 && b[0] == 0xff && b[1]&0xe0 == 0xe0 && b[1]&0x06 != 0: // MPEG audio frame
		return container{format: "mp3"}, nil
	case len(b) >= 377 && b[0] == 0x47 && b[188] == 0x47 && b[376] == 0x47: // MPEG-TS packets
		return container{format: "mpegts"}, nil
	}
	return container{}, tidings.Errorf(tidings.KindUnsupported,
		"This is not a recording we can read. Send WebM, MP4, QuickTime, Matroska, Ogg, WAV, MP3, FLAC or AAC.")
}

// isISOBox reports whether the bytes begin with a box of ISO/IEC 14496-12 or
// of old QuickTime.
func isISOBox(b []byte) bool {
	switch string(b[4:8]) {
	case "ftyp", "moov", "mdat", "wide", "free", "skip", "styp":
		return true
	}
	return false
}

// fragmented reports whether a movie can be read as it comes: its header
// (moov) announces fragments (mvex), as live recorders write it.
func fragmented(b []byte) bool {
	for _, box := range boxes(b) {
		switch box.kind {
		case "moov":
			return bytes.Contains(box.body, []byte("mvex"))
		case "mdat":
			return false
		}
	}
	return false
}

// box is one ISO base media box; body may be cut off with the input.
type box struct {
	kind string
	body []byte
}

// boxes lists the boxes at the top of b. It stops at anything odd.
func boxes(b []byte) []box {
	var out []box
	for len(b) >= 8 {
		size, head := uint64(binary.BigEndian.Uint32(b)), uint64(8)
		if size == 1 && len(b) >= 16 {
			size, head = binary.BigEndian.Uint64(b[8:]), 16
		}
		if size == 0 {
			size = uint64(len(b)) // to the end of the file
		}
		if size < head {
			return out
		}
		end := min(size, uint64(len(b)))
		if end < head {
			return out
		}
		out = append(out, box{string(b[4:8]), b[head:end]})
		b = b[end:]
	}
	return out
}
