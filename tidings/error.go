package tidings

import (
	"errors"
	"fmt"
)

// Kind classifies errors. It is the `code` of an API problem (RFC 9457);
// api/response maps it to the HTTP status.
type Kind string

// The kinds. An error without one is KindInternal: logged once, never shown.
const (
	KindInvalid         Kind = "invalid"
	KindUnauthenticated Kind = "unauthenticated"
	KindForbidden       Kind = "forbidden"
	KindNotFound        Kind = "not_found"
	KindNotReady        Kind = "not_ready" // exists, but is not made yet
	KindConflict        Kind = "conflict"
	KindStale           Kind = "stale"      // If-Match names an older version
	KindKeyReused       Kind = "key_reused" // the Idempotency-Key belongs to another request
	KindGone            Kind = "gone"
	KindTooLarge        Kind = "too_large"
	KindUnsupported     Kind = "unsupported_media"
	KindChecksum        Kind = "checksum" // tus: the bytes do not match their checksum
	KindQuota           Kind = "quota"
	KindRateLimited     Kind = "rate_limited"
	KindUnavailable     Kind = "unavailable"
	KindStorageFull     Kind = "storage_full" // a disk or the bucket; see IsStorageFull
	KindDamaged         Kind = "damaged"      // what is stored is not what was stored
	KindInternal        Kind = "internal"
)

// Error carries a kind, a sentence that is safe to show to anyone, and the
// cause, which is not.
type Error struct {
	Kind   Kind
	Msg    string            // one sentence, safe to show
	Fields map[string]string // request field → what is wrong with it
	Err    error             // cause, for the log only
}

func (e *Error) Error() string {
	s := string(e.Kind) + ": " + e.Msg
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Is implements errors.Is for ErrStorageFull.
func (e *Error) Is(target error) bool {
	return target == ErrStorageFull && e.Kind == KindStorageFull
}

// ErrKeyClaimed is the cause of the KindConflict of an Idempotency-Key that
// another request holds.
var ErrKeyClaimed = errors.New("the idempotency key is claimed")

// Errorf makes an error whose formatted sentence is safe to show.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...)}
}

// Wrap gives cause a kind and a sentence that is safe to show.
func Wrap(cause error, kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...), Err: cause}
}

// Invalid reports one bad request field.
func Invalid(field, format string, args ...any) error {
	msg := fmt.Sprintf(format, args...)
	return &Error{Kind: KindInvalid, Msg: msg, Fields: map[string]string{field: msg}}
}

// NotFound is the error for what does not exist and for what the caller may not
// see alike.
func NotFound() error { return &Error{Kind: KindNotFound, Msg: "There is nothing here."} }

// KindOf is the kind of err: "" for nil, KindInternal for an error without one.
// What fails for want of space is KindStorageFull, whatever it was taken for
// further up: no input is damaged because a disk was full.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return ""
	case IsStorageFull(err):
		return KindStorageFull
	case errors.As(err, &e):
		return e.Kind
	}
	return KindInternal
}

// Sentence is the part of err that may be shown.
func Sentence(err error) string {
	if IsStorageFull(err) {
		return storageFullSentence(err)
	}
	var e *Error
	if errors.As(err, &e) && e.Kind != KindInternal {
		return e.Msg
	}
	return "Something went wrong on our side. It has been logged."
}
