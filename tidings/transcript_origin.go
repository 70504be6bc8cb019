package tidings

import (
	"slices"
	"strings"
	"time"
)

// SegmentOrigin says who wrote the words of a transcript segment last.
type SegmentOrigin string

// The origins of segments. Whom a segment was edited by, and when, is
// TranscriptSegment.EditedBy and EditedAt.
const (
	OriginUnknown  SegmentOrigin = ""         // from before origins were stored
	OriginMachine  SegmentOrigin = "machine"  // the transcript's engine
	OriginEdited   SegmentOrigin = "edited"   // a person
	OriginImported SegmentOrigin = "imported" // a captions file
)

// WithOrigins is the edit with the origins of its new segments. Only words that
// a person wrote change an origin: names of speakers, replacements by the
// glossary, splitting and joining keep it.
func (e TranscriptEdit) WithOrigins(now time.Time) TranscriptEdit {
	if e.Kind == EditSpeaker || e.Kind == EditGlossary || slices.Equal(wordsOfSegments(e.From), wordsOfSegments(e.To)) {
		return e
	}

	e.To = slices.Clone(e.To)
	for i := range e.To {
		e.To[i].Origin, e.To[i].EditedBy, e.To[i].EditedAt = OriginEdited, e.UserID, &now
	}

	return e
}

// wordsOfSegments are the words of segments, in order.
func wordsOfSegments(segments []TranscriptSegment) []string {
	var out []string
	for _, g := range segments {
		out = append(out, strings.Fields(g.Text)...)
	}
	return out
}

// joinOrigins gives a joined segment the newest edit of its parts, or else the
// origin of the part that is less certainly a machine's.
func joinOrigins(joined, a, b TranscriptSegment) TranscriptSegment {
	if originRank(b) > originRank(a) || bothEdited(a, b) && editedAfter(b, a) {
		joined.Origin, joined.EditedBy, joined.EditedAt = b.Origin, b.EditedBy, b.EditedAt
	}
	return joined
}

// originRank orders origins: of two joined segments the higher one counts.
func originRank(g TranscriptSegment) int {
	return slices.Index([]SegmentOrigin{OriginMachine, OriginUnknown, OriginImported, OriginEdited}, g.Origin)
}

func bothEdited(a, b TranscriptSegment) bool {
	return a.Origin == OriginEdited && b.Origin == OriginEdited
}

// editedAfter reports whether a was edited after b.
func editedAfter(a, b TranscriptSegment) bool {
	return a.EditedAt != nil && (b.EditedAt == nil || a.EditedAt.After(*b.EditedAt))
}
