package transcribe

import (
	"errors"
	"fmt"

	"tidings.example/tidings/tidings"
)

// unreadableError is an answer of an engine that cannot be read. Another try is
// likely to give the same one.
type unreadableError struct{ error }

// Unwrap gives errors.As the cause.
func (e *unreadableError) Unwrap() error { return e.error }

// unreadableAnswerError is the error of an engine whose answer cannot be read. The next
// engine is tried at once.
func unreadableAnswerError(cause error) error {
	return tidings.Wrap(&unreadableError{cause}, tidings.KindUnavailable, "The speech engine gives answers that cannot be read.")
}

// muchSpeech is how many words a draft has that no better transcript without any
// word may replace. Noise gives a draft a few.
const muchSpeech = 10

// nothingHeardError is the error of an engine that has heard nothing in a clip whose draft
// has so many words.
func nothingHeardError(words int) error {
	cause := fmt.Errorf("no words, and the draft has %d", words)
	return tidings.Wrap(&unreadableError{cause}, tidings.KindUnavailable, "The speech engine heard nothing in a clip in which somebody speaks.")
}

// IsUnreadable reports whether an engine answered, but with something that cannot
// be read, or cannot be right: a few more tries are enough.
func IsUnreadable(err error) bool {
	var e *unreadableError
	return errors.As(err, &e)
}
