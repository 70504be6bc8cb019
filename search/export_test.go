package search

import (
	"strings"

	"tidings.example/tidings/tidings"
)

// Moments is Finder.Moments for one document that has its transcript with it.
func Moments(d tidings.Document, q tidings.Query) []tidings.Moment {
	want := requiredTerms(parseTerms(q.Text))
	if len(want) == 0 {
		return nil
	}
	return findMoments(d, q.In, want, analyzeTranscript(joinSegments(d.Transcript)))
}

// joinSegments is the transcript of segments that have their words with them.
func joinSegments(segments []tidings.TranscriptSegment) tidings.TranscriptText {
	texts := make([]string, len(segments))
	for i, seg := range segments {
		texts[i] = seg.Text
	}
	return tidings.TranscriptText{Text: strings.Join(texts, " "), Segments: segments, Words: func(i int) []tidings.Word { return segments[i].Words }}
}
