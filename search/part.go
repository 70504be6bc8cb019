package search

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

const (
	partMS  = 30 * 60 * 1000 // the most of a clip that is one row of the index
	overlap = maxTokens      // words of the next part a part ends with
)

// part is a stretch of a clip of at most 30 minutes as it goes into an index,
// so that a long recording is ranked by its best half hour and a growing one
// is indexed again only where it grows. Each part has the title; a phrase
// across a border is found because a part ends with the first words of the
// next. Words of one query have to meet in one part.
type part struct {
	title, description string
	transcript         []string
	next               string // of the next part's transcript
	comments           []string
}

// parts cuts a document up; there is always at least one part.
func parts(d tidings.Document) []part {
	out := make([]part, partOf(lastMS(d))+1)
	for i := range out {
		out[i].title, out[i].description = d.Title, d.Description
	}

	for _, seg := range d.Transcript {
		p := &out[partOf(seg.StartMS)]
		p.transcript = append(p.transcript, seg.Text)
	}

	for i := range out[1:] {
		out[i].next = opening(out[i+1].transcript)
	}

	for _, c := range d.Comments {
		if c.DeletedAt == nil {
			p := &out[partOf(commentMS(d.Comments, c))]
			p.comments = append(p.comments, c.Body)
		}
	}

	return out
}

const (
	partBits = 6
	maxParts = 1 << partBits // 32 hours; what comes later is in the last part
)

func partOf(ms int64) int { return int(min(max(0, ms)/partMS, maxParts-1)) }

// lastMS is where the last thing that is said or written about a clip stands.
func lastMS(d tidings.Document) (ms int64) {
	for _, seg := range d.Transcript {
		ms = max(ms, seg.StartMS)
	}
	for _, c := range d.Comments {
		ms = max(ms, commentMS(d.Comments, c))
	}
	return ms
}

// commentMS is the moment a comment is about: its own, or that of the comment
// it answers, or 0.
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

// opening is enough text to hold the first words of a part.
func opening(texts []string) string {
	text := strings.Join(texts[:min(overlap, len(texts))], " ")
	if tokens := analyze(text); len(tokens) > overlap {
		return text[:tokens[overlap].start]
	}
	return text
}

// sum names a part's content, so that what did not change is left alone.
func (p part) sum() []byte {
	h := sha256.New()
	var n [8]byte
	for _, list := range [][]string{{p.title, p.description, p.next}, p.transcript, p.comments} {
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

// columns are a part's four texts, analyzed, and its vocabulary.
func (p part) columns() (texts [4]string, vocabulary []string) {
	seen := map[string]bool{}
	for i, text := range []string{p.title, p.description, strings.Join(append(slices.Clip(p.transcript), p.next), " "), strings.Join(p.comments, "\n")} {
		tokens := analyze(text)
		texts[i] = terms(tokens)

		for _, t := range tokens {
			if mayBeMeant(t) && !seen[t.term] {
				seen[t.term] = true
				vocabulary = append(vocabulary, t.term)
			}
		}
	}

	slices.Sort(vocabulary)
	return texts, vocabulary
}
