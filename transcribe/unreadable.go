package transcribe

import (
	"errors"

	"tidings.example/tidings/tidings"
)

// unreadableError is an answer of an engine that cannot be read. Another try is
// likely to give the same one.
type unreadableError struct{ error }

// Unwrap gives errors.As the cause.
func (e *unreadableError) Unwrap() error { return e.error }

// unreadable is the error of an engine whose answer cannot be read. The next
// engine is tried at once.
func unreadable(cause error) error {
	return tidings.Wrap(&unreadableError{cause}, tidings.KindUnavailable, "The speech engine gives answers that cannot be read.")
}

// IsUnreadable reports whether an engine answered, but with something that cannot
// be read: a few more tries are enough.
func IsUnreadable(err error) bool {
	var e *unreadableError
	return errors.As(err, &e)
}
