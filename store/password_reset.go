package store

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// RequestPasswordReset has a link mailed to the address, if it belongs to an
// account: that is looked up when the mail is due, so that this takes the same
// time for every address. Beyond tidings.MaxResetMails nothing is sent.
func (s SignInRows) RequestPasswordReset(ctx context.Context, email, baseURL string) error {
	email = strings.ToLower(email)
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.CountPasswordResets(ctx, dbq.CountPasswordResetsParams{Email: email, CreatedMs: tx.nowMS() - tidings.ResetMailPeriod.Milliseconds()})
		if err != nil || n >= tidings.MaxResetMails {
			return err
		}

		r := tidings.PasswordReset{Origin: tidings.ResetByMail, Email: email, ExpiresAt: tx.now.Add(tidings.ResetMailTrying)}
		if err := tx.addPasswordReset(ctx, &r); err != nil {
			return err
		}
		return tx.addAccountMail(ctx, tidings.MailReset, r.ID, baseURL)
	})
}

// addPasswordReset inserts a reset and gives it its id.
func (t Tx) addPasswordReset(ctx context.Context, r *tidings.PasswordReset) error {
	r.ID = tidings.NewID(t.now)
	return t.InsertPasswordReset(ctx, dbq.InsertPasswordResetParams{ID: string(r.ID), Origin: string(r.Origin), Email: r.Email, UserID: string(r.UserID),
		CreatedBy: string(r.CreatedBy), Network: tidings.ActorOf(ctx).Network, CreatedMs: t.nowMS(), ExpiresMs: tidings.Millis(r.ExpiresAt)})
}

func (t Tx) addAccountMail(ctx context.Context, kind tidings.AccountMailKind, reset tidings.ID, baseURL string) error {
	return t.InsertAccountMail(ctx, dbq.InsertAccountMailParams{ID: string(tidings.NewID(t.now)), Kind: string(kind), ResetID: string(reset), BaseUrl: baseURL, CreatedMs: t.nowMS()})
}

// CreateResetLink stores a link, by the hash of its token, that one person
// hands to another: a member of ws, in the name of actor. KindForbidden unless
// actor may take over the account everywhere. It replaces the links that were
// made before. With mail the person is told.
func (s SignInRows) CreateResetLink(ctx context.Context, ws, user, actor tidings.ID, hash []byte, mail bool) (r tidings.PasswordReset, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		if _, err := roleOf(ctx, tx, ws, user); err != nil {
			return err
		}
		if err := checkMayReset(ctx, tx, actor, user); err != nil {
			return err
		}
		r, err = tx.createResetLink(ctx, tidings.PasswordReset{Origin: tidings.ResetByManager, UserID: user, CreatedBy: actor}, hash, mail)
		return err
	})
	return r, err
}

// CreateOperatorResetLink is CreateResetLink for the operator of the server.
func (s SignInRows) CreateOperatorResetLink(ctx context.Context, user tidings.ID, hash []byte, mail bool) (r tidings.PasswordReset, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		r, err = tx.createResetLink(ctx, tidings.PasswordReset{Origin: tidings.ResetByOperator, UserID: user}, hash, mail)
		return err
	})
	return r, err
}

func (t Tx) createResetLink(ctx context.Context, r tidings.PasswordReset, hash []byte, mail bool) (tidings.PasswordReset, error) {
	u, err := t.UserByID(ctx, string(r.UserID))
	if err != nil {
		return r, notFound(err)
	}
	if err := t.EndManagerResets(ctx, dbq.EndManagerResetsParams{UserID: u.ID, NowMs: t.nowMS()}); err != nil {
		return r, err
	}

	r.Email, r.UserName, r.ExpiresAt = u.Email, u.Name, t.now.Add(tidings.ResetLinkLife)
	if err := t.addPasswordReset(ctx, &r); err != nil {
		return r, err
	}
	if err := t.InsertPasswordResetToken(ctx, dbq.InsertPasswordResetTokenParams{Hash: hex.EncodeToString(hash), ResetID: string(r.ID), ExpiresMs: tidings.Millis(r.ExpiresAt)}); err != nil {
		return r, err
	}

	if mail {
		if err := t.addAccountMail(ctx, tidings.MailResetLink, r.ID, ""); err != nil {
			return r, err
		}
	}

	return r, t.auditOfPerson(ctx, r.UserID, tidings.AuditEntry{ActorID: r.CreatedBy, Action: tidings.AuditResetLinkCreated, TargetID: r.UserID, Detail: map[string]string{"person": u.Name}})
}

// auditOfPerson writes an entry to the logs of the person's workspaces, whoever
// the actor is.
func (t Tx) auditOfPerson(ctx context.Context, user tidings.ID, e tidings.AuditEntry) error {
	logs, err := t.auditLogs(ctx, tidings.AuditEntry{ActorID: user})
	for _, ws := range logs {
		if e.WorkspaceID = tidings.ID(ws); err == nil {
			err = t.Audit(ctx, e)
		}
	}
	return err
}

