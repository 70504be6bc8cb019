package media

import (
	"bytes"

	"tidings.example/tidings/tidings"
)

// container is the file format found in the first bytes of an original.
type container struct {
	format string // ffmpeg's demuxer, forced with -f
	// needsSeek: the index may come last, so the demuxer needs a complete file.
	needsSeek bool
}

// sniffSize is how many bytes detectContainer gets, unless the original is
// shorter. Some recorders send a first chunk of a single byte, but audio of 32
// kbit/s should not wait longer than 2 s either. The probe reads more if it
// must.
const sniffSize = 8 << 10

// Sniff refuses (KindUnsupported) an original whose first bytes are not a
// supported container; 32 KiB, or the whole original, are enough to decide.
func Sniff(head []byte) error {
	_, err := detectContainer(head)
	return err
}

// detectContainer decides the container from the first bytes of the original,
// never from its name or declared type, and never lets ffmpeg guess: a text
// playlist with the name of a video would make ffmpeg open other files.
func detectContainer(b []byte) (container, error) {
	switch {
	case bytes.HasPrefix(b, []byte{0x1a, 0x45, 0xdf, 0xa3}): // EBML, RFC 8794
		return container{format: "matroska"}, nil
	case len(b) >= 12 && isISOBox(b):
		return container{format: "mov", needsSeek: !isMoovFirst(b)}, nil
	case bytes.HasPrefix(b, []byte("OggS")): // RFC 3533
		return container{format: "ogg"}, nil
	case len(b) >= 12 && bytes.HasPrefix(b, []byte("RIFF")) && string(b[8:12]) == "WAVE":
		return container{format: "wav"}, nil
	case len(b) >= 12 && bytes.HasPrefix(b, []byte("RIFF")) && string(b[8:12]) == "AVI ":
		return container{format: "avi", needsSeek: true}, nil
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

// isMoovFirst reports whether an MP4 can be read as a stream: its header (moov)
// precedes the samples (mdat) and is small enough to be probed in memory. That
// is true of fragmented MP4, as live recorders write it, and of files made with
// "faststart".
func isMoovFirst(b []byte) bool {
	var at uint64
	for _, box := range parseBoxes(b) {
		at += box.size
		switch box.kind {
		case "moov":
			return at <= maxHead
		case "mdat":
			return false
		}
	}

	return false
}

// maxHead bounds the bytes kept in memory before the streams are known.
const maxHead = 4 << 20
