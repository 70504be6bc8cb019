package captions

import "tidings.example/tidings/tidings"

// ParseProgramVTT parses WebVTT as speech programs write it: they escape nothing,
// so "R&D" and "a < b" are text, and "<" begins a tag only if one follows. Cues
// may be in any order, and may end before they start; STYLE and REGION blocks
// are skipped.
func ParseProgramVTT(b []byte) ([]tidings.TranscriptSegment, error) { return parseVTT(b, true) }

// ParseProgramSRT parses SubRip as speech programs write it: in any order, and
// with captions that may end before they start.
func ParseProgramSRT(b []byte) ([]tidings.TranscriptSegment, error) { return parseSRT(b, true) }
