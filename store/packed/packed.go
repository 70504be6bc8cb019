// Package packed is the format in which a finished transcript is kept in one
// piece for search (table transcript_speech): its whole text, and behind it what
// finding places in it takes.
package packed

import (
	"encoding/binary"
	"errors"
	"strings"

	"tidings.example/tidings/tidings"
)

// Segment is a transcript segment with packed words. Its fields Seq, Language,
// Version and Words are not kept.
type Segment struct {
	tidings.TranscriptSegment
	words string
}

// NewSegment packs the words of a segment.
func NewSegment(seg tidings.TranscriptSegment) Segment {
	return Segment{
		tidings.TranscriptSegment{ID: seg.ID, StartMS: seg.StartMS, EndMS: seg.EndMS, Text: seg.Text, Speaker: seg.Speaker},
		string(packWords(seg.Text, seg.Words)),
	}
}

// NewSegments packs the words of segments.
func NewSegments(segments []tidings.TranscriptSegment) []Segment {
	out := make([]Segment, len(segments))
	for i, seg := range segments {
		out[i] = NewSegment(seg)
	}
	return out
}

// UnpackWords returns the words with their times.
func (s Segment) UnpackWords() []tidings.Word { return unpackWords(s.Text, s.words) }

// formatVersion is the first byte of a packed transcript.
const formatVersion = 1

var errFormat = errors.New("packed: not a packed transcript")

// Encode writes segments as one text, joined by blanks, and behind it, in
// varints (Protocol Buffers' encoding, as in encoding/binary) and
// length-prefixed strings, the segments: id, start relative to the start of the
// segment before, duration, bytes of text, speaker and words. Times are in
// milliseconds.
func Encode(segments []Segment) []byte {
	size := 16
	for _, seg := range segments {
		size += len(seg.Text) + 1 + len(seg.ID) + len(seg.Speaker) + len(seg.words) + 24
	}

	b := append(make([]byte, 0, size), formatVersion)
	b = appendText(b, segments)
	b = binary.AppendUvarint(b, uint64(len(segments)))

	var start int64
	for _, seg := range segments {
		b = appendString(b, string(seg.ID))
		b = binary.AppendVarint(b, seg.StartMS-start)
		b = binary.AppendVarint(b, seg.EndMS-seg.StartMS)
		b = binary.AppendUvarint(b, uint64(len(seg.Text)))
		b = appendString(b, seg.Speaker)
		b = appendString(b, seg.words)
		start = seg.StartMS
	}

	return b
}

// appendText writes the texts of segments as one string, joined by blanks.
func appendText(b []byte, segments []Segment) []byte {
	size := max(0, len(segments)-1)
	for _, seg := range segments {
		size += len(seg.Text)
	}

	b = binary.AppendUvarint(b, uint64(size))
	for i, seg := range segments {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, seg.Text...)
	}

	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Decode reads what Encode wrote. Its strings share one copy of the body. It
// fails for another format version and for anything Encode cannot have written.
func Decode(body []byte) (text string, segments []Segment, err error) {
	r := reader{b: body, s: string(body)}
	if r.readUint() != formatVersion {
		return "", nil, errFormat
	}

	text = r.readString()
	n := r.readUint()
	if n > uint64(len(body)) {
		return "", nil, errFormat
	}

	segments = make([]Segment, n)
	var start int64
	at := 0
	for i := range segments {
		seg := &segments[i]
		seg.ID = tidings.ID(r.readString())
		start += r.readInt()
		seg.StartMS, seg.EndMS = start, start+r.readInt()
		size := r.readUint()

		if i > 0 {
			if at >= len(text) || text[at] != ' ' {
				return "", nil, errFormat
			}
			at++
		}

		if size > uint64(len(text)-at) {
			return "", nil, errFormat
		}

		seg.Text = text[at : at+int(size)]
		at += int(size)
		seg.Speaker, seg.words = r.readString(), r.readString()
	}

	if r.failed || at != len(text) || len(r.b) > 0 {
		return "", nil, errFormat
	}

	return text, segments, nil
}

// maxWordGap is how far behind the word before, in bytes of the text, a word is
// looked for.
const maxWordGap = 64

// packWords writes the times of the words of a text. Most words are in the text
// one after the other; of these it writes the bytes between and the length.
// A word that is not there is written out.
func packWords(text string, words []tidings.Word) []byte {
	b := make([]byte, 0, 6*len(words))
	at, end := 0, int64(0)
	for _, w := range words {
		ahead := text[at:]
		if i := strings.Index(ahead[:min(len(ahead), maxWordGap+len(w.Text))], w.Text); i >= 0 {
			b = binary.AppendUvarint(b, uint64(i)<<1)
			b = binary.AppendUvarint(b, uint64(len(w.Text)))
			at += i + len(w.Text)
		} else {
			b = binary.AppendUvarint(b, uint64(len(w.Text))<<1|1)
			b = append(b, w.Text...)
		}

		b = binary.AppendVarint(b, w.StartMS-end)
		b = binary.AppendVarint(b, w.EndMS-w.StartMS)
		end = w.EndMS
	}

	return b
}

// unpackWords reads what packWords wrote for a text; it stops at damage.
func unpackWords(text, packed string) (words []tidings.Word) {
	r := reader{b: []byte(packed), s: packed}
	at, end := uint64(0), int64(0)
	for len(r.b) > 0 {
		var w tidings.Word
		if n := r.readUint(); n&1 == 1 {
			w.Text = r.readBytes(n >> 1)
		} else {
			from := at + n>>1
			at = from + r.readUint()
			if from > at || at > uint64(len(text)) {
				return words
			}
			w.Text = text[from:at]
		}

		w.StartMS = end + r.readInt()
		w.EndMS = w.StartMS + r.readInt()
		if end = w.EndMS; r.failed {
			return words
		}

		words = append(words, w)
	}

	return words
}

// reader reads numbers from b and strings from s, which ends with the same
// bytes. After an error it reads zeros.
type reader struct {
	b      []byte
	s      string
	failed bool
}

func (r *reader) readUint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.skipBytes(n)
	return v
}

func (r *reader) readInt() int64 {
	v, n := binary.Varint(r.b)
	r.skipBytes(n)
	return v
}

func (r *reader) skipBytes(n int) {
	if n <= 0 {
		r.failed, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}

func (r *reader) readString() string { return r.readBytes(r.readUint()) }

func (r *reader) readBytes(n uint64) string {
	if n > uint64(len(r.b)) {
		r.failed, r.b = true, nil
		return ""
	}
	from := len(r.s) - len(r.b)
	r.b = r.b[n:]
	return r.s[from : from+int(n)]
}
