package search

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

const (
	chunkMS      = 30 * 60 * 1000 // the longest stretch of a clip that is one chunk
	chunkOverlap = maxTokens      // words of the next chunk a chunk ends with
)

// indexChunk is the text of at most 30 minutes of a clip as it is indexed, so that
// a long recording is ranked by its best half hour and a growing one is indexed
// again only where it grows. Each chunk has the title. A phrase across a border is
// found because a chunk ends with the first words of the next. All words of a query
// have to be in one chunk.
type indexChunk struct {
	title, description string
	transcript         []string
	nextWords          string // chunk's first words
	comments           []string
}

// splitChunks splits a document; there is always at least one chunk.
func splitChunks(d tidings.Document) []indexChunk {
	out := make([]indexChunk, chunkOf(lastMS(d))+1)
	for i := range out {
		out[i].title, out[i].description = d.Title, d.Description
	}

	for _, seg := range d.Transcript {
		p := &out[chunkOf(seg.StartMS)]
		p.transcript = append(p.transcript, seg.Text)
	}

	for i := range out[1:] {
		out[i].nextWords = firstWords(out[i+1].transcript)
	}

	for _, c := range d.Comments {
		if c.DeletedAt == nil {
			p := &out[chunkOf(commentMS(d.Comments, c))]
			p.comments = append(p.comments, c.Body)
		}
	}

	return out
}

const (
	chunkBits = 6
	maxChunks = 1 << chunkBits // 32 hours; later text is in the last chunk
)

func chunkOf(ms int64) int { return int(min(max(0, ms)/chunkMS, maxChunks-1)) }

// lastMS is the time of the last segment or comment of a clip.
func lastMS(d tidings.Document) (ms int64) {
	for _, seg := range d.Transcript {
		ms = max(ms, seg.StartMS)
	}
	for _, c := range d.Comments {
		ms = max(ms, commentMS(d.Comments, c))
	}
	return ms
}

// commentMS is the time a comment is about: its own, or that of the comment it
// answers, or 0.
func commentMS(all []tidings.Comment, c tidings.Comment) int64 {
	if c.AtMS != nil {
		return *c.AtMS
	}
	i := slices.IndexFunc(all, func(p tidings.Comment) bool { return c.ParentID != "" && p.ID == c.ParentID && p.AtMS != nil })
	if i < 0 {
		return 0
	}
	return *all[i].AtMS
}

// firstWords is the beginning of a text, of chunkOverlap words.
func firstWords(texts []string) string {
	text := strings.Join(texts[:min(chunkOverlap, len(texts))], " ")
	if tokens := analyzeText(text); len(tokens) > chunkOverlap {
		return text[:tokens[chunkOverlap].start]
	}
	return text
}

// contentHash identifies the content, so that unchanged chunks are not written
// again.
func (p indexChunk) contentHash() []byte {
	h := sha256.New()
	var n [8]byte
	for _, list := range [][]string{{p.title, p.description, p.nextWords}, p.transcript, p.comments} {
		binary.LittleEndian.PutUint64(n[:], uint64(len(list)))
		h.Write(n[:])
		for _, s := range list {
			binary.LittleEndian.PutUint64(n[:], uint64(len(s)))
			h.Write(n[:])
			h.Write([]byte(s))
		}
	}

	return h.Sum(nil)
}

// analyzedFields are the four analyzed texts of a chunk (title, description,
// transcript, comments) and its sorted vocabulary.
func (p indexChunk) analyzedFields() (texts [4]string, vocabulary []string) {
	seen := map[string]bool{}
	for i, text := range []string{p.title, p.description, strings.Join(append(slices.Clip(p.transcript), p.nextWords), " "), strings.Join(p.comments, "\n")} {
		tokens := analyzeText(text)
		texts[i] = indexedText(text, tokens)

		for _, t := range tokens {
			if inVocabulary(t) && !seen[t.term] {
				seen[t.term] = true
				vocabulary = append(vocabulary, t.term)
			}
		}
	}

	slices.Sort(vocabulary)
	return texts, vocabulary
}
