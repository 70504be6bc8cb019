package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"

	"tidings.example/tidings/tidings"
)

// StatusError is a response that is not a failure but the result of the caller's
// conditions: 304 Not Modified, 412 Precondition Failed or 416 Range Not
// Satisfiable. It has HTTPStatus so that packages that may not import this one
// can test for it by method.
type StatusError struct {
	Status int
	Err    error
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("storage answered %d %s: %v", e.Status, http.StatusText(e.Status), e.Err)
}

func (e *StatusError) Unwrap() error { return e.Err }

// HTTPStatus is 304, 412 or 416.
func (e *StatusError) HTTPStatus() int { return e.Status }

// ErrorCode is the S3 code of an error of this package, such as
// "SignatureDoesNotMatch", or "".
func ErrorCode(err error) string { return errorCode(err) }

// errorCode is the S3 code of an SDK error, or "".
func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// httpStatus is the HTTP status of an SDK error, or 0.
func httpStatus(err error) int {
	var res interface{ HTTPStatusCode() int }
	if errors.As(err, &res) {
		return res.HTTPStatusCode()
	}
	return 0
}

// checksumMismatch is in the SDK's error of a body that is not what its checksum
// says, which has no type that is exported.
const checksumMismatch = "checksum did not match"

// mapError converts an SDK error to one of our kinds; op is the operation, for
// the log. The cancellation of the caller's context is kept as it is.
func mapError(ctx context.Context, err error, op string) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%s: %w", op, cause)
	}

	cause := fmt.Errorf("%s: %w", op, err)
	if e := mapByCode(cause, errorCode(err)); e != nil {
		return e
	}

	if strings.Contains(err.Error(), checksumMismatch) {
		return tidings.Damaged(cause)
	}

	switch st := httpStatus(err); {
	case st == http.StatusNotModified, st == http.StatusPreconditionFailed, st == http.StatusRequestedRangeNotSatisfiable:
		return &StatusError{Status: st, Err: cause}
	case st == http.StatusNotFound:
		return tidings.Wrap(cause, tidings.KindNotFound, "There is nothing here.")
	case st == http.StatusInsufficientStorage:
		return tidings.StorageFull(cause)
	case st == http.StatusForbidden, st == http.StatusUnauthorized:
		return tidings.Wrap(cause, tidings.KindUnavailable, "The storage does not let us in.")
	case st == 0, st >= 500, st == http.StatusTooManyRequests, st == http.StatusRequestTimeout:
		return tidings.Wrap(cause, tidings.KindUnavailable, "The storage does not answer. Try again in a moment.")
	}

	return cause
}

// mapByCode maps the S3 codes whose HTTP status alone is ambiguous.
func mapByCode(cause error, code string) error {
	switch code {
	case "NoSuchBucket":
		return tidings.Wrap(cause, tidings.KindUnavailable, "The storage bucket is missing.")
	case "InvalidAccessKeyId", "XAdminUserNotFound": // versitygw answers 404 with the latter
		return tidings.Wrap(cause, tidings.KindUnavailable, "The storage does not let us in.")
	case "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity":
		return tidings.StorageFull(cause)
	case "EntityTooLarge":
		return tidings.Wrap(cause, tidings.KindTooLarge, "That is more than the storage takes in one object.")
	case "SlowDown", "RequestTimeout", "BadDigest", "IncompleteBody":
		return tidings.Wrap(cause, tidings.KindUnavailable, "The storage did not take the data. Try again in a moment.")
	}
	return nil
}
