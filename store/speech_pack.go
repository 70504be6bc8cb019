package store

import (
	"encoding/binary"
	"errors"
	"strings"

	"tidings.example/tidings/tidings"
)

// line is a segment in a speech: what a search needs of it, and its words as
// they are packed.
type line struct {
	tidings.TranscriptSegment
	words string
}

func toLine(seg tidings.TranscriptSegment) line {
	return line{
		tidings.TranscriptSegment{ID: seg.ID, StartMS: seg.StartMS, EndMS: seg.EndMS, Text: seg.Text, Speaker: seg.Speaker},
		string(packWords(seg.Text, seg.Words)),
	}
}

// speechFormat is the first byte of a packed speech.
const speechFormat = 1

var errSpeech = errors.New("store: this is no packed speech")

// packSpeech writes a speech as one text and behind it, in varints (Protocol
// Buffers' encoding, as encoding/binary has it) and strings with their lengths
// before them, its segments: id, start since the start before, duration, bytes
// of the text, speaker and words. Times are milliseconds.
func packSpeech(lines []line) []byte {
	size := 16
	for _, l := range lines {
		size += len(l.Text) + 1 + len(l.ID) + len(l.Speaker) + len(l.words) + 24
	}

	b := append(make([]byte, 0, size), speechFormat)
	text := 0
	for i, l := range lines {
		text += len(l.Text) + min(i, 1)
	}

	b = binary.AppendUvarint(b, uint64(text))
	for i, l := range lines {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, l.Text...)
	}

	b = binary.AppendUvarint(b, uint64(len(lines)))
	var before int64
	for _, l := range lines {
		b = appendString(b, string(l.ID))
		b = binary.AppendVarint(b, l.StartMS-before)
		b = binary.AppendVarint(b, l.EndMS-l.StartMS)
		b = binary.AppendUvarint(b, uint64(len(l.Text)))
		b = appendString(b, l.Speaker)
		b = appendString(b, l.words)
		before = l.StartMS
	}

	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// unpackSpeech reads what packSpeech wrote. Its strings are parts of one copy
// of the body.
func unpackSpeech(body []byte) (text string, lines []line, err error) {
	r := unpacker{b: body, s: string(body)}
	if r.uint() != speechFormat {
		return "", nil, errSpeech
	}

	text = r.string()
	n := r.uint()
	if n > uint64(len(body)) {
		return "", nil, errSpeech
	}

	lines = make([]line, n)
	var start int64
	at := 0
	for i := range lines {
		l := &lines[i]
		l.ID = tidings.ID(r.string())
		start += r.int()
		l.StartMS, l.EndMS = start, start+r.int()
		size := r.uint()

		if i > 0 {
			if at >= len(text) || text[at] != ' ' {
				return "", nil, errSpeech
			}
			at++
		}

		if size > uint64(len(text)-at) {
			return "", nil, errSpeech
		}

		l.Text = text[at : at+int(size)]
		at += int(size)
		l.Speaker, l.words = r.string(), r.string()
	}

	if r.bad || at != len(text) || len(r.b) > 0 {
		return "", nil, errSpeech
	}

	return text, lines, nil
}

// wordReach is how far behind the word before, in bytes of the text, a word is
// looked for.
const wordReach = 64

// packWords writes when the words of a text were said. Most stand in the text
// one after the other: of them are written the bytes between and the length.
// What does not stand there is written out.
func packWords(text string, words []tidings.Word) []byte {
	b := make([]byte, 0, 6*len(words))
	at, end := 0, int64(0)
	for _, w := range words {
		rest := text[at:]
		if i := strings.Index(rest[:min(len(rest), wordReach+len(w.Text))], w.Text); i >= 0 {
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

// unpackWords reads what packWords wrote about a text.
func unpackWords(text, packed string) (words []tidings.Word) {
	r := unpacker{b: []byte(packed), s: packed}
	at, end := uint64(0), int64(0)
	for len(r.b) > 0 {
		var w tidings.Word
		if n := r.uint(); n&1 == 1 {
			w.Text = r.take(n >> 1)
		} else {
			from := at + n>>1
			at = from + r.uint()
			if from > at || at > uint64(len(text)) {
				return words
			}
			w.Text = text[from:at]
		}

		w.StartMS = end + r.int()
		w.EndMS = w.StartMS + r.int()
		if end = w.EndMS; r.bad {
			return words
		}

		words = append(words, w)
	}

	return words
}

// unpacker reads numbers from b and strings from s, which ends with the same
// bytes. Once something is bad, it reads zeros.
type unpacker struct {
	b   []byte
	s   string
	bad bool
}

func (r *unpacker) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.skip(n)
	return v
}

func (r *unpacker) int() int64 {
	v, n := binary.Varint(r.b)
	r.skip(n)
	return v
}

func (r *unpacker) skip(n int) {
	if n <= 0 {
		r.bad, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}

func (r *unpacker) string() string { return r.take(r.uint()) }

func (r *unpacker) take(n uint64) string {
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	from := len(r.s) - len(r.b)
	r.b = r.b[n:]
	return r.s[from : from+int(n)]
}
