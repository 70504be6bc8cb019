package store

import (
	"context"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func toIdentity(r dbq.Identity) tidings.Identity {
	return tidings.Identity{ID: tidings.ID(r.ID), UserID: tidings.ID(r.UserID), Issuer: r.Issuer, Subject: r.Subject, Email: r.Email,
		CreatedAt: tidings.FromMillis(r.CreatedMs), UsedAt: timeFromMillis(r.UsedMs)}
}

// IdentityBySubject is the account with the subject at a provider.
func (s SignInRows) IdentityBySubject(ctx context.Context, issuer, subject string) (tidings.Identity, error) {
	r, err := s.queries().IdentityBySubject(ctx, dbq.IdentityBySubjectParams{Issuer: issuer, Subject: subject})
	return toIdentity(r), notFound(err)
}

// Identities are a person's accounts at providers, oldest first.
func (s SignInRows) Identities(ctx context.Context, user tidings.ID) ([]tidings.Identity, error) {
	rows, err := s.queries().IdentitiesOfUser(ctx, string(user))
	out := make([]tidings.Identity, len(rows))
	for i, r := range rows {
		out[i] = toIdentity(r)
	}
	return out, err
}

// UseIdentity stores the time of a sign-in by the identity, and the address the
// provider sent.
func (s SignInRows) UseIdentity(ctx context.Context, id tidings.ID, email string) error {
	now := s.nowMS()
	return s.InTx(ctx, func(tx Tx) error {
		return tx.UseIdentity(ctx, dbq.UseIdentityParams{ID: string(id), Email: email, UsedMs: &now})
	})
}

// LinkIdentity lets a person sign in by a provider's account. KindConflict when
// it is linked to another person.
func (s SignInRows) LinkIdentity(ctx context.Context, i tidings.Identity) error {
	return s.InTx(ctx, func(tx Tx) error { return tx.linkIdentity(ctx, i) })
}

func (t Tx) linkIdentity(ctx context.Context, i tidings.Identity) error {
	has, err := t.IdentityBySubject(ctx, dbq.IdentityBySubjectParams{Issuer: i.Issuer, Subject: i.Subject})
	switch {
	case err == nil && tidings.ID(has.UserID) == i.UserID:
		return nil
	case err == nil:
		return tidings.Errorf(tidings.KindConflict, "This account is connected to somebody else here.")
	case !isNotFound(err):
		return err
	}

	now := tidings.Millis(t.now)
	if err := t.InsertIdentity(ctx, dbq.InsertIdentityParams{ID: string(tidings.NewID(t.now)), UserID: string(i.UserID), Issuer: i.Issuer, Subject: i.Subject,
		Email: i.Email, CreatedMs: now, UsedMs: &now}); err != nil {
		return err
	}

	return t.Audit(ctx, tidings.AuditEntry{ActorID: i.UserID, Action: tidings.AuditIdentityLinked, Detail: map[string]string{"issuer": i.Issuer, "email": i.Email}})
}

// UnlinkIdentity removes a provider's account from a person. KindConflict when
// no way to sign in would be left.
func (s SignInRows) UnlinkIdentity(ctx context.Context, user, id tidings.ID, ways tidings.SignInOptions) error {
	return s.InTx(ctx, func(tx Tx) error {
		rows, err := tx.DeleteIdentity(ctx, dbq.DeleteIdentityParams{ID: string(id), UserID: string(user)})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return tidings.NotFound()
		}
		if err := tx.checkSignInLeft(ctx, user, ways); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: user, Action: tidings.AuditIdentityUnlinked, Detail: map[string]string{"issuer": rows[0].Issuer, "email": rows[0].Email}})
	})
}

// JoinByIdentity creates an account without a password for a provider's account,
// as a member of a workspace ("" = the oldest one). KindConflict when the
// address is taken.
func (s SignInRows) JoinByIdentity(ctx context.Context, u tidings.User, i tidings.Identity, ws tidings.ID, role tidings.Role) (tidings.User, error) {
	u.ID, u.Email, u.Version = tidings.NewID(s.clock()), strings.ToLower(u.Email), 1
	i.UserID = u.ID
	err := s.InTx(ctx, func(tx Tx) error {
		_, err := tx.UserByEmail(ctx, u.Email)
		if err == nil {
			return tidings.Errorf(tidings.KindConflict, "There is an account with this address already.")
		}
		if !isNotFound(err) {
			return err
		}

		if ws == "" {
			first, err := tx.FirstWorkspace(ctx)
			if err != nil {
				return notFound(err)
			}
			ws = tidings.ID(first)
		}

		u.CreatedAt = tx.now.UTC()
		if err := tx.InsertUser(ctx, dbq.InsertUserParams{ID: string(u.ID), Email: u.Email, Name: u.Name, TimeZone: u.TimeZone, Prefs: "{}", CreatedMs: tidings.Millis(tx.now)}); err != nil {
			return err
		}
		if err := tx.InsertMember(ctx, dbq.InsertMemberParams{WorkspaceID: string(ws), UserID: string(u.ID), Role: string(role), CreatedMs: tidings.Millis(tx.now)}); err != nil {
			return err
		}
		if err := tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: ws, ActorID: u.ID, Action: tidings.AuditMemberJoined, TargetID: u.ID,
			Detail: map[string]string{"by": string(tidings.ByOIDC), "role": string(role)}}); err != nil {
			return err
		}
		return tx.linkIdentity(ctx, i)
	})

	return u, err
}
