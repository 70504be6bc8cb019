package store

import (
	"context"
	"encoding/hex"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// dueAccountMails are the mails about accounts that are due. Those to nobody,
// and those with links that were used or given up meanwhile, are ended unsent.
func (s *database) dueAccountMails(ctx context.Context, limit int) ([]tidings.Delivery, error) {
	if limit <= 0 {
		return nil, nil
	}

	rows, err := s.queries().DueAccountMails(ctx, dbq.DueAccountMailsParams{NowMs: s.nowMS(), PageSize: int32(limit)})
	if err != nil || len(rows) == 0 {
		return nil, err
	}

	var out []tidings.Delivery
	err = s.InTx(ctx, func(tx Tx) error {
		out = nil
		for _, r := range rows {
			m, err := tx.accountMail(ctx, r)
			if err != nil {
				return err
			}
			if m == nil {
				if err := tx.EndAccountMail(ctx, dbq.EndAccountMailParams{ID: r.ID, FailedMs: new(tx.nowMS())}); err != nil {
					return err
				}
				continue
			}
			out = append(out, tidings.Delivery{ID: tidings.ID(r.ID), Channel: tidings.DeliverMail, Tries: int(r.Tries), BaseURL: r.BaseUrl, Account: m})
		}
		return nil
	})

	return out, err
}

// accountMail is the mail of a row; nil = it is not to be sent.
func (t Tx) accountMail(ctx context.Context, r dbq.DueAccountMailsRow) (*tidings.AccountMail, error) {
	kind := tidings.AccountMailKind(r.Kind)
	if kind == tidings.MailReset && (r.UsedMs != nil || r.ExpiresMs <= t.nowMS()) {
		return nil, nil
	}

	u, err := t.UserByEmail(ctx, r.Email)
	if isNotFound(err) {
		return nil, nil
	}

	return &tidings.AccountMail{Kind: kind, ResetID: tidings.ID(r.ResetID), Name: u.Name, Email: u.Email, HasPassword: u.PasswordHash != "",
		Maker: r.MakerName, Network: r.Network}, err
}

// AddResetToken makes a token open a reset that was asked for by mail, for
// tidings.ResetMailLife from now.
func (s NotificationRows) AddResetToken(ctx context.Context, reset tidings.ID, hash []byte) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.PasswordResetByID(ctx, string(reset))
		if err != nil {
			return notFound(err)
		}

		u, err := tx.UserByEmail(ctx, r.Email)
		if err != nil {
			return notFound(err)
		}

		tries, err := tx.CountPasswordResetTokens(ctx, r.ID)
		if err != nil {
			return err
		}

		if tries == 0 {
			if err := tx.SetPasswordResetUser(ctx, dbq.SetPasswordResetUserParams{ID: r.ID, UserID: u.ID}); err != nil {
				return err
			}
			if err := tx.Audit(ctx, tidings.AuditEntry{Action: tidings.AuditResetRequested, TargetID: tidings.ID(u.ID), Network: r.Network, Detail: map[string]string{"person": u.Name}}); err != nil {
				return err
			}
		}

		return tx.InsertPasswordResetToken(ctx, dbq.InsertPasswordResetTokenParams{Hash: hex.EncodeToString(hash), ResetID: r.ID,
			ExpiresMs: tx.nowMS() + tidings.ResetMailLife.Milliseconds()})
	})
}
