package transcribe_test

import (
	"fmt"
	"io"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
)

// captionCount counts what is wrong with the captions of an engine's transcripts.
type captionCount struct{ captions.CaptionReport }

// addTranscript counts the captions of segments, as rows of a transcript.
func (c *captionCount) addTranscript(segs []tidings.TranscriptSegment) {
	c.AddReport(captions.CheckCaptions(tidings.Transcript{Language: "en", Segments: segs}))
}

// reportCaptions reports the violations, and writes what they are.
func (c *captionCount) reportCaptions(b *testing.B, w io.Writer) {
	b.ReportMetric(float64(c.CountViolations()), "caption-violations")
	fmt.Fprintf(w, "captions: %d cues, violations %v, exceptions %v\n", c.Cues, c.Violations, c.Exceptions)
}
