package transcribe_test

import (
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// TestRefinedToNothing: a transcript without words does not replace a draft with
// many; it does replace the few that noise gave.
func TestRefinedToNothing(t *testing.T) {
	t.Parallel()
	w, rough, fine, step := newRefineFixture(t)
	rough.Segments, fine.Segments = nil, nil
	text := ""
	for i := range int64(10) {
		rough.Segments = append(rough.Segments, oneWordSegment(i*200, "word"))
		text += " word"
	}

	err := step.Transcribe(t.Context(), w.leaseStep())
	if !transcribe.IsUnreadable(err) || tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("%v", err)
	}
	w.expectShown(text[1:], "drafter", true)

	w, rough, fine, step = newRefineFixture(t)
	rough.Segments, fine.Segments = rough.Segments[:1], nil
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Errorf("%v", err)
	}
	w.expectShown("", "better", false)
}
