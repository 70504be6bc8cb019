package store

import (
	"context"
	"encoding/hex"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// DueMails are mails whose time has come and whose invitation still stands.
func (s *Store) DueMails(ctx context.Context, limit int) ([]tidings.Mail, error) {
	rows, err := s.read().DueMails(ctx, dbq.DueMailsParams{DueMs: s.now(), Limit: int32(limit)})
	if err != nil {
		return nil, err
	}

	out := make([]tidings.Mail, 0, len(rows))
	for _, r := range rows {
		row, err := s.read().InviteByID(ctx, r.InviteID)
		if err != nil {
			return nil, notFound(err)
		}

		i, err := toInvite(row)
		if err != nil {
			return nil, err
		}

		out = append(out, tidings.Mail{ID: tidings.ID(r.ID), Invite: i, BaseURL: r.BaseUrl, Tries: int(r.Tries)})
	}

	return out, nil
}

// AddInviteToken makes one more token open an invitation.
func (s *Store) AddInviteToken(ctx context.Context, invite tidings.ID, hash []byte) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.InsertInviteToken(ctx, dbq.InsertInviteTokenParams{Hash: hex.EncodeToString(hash), InviteID: string(invite)})
	})
}

// MailSent notes that a mail has gone out.
func (s *Store) MailSent(ctx context.Context, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.MailSent(ctx, dbq.MailSentParams{ID: string(id), SentMs: ptr(s.now())})
	})
}

// MailFailed notes why a mail did not go out, and when it is tried again: nil
// gives it up.
func (s *Store) MailFailed(ctx context.Context, id tidings.ID, why string, again *time.Time) error {
	return s.InTx(ctx, func(tx Tx) error {
		p := dbq.MailFailedParams{ID: string(id), Failure: why, DueMs: s.now()}
		if again != nil {
			p.DueMs = tidings.Millis(*again)
		} else {
			p.FailedMs = ptr(s.now())
		}
		return tx.MailFailed(ctx, p)
	})
}

// MailTrouble is why the last mail did not go out, "" when none waits.
func (s *Store) MailTrouble(ctx context.Context) (string, error) {
	rows, err := s.read().LastMailFailure(ctx)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}
