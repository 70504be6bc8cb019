package api

import (
	"context"
	"time"

	"tidings"
)

// Signing is who is signed in where, the ways to sign in, and the audit log.
type Signing interface {
	// Tokens of sessions are hashes of the cookie's. SessionCommit with v nil
	// changes a session and is KindUnauthenticated when it is over.
	SessionFind(ctx context.Context, token string) (data []byte, found bool, err error)
	SessionCommit(ctx context.Context, token string, v *tidings.Session, data []byte, expiry time.Time) error
	SessionDelete(ctx context.Context, token string) error
	Sessions(ctx context.Context, user tidings.ID, current string) ([]tidings.Session, error)
	RevokeSession(ctx context.Context, user, id tidings.ID) error
	RevokeSessions(ctx context.Context, user tidings.ID, keep string) (n int64, err error)
	// ChangePassword is KindStale when the hash is no longer was.
	ChangePassword(ctx context.Context, user tidings.ID, was, hash, keep string) error

	Audit(ctx context.Context, e tidings.AuditEntry) error
	AuditLog(ctx context.Context, f tidings.AuditFilter) (items []tidings.AuditEntry, next string, err error)
}
