package api

import (
	"context"
	"time"

	"tidings.example/tidings/tidings"
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

	// A ceremony is named by the challenge or state that was given out, and is
	// taken once: KindNotFound for one that was taken, is over, or was begun in
	// another browser.
	BeginCeremony(ctx context.Context, secret string, c tidings.Ceremony) error
	TakeCeremony(ctx context.Context, kind tidings.CeremonyKind, secret string, browser []byte) (tidings.Ceremony, error)

	AddPasskey(ctx context.Context, p tidings.Passkey) error // KindConflict when it is known
	Passkeys(ctx context.Context, user tidings.ID) ([]tidings.Passkey, error)
	PasskeyByCredential(ctx context.Context, id []byte) (tidings.Passkey, error)
	UsePasskey(ctx context.Context, p tidings.Passkey, suspect bool) error
	RenamePasskey(ctx context.Context, user, id tidings.ID, name string) error
	RemovePasskey(ctx context.Context, user, id tidings.ID, ways tidings.SignInOptions) error // KindConflict: the last way in
	CountSignInMethods(ctx context.Context, user tidings.ID, ways tidings.SignInOptions) (int64, error)

	IdentityBySubject(ctx context.Context, issuer, subject string) (tidings.Identity, error)
	Identities(ctx context.Context, user tidings.ID) ([]tidings.Identity, error)
	UseIdentity(ctx context.Context, id tidings.ID, email string) error
	LinkIdentity(ctx context.Context, i tidings.Identity) error                                // KindConflict: somebody else's
	UnlinkIdentity(ctx context.Context, user, id tidings.ID, ways tidings.SignInOptions) error // KindConflict: the last way in
	JoinByIdentity(ctx context.Context, u tidings.User, i tidings.Identity, ws tidings.ID, role tidings.Role) (tidings.User, error)

	Audit(ctx context.Context, e tidings.AuditEntry) error
	AuditLog(ctx context.Context, f tidings.AuditFilter) (items []tidings.AuditEntry, next string, err error)
}
