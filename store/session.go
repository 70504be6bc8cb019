package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// SessionFind is the data of a live session; token is the hash of the cookie's.
// It stores when and from which network the session was used, at most once a
// minute and if that can be written.
func (s SignInRows) SessionFind(ctx context.Context, token string) ([]byte, bool, error) {
	now := s.nowMS()
	r, err := s.queries().SessionByToken(ctx, dbq.SessionByTokenParams{Token: token, ExpiryMs: now})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}

	if network := tidings.ActorOf(ctx).Network; network != "" && r.UserID != "" && now-r.SeenMs > time.Minute.Milliseconds() {
		s.tryWrite(ctx, "the use of a session is not stored", func(tx Tx) error {
			return tx.TouchSession(ctx, dbq.TouchSessionParams{Token: token, SeenMs: now, Network: network})
		})
	}

	data, err := base64.StdEncoding.DecodeString(r.Data)
	return data, err == nil, err
}

// SessionCommit stores the data of a session until expiry. A new session begins
// as v describes it and is audited when it has a person; with v nil the session
// must exist (KindUnauthenticated).
func (s SignInRows) SessionCommit(ctx context.Context, token string, v *tidings.Session, data []byte, expiry time.Time) error {
	text := base64.StdEncoding.EncodeToString(data)
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.UpdateSession(ctx, dbq.UpdateSessionParams{Token: token, Data: text, ExpiryMs: tidings.Millis(expiry)})
		if err != nil || n > 0 {
			return err
		}
		if v == nil {
			return tidings.Errorf(tidings.KindUnauthenticated, "You were signed out.")
		}

		id := tidings.NewID(tx.now)
		if err := tx.InsertSession(ctx, dbq.InsertSessionParams{Token: token, ID: string(id), UserID: string(v.UserID), Data: text, Method: string(v.Method),
			Agent: v.Agent, Network: v.Network, NowMs: tidings.Millis(tx.now), ExpiryMs: tidings.Millis(expiry)}); err != nil || v.UserID == "" {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: v.UserID, Action: tidings.AuditSignedIn, TargetID: id, Network: v.Network,
			Detail: map[string]string{"method": string(v.Method)}})
	})
}

// SessionDelete ends a session, if there is one.
func (s SignInRows) SessionDelete(ctx context.Context, token string) error {
	return s.InTx(ctx, func(tx Tx) error {
		rows, err := tx.DeleteSession(ctx, token)
		if err != nil || len(rows) == 0 || rows[0].UserID == "" {
			return err
		}
		user := tidings.ID(rows[0].UserID)
		tx.publishAccessChanged(user)
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: user, Action: tidings.AuditSignedOut, TargetID: tidings.ID(rows[0].ID)})
	})
}

// publishAccessChanged makes the open streams of a person check their access
// again.
func (t Tx) publishAccessChanged(user tidings.ID) {
	t.Publish(tidings.Event{Type: tidings.EventAccessChanged, SubjectID: user})
}

// Sessions are a person's live sessions, last seen first. current is the hash of
// the caller's own cookie token, or "".
func (s SignInRows) Sessions(ctx context.Context, user tidings.ID, current string) ([]tidings.Session, error) {
	rows, err := s.queries().SessionsOfUser(ctx, dbq.SessionsOfUserParams{UserID: string(user), ExpiryMs: s.nowMS()})
	out := make([]tidings.Session, len(rows))
	for i, r := range rows {
		out[i] = tidings.Session{ID: tidings.ID(r.ID), UserID: user, Method: tidings.SignInMethod(r.Method), Agent: r.Agent, Network: r.Network,
			CreatedAt: tidings.FromMillis(r.CreatedMs), SeenAt: tidings.FromMillis(r.SeenMs), ExpiresAt: tidings.FromMillis(r.ExpiryMs), Current: r.Token == current}
	}
	return out, err
}

// RevokeSession ends one of a person's sessions.
func (s SignInRows) RevokeSession(ctx context.Context, user, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.DeleteSessionOfUser(ctx, dbq.DeleteSessionOfUserParams{ID: string(id), UserID: string(user)})
		if err := requireChange(n, err, tidings.NotFound()); err != nil {
			return err
		}

		tx.publishAccessChanged(user)
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: user, Action: tidings.AuditSessionRevoked, TargetID: id})
	})
}

// RevokeSessions ends all sessions of a person but the one whose token hash is
// keep, and reports how many those were.
func (s SignInRows) RevokeSessions(ctx context.Context, user tidings.ID, keep string) (n int64, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		n, err = tx.revokeOtherSessions(ctx, user, keep)
		return err
	})
	return n, err
}

func (t Tx) revokeOtherSessions(ctx context.Context, user tidings.ID, keep string) (int64, error) {
	n, err := t.DeleteOtherSessions(ctx, dbq.DeleteOtherSessionsParams{UserID: string(user), Keep: keep})
	if err != nil || n == 0 {
		return n, err
	}
	t.publishAccessChanged(user)
	return n, t.Audit(ctx, tidings.AuditEntry{ActorID: user, Action: tidings.AuditSessionRevoked, Detail: map[string]string{"others": "all"}})
}

// ChangePassword stores a new password hash if the old one is still was, revokes
// all other sessions and, with endTokens, all API tokens. Links by which the
// password could be set open nothing from then on.
func (s SignInRows) ChangePassword(ctx context.Context, user tidings.ID, was, hash, keep string, endTokens bool) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.SetPassword(ctx, dbq.SetPasswordParams{ID: string(user), Hash: hash, Was: was})
		if err := requireChange(n, err, errStale()); err != nil {
			return err
		}
		if _, err := tx.revokeOtherSessions(ctx, user, keep); err != nil {
			return err
		}
		u, err := tx.UserByID(ctx, string(user))
		if err != nil {
			return err
		}
		if err := tx.endPasswordResets(ctx, user, u.Email); err != nil {
			return err
		}

		if endTokens {
			if err := tx.revokeTokens(ctx, user); err != nil {
				return err
			}
		}

		return tx.Audit(ctx, tidings.AuditEntry{ActorID: user, Action: tidings.AuditPasswordChanged})
	})
}
