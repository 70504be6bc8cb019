package store

import (
	"context"
	"encoding/base64"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func toPasskey(r dbq.Passkey) (tidings.Passkey, error) {
	id, err := base64.RawURLEncoding.DecodeString(r.CredentialID)
	return tidings.Passkey{ID: tidings.ID(r.ID), UserID: tidings.ID(r.UserID), CredentialID: id, RPID: r.RpID, Name: r.Name, Record: []byte(r.Record),
		CreatedAt: tidings.FromMillis(r.CreatedMs), UsedAt: timeFromMillis(r.UsedMs), SuspectAt: timeFromMillis(r.SuspectMs)}, err
}

// AddPasskey stores a new passkey. KindConflict when the credential is
// registered already.
func (s SignInRows) AddPasskey(ctx context.Context, p tidings.Passkey) error {
	credential := base64.RawURLEncoding.EncodeToString(p.CredentialID)
	return s.InTx(ctx, func(tx Tx) error {
		_, err := tx.PasskeyByCredential(ctx, credential)
		if err == nil {
			return tidings.Errorf(tidings.KindConflict, "This passkey is registered already.")
		}
		if !isNotFound(err) {
			return err
		}
		if err := tx.InsertPasskey(ctx, dbq.InsertPasskeyParams{ID: string(p.ID), UserID: string(p.UserID), CredentialID: credential, RpID: p.RPID,
			Name: p.Name, Record: string(p.Record), CreatedMs: s.nowMS()}); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: p.UserID, Action: tidings.AuditPasskeyAdded, TargetID: p.ID, Detail: map[string]string{"name": p.Name}})
	})
}

// Passkeys are a person's passkeys, oldest first.
func (s SignInRows) Passkeys(ctx context.Context, user tidings.ID) ([]tidings.Passkey, error) {
	rows, err := s.queries().PasskeysOfUser(ctx, string(user))
	if err != nil {
		return nil, err
	}

	out := make([]tidings.Passkey, len(rows))
	for i, r := range rows {
		if out[i], err = toPasskey(r); err != nil {
			return nil, err
		}
	}

	return out, nil
}

// PasskeyByCredential is the passkey with an authenticator's credential id.
func (s SignInRows) PasskeyByCredential(ctx context.Context, id []byte) (tidings.Passkey, error) {
	r, err := s.queries().PasskeyByCredential(ctx, base64.RawURLEncoding.EncodeToString(id))
	if err != nil {
		return tidings.Passkey{}, notFound(err)
	}
	return toPasskey(r)
}

// UsePasskey stores the record of a passkey after its use. suspect marks it for
// good as possibly copied.
func (s SignInRows) UsePasskey(ctx context.Context, p tidings.Passkey, suspect bool) error {
	now := s.nowMS()
	return s.InTx(ctx, func(tx Tx) error {
		since := optionalMillis(p.SuspectAt)
		if suspect && since == nil {
			since = &now
			if err := tx.Audit(ctx, tidings.AuditEntry{ActorID: p.UserID, Action: tidings.AuditPasskeySuspect, TargetID: p.ID, Detail: map[string]string{"name": p.Name}}); err != nil {
				return err
			}
		}

		return tx.UsePasskey(ctx, dbq.UsePasskeyParams{ID: string(p.ID), Record: string(p.Record), UsedMs: &now, SuspectMs: since})
	})
}

// RenamePasskey gives a person's passkey another name.
func (s SignInRows) RenamePasskey(ctx context.Context, user, id tidings.ID, name string) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.RenamePasskey(ctx, dbq.RenamePasskeyParams{ID: string(id), UserID: string(user), Name: name})
		if err := requireChange(n, err, tidings.NotFound()); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: user, Action: tidings.AuditPasskeyRenamed, TargetID: id, Detail: map[string]string{"name": name}})
	})
}

// RemovePasskey removes a person's passkey. KindConflict when no way to sign in
// would be left.
func (s SignInRows) RemovePasskey(ctx context.Context, user, id tidings.ID, ways tidings.SignInOptions) error {
	return s.InTx(ctx, func(tx Tx) error {
		names, err := tx.DeletePasskey(ctx, dbq.DeletePasskeyParams{ID: string(id), UserID: string(user)})
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return tidings.NotFound()
		}
		if err := tx.checkSignInLeft(ctx, user, ways); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: user, Action: tidings.AuditPasskeyRemoved, TargetID: id, Detail: map[string]string{"name": names[0]}})
	})
}

// checkSignInLeft returns KindConflict when a person has no way to sign in any
// more.
func (t Tx) checkSignInLeft(ctx context.Context, user tidings.ID, ways tidings.SignInOptions) error {
	n, err := countSignInMethods(ctx, t.Queries, user, ways)
	if err != nil {
		return err
	}
	if n == 0 {
		return tidings.Errorf(tidings.KindConflict, "This is your only way to sign in. Add another one first.")
	}
	return nil
}

func countSignInMethods(ctx context.Context, q *dbq.Queries, user tidings.ID, ways tidings.SignInOptions) (int64, error) {
	r, err := q.CountSignInMethods(ctx, dbq.CountSignInMethodsParams{UserID: string(user), RpID: ways.RPID, Issuer: ways.Issuer})
	return r.Passwords + r.Passkeys + r.Identities, err
}

// CountSignInMethods is how many ways to sign in a person has.
func (s SignInRows) CountSignInMethods(ctx context.Context, user tidings.ID, ways tidings.SignInOptions) (int64, error) {
	return countSignInMethods(ctx, s.queries(), user, ways)
}