// checkMayReset checks that actor may set the password of user: whoever does is
// able to act as that person in all their workspaces, so the right is needed in
// each of them.
func checkMayReset(ctx context.Context, tx Tx, actor, user tidings.ID) error {
	if actor == user {
		return tidings.Errorf(tidings.KindForbidden, "Your own password is changed in Settings → Security.")
	}

	theirs, err := tx.MembershipsOfUser(ctx, string(user))
	if err != nil {
		return err
	}

	mine, err := tx.MembershipsOfUser(ctx, string(actor))
	if err != nil {
		return err
	}

	roles := map[string]tidings.Role{}
	for _, m := range mine {
		roles[m.ID] = tidings.Role(m.Role)
	}

	for _, m := range theirs {
		switch by := roles[m.ID]; {
		case by.MayResetPassword(tidings.Role(m.Role)):
		case by.Manages():
			return tidings.Errorf(tidings.KindForbidden, "Only an owner may do this for an owner or admin.")
		default:
			return tidings.Errorf(tidings.KindForbidden, "This person also belongs to a workspace that you do not manage. They can ask for a link by mail, or the operator of this server makes one.")
		}
	}

	return nil
}

// PasswordResetByHash is the reset of a token, also when it is used or over: see
// PasswordReset.Open.
func (s SignInRows) PasswordResetByHash(ctx context.Context, hash []byte) (tidings.PasswordReset, error) {
	row, err := s.queries().PasswordResetByHash(ctx, hex.EncodeToString(hash))
	return toPasswordReset(row), notFound(err)
}

func toPasswordReset(r dbq.PasswordResetByHashRow) tidings.PasswordReset {
	return tidings.PasswordReset{ID: tidings.ID(r.ID), Origin: tidings.ResetOrigin(r.Origin), UserID: tidings.ID(r.UserID), UserName: r.UserName, Email: r.Email,
		CreatedBy: tidings.ID(r.CreatedBy), ExpiresAt: tidings.FromMillis(r.TokenExpiresMs), Used: r.UsedMs != nil}
}

// ResetPassword sets the password by a link, once. It ends all sessions, API
// tokens and other links of the person. With mail the person is told. A link
// that is used or over, or whose maker has lost the right to make it, is
// KindGone.
func (s SignInRows) ResetPassword(ctx context.Context, hash []byte, passwordHash string, mail bool) error {
	return s.InTx(ctx, func(tx Tx) error {
		row, err := tx.PasswordResetByHash(ctx, hex.EncodeToString(hash))
		if err != nil {
			return notFound(err)
		}

		r := toPasswordReset(row)
		if err := checkResetOpen(ctx, tx, r); err != nil {
			return err
		}

		n, err := tx.Queries.ResetPassword(ctx, dbq.ResetPasswordParams{ID: string(r.UserID), PasswordHash: passwordHash})
		if err := requireChange(n, err, tidings.NotFound()); err != nil {
			return err
		}
		if err := tx.endPasswordResets(ctx, r.UserID, r.Email); err != nil {
			return err
		}
		if _, err := tx.DeleteOtherSessions(ctx, dbq.DeleteOtherSessionsParams{UserID: string(r.UserID)}); err != nil {
			return err
		}
		if err := tx.revokeTokens(ctx, r.UserID); err != nil {
			return err
		}

		if mail {
			if err := tx.addAccountMail(ctx, tidings.MailPasswordReset, r.ID, ""); err != nil {
				return err
			}
		}

		tx.publishAccessChanged(r.UserID)
		return tx.Audit(ctx, tidings.AuditEntry{ActorID: r.UserID, Action: tidings.AuditPasswordReset, Detail: map[string]string{"by": string(r.Origin)}})
	})
}

func checkResetOpen(ctx context.Context, tx Tx, r tidings.PasswordReset) error {
	switch {
	case r.Used:
		return tidings.Errorf(tidings.KindGone, "The password has been set since this link was made.")
	case !r.Open(tx.now):
		return tidings.Errorf(tidings.KindGone, "This link has expired, or a newer one took its place. Ask for a new one.")
	case r.Origin != tidings.ResetByManager:
		return nil
	}

	err := checkMayReset(ctx, tx, r.CreatedBy, r.UserID)
	if tidings.KindOf(err) == tidings.KindForbidden { // a role or membership has changed since
		return tidings.Errorf(tidings.KindGone, "This link does not work any more. Ask for a new one.")
	}

	return err
}

func (t Tx) endPasswordResets(ctx context.Context, user tidings.ID, email string) error {
	return t.EndPasswordResets(ctx, dbq.EndPasswordResetsParams{UserID: string(user), Email: email, NowMs: new(t.nowMS())})
}

// revokeTokens revokes all API tokens of a person.
func (t Tx) revokeTokens(ctx context.Context, user tidings.ID) error {
	names, err := t.DeleteTokensOfUser(ctx, string(user))
	if err != nil || len(names) == 0 {
		return err
	}
	t.publishAccessChanged(user)
	return t.Audit(ctx, tidings.AuditEntry{ActorID: user, Action: tidings.AuditTokenRevoked, Detail: map[string]string{"others": "all", "name": strings.Join(names, ", ")}})
}

// resetRetention is how long resets are kept after their time: longer than the
// mails about them are tried.
const resetRetention = 3 * 24 * time.Hour
