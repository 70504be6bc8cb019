package search

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"tidings.example/tidings/tidings"
)

// passage is a piece of a clip's text whose meaning is indexed: a sentence or two
// of the transcript, a comment, or title and description. Its checksum stands for
// it in the index, so that what is not in the clip any more is never shown.
type passage struct {
	source   string // as in tidings.Moment
	text     string
	sum      uint64
	from     int      // of the transcript: its first byte in the text of all segments
	location location // of all text that is not the transcript
}

const (
	shortPassage = 60   // bytes; shorter ones are joined with what follows
	longPassage  = 600  // bytes; longer ones are cut between words
	maxPassages  = 4096 // of a clip; later ones are not indexed
)

// splitPassages splits a document, whose transcript is given apart. A passage that
// occurs twice is there once.
func splitPassages(d tidings.Document, transcript tidings.TranscriptText) []passage {
	title := strings.Trim(d.Title+". "+d.Description, ". ")
	out := cutPassage(passage{source: "title", text: title, location: location{id: d.ClipID}})
	for _, c := range d.Comments {
		if c.DeletedAt == nil {
			out = append(out, cutPassage(passage{source: "comment", text: c.Body, location: location{c.ID, commentMS(d.Comments, c), c.Author.Name}})...)
		}
	}

	out = append(out, transcriptPassages(transcript)...)
	seen, kept := map[uint64]bool{}, out[:0]
	for _, p := range out {
		p.text = strings.TrimSpace(p.text)
		if p.sum = p.checksum(); p.text != "" && !seen[p.sum] && len(kept) < maxPassages {
			seen[p.sum], kept = true, append(kept, p)
		}
	}

	return kept
}

// transcriptPassages splits a transcript at the borders of segments. None reaches
// across a pause.
func transcriptPassages(transcript tidings.TranscriptText) (out []passage) {
	from, at := 0, 0 // of the passage, of the segment
	var end int64
	for i, seg := range transcript.Segments {
		size := at - from
		if size >= shortPassage || size > 0 && (seg.StartMS-end > pauseMS || size+len(seg.Text) > longPassage) {
			out = append(out, cutPassage(passage{source: "transcript", text: transcript.Text[from : at-1], from: from})...)
			from = at
		}

		at, end = at+len(seg.Text)+1, max(end, seg.EndMS)
		if i == len(transcript.Segments)-1 {
			out = append(out, cutPassage(passage{source: "transcript", text: transcript.Text[from:], from: from})...)
		}
	}
	return out
}

// cutPassage divides a passage that is too long.
func cutPassage(p passage) (out []passage) {
	for len(p.text) > longPassage {
		n := strings.LastIndexByte(p.text[:longPassage], ' ')
		if n <= 0 {
			n = len(strings.ToValidUTF8(p.text[:longPassage], ""))
		}
		if n == 0 { // not UTF-8
			return out
		}

		head := p
		head.text = p.text[:n]
		out = append(out, head)
		p.text, p.from = p.text[n:], p.from+n
	}
	return append(out, p)
}

func (p passage) checksum() uint64 {
	sum := sha256.Sum256([]byte(p.source + "\x00" + p.text))
	return binary.LittleEndian.Uint64(sum[:])
}

// joinedTranscript is the transcript of a document as one text.
func joinedTranscript(segments []tidings.TranscriptSegment) tidings.TranscriptText {
	texts := make([]string, len(segments))
	for i, seg := range segments {
		texts[i] = seg.Text
	}
	return tidings.TranscriptText{Text: strings.Join(texts, " "), Segments: segments}
}
