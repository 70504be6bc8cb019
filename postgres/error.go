package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"tidings.example/tidings/tidings"
)

// Codes of errors (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	codeSerialization   = "40001"
	codeDeadlock        = "40P01"
	codeUnique          = "23505"
	codeForeignKey      = "23503"
	codeReadOnly        = "25006"
	codeFailedTx        = "25P02"
	codeDiskFull        = "53100"
	codeOutOfMemory     = "53200" // of the table of locks, too
	codeTooMany         = "53300"
	codeNoText          = "22021" // bytes that are no text, or NUL
	codeNoJSON          = "22P05" // \u0000 in JSON
	codeIdleTx          = "25P03"
	codeLockTimeout     = "55P03"
	codeNoDatabase      = "3D000"
	classOperator       = "57P" // shutdown, crash, start
	classConnection     = "08"
	classResources      = "53"
	classAuthentication = "28"
)

// Code is the code of a PostgreSQL error; "" = it is none.
func Code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// errLost is the cause of an error of a connection that broke.
var errLost = errors.New("the connection to the database is lost")

// IsConflict reports whether a transaction failed only because of others at the
// same time (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html).
func IsConflict(err error) bool {
	switch Code(err) {
	case codeSerialization, codeDeadlock:
		return true
	}
	return false
}

// MayBeConflict reports whether a transaction failed on what another one may have
// written after this one had looked: it sees that when it runs again.
func MayBeConflict(err error) bool {
	switch Code(err) {
	case codeUnique, codeForeignKey, codeFailedTx:
		return true
	}
	return false
}

// IsOutOfMemory reports whether the server had no memory left for a transaction. The
// locks of serializable transactions are the first to run out: each is kept until all
// that ran beside its own have ended, so that one that is slow holds those of many.
func IsOutOfMemory(err error) bool { return Code(err) == codeOutOfMemory }

// IsLost reports whether the connection broke, so that what was sent last may have
// had its effect or not.
func IsLost(err error) bool { return errors.Is(err, errLost) }

func isReadOnly(err error) bool { return Code(err) == codeReadOnly }

// markError gives an error its kind. closed says that the connection cannot be
// used any more.
func markError(ctx context.Context, err error, closed bool) error {
	if err == nil || errors.Is(err, driver.ErrBadConn) || tidings.KindOf(err) != tidings.KindInternal {
		return err // marked already; or database/sql asks another connection
	}

	code := Code(err)
	switch {
	case code == codeDiskFull:
		return tidings.StorageFull(err)
	case code == codeNoText, code == codeNoJSON:
		return tidings.Wrap(err, tidings.KindInvalid, "Text must be Unicode without the character NUL.")
	case code == codeReadOnly:
		return tidings.Wrap(err, tidings.KindUnavailable, "The database takes no changes now: it is a standby, or was set to read only. Nothing was changed; try again in a moment.")
	case code == codeLockTimeout:
		return tidings.Wrap(err, tidings.KindUnavailable, "The database is busy. Nothing was changed; try again in a moment.")
	case ctx.Err() != nil && (code == "" || strings.HasPrefix(code, classOperator[:2])):
		return err // the caller has gone
	case closed, code == codeIdleTx, strings.HasPrefix(code, classOperator), strings.HasPrefix(code, classConnection):
		return lostConnection(err)
	case strings.HasPrefix(code, classResources):
		return tidings.Wrap(withHint(err), tidings.KindUnavailable, "The database is out of resources. Nothing was changed; try again in a moment.")
	}

	return err
}

// withHint adds what the server advises its operator, such as which setting to raise.
func withHint(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Hint != "" {
		return fmt.Errorf("%w: %s", err, e.Hint)
	}
	return err
}

// lostConnection is the error of a connection that broke.
func lostConnection(err error) error {
	return tidings.Wrap(errors.Join(errLost, err), tidings.KindUnavailable, "The connection to the database broke. Nothing was changed; try again in a moment.")
}
