package search

import (
	"time"

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
	text := joinedTranscript(segments)
	text.Words = func(i int) []tidings.Word { return segments[i].Words }
	return text
}

// JoinSegments is the transcript of segments that have their words with them.
func JoinSegments(segments []tidings.TranscriptSegment) tidings.TranscriptText {
	return joinSegments(segments)
}

// WaitForVectors makes searches wait for the vectors of their queries, however busy
// the machine is.
func (s *SimilarSearch) WaitForVectors() *SimilarSearch {
	s.patience = time.Hour
	return s
}
