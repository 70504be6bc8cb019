package store

import (
	"context"
	"encoding/hex"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// DueDeliveries are at most limit messages of a channel that are due, oldest
// first: mails about accounts, mails with invitations that can still be used, and
// notifications whose recipient may still see the clip. Others are ended unsent.
func (s NotificationRows) DueDeliveries(ctx context.Context, channel tidings.DeliveryChannel, limit int) ([]tidings.Delivery, error) {
	var out []tidings.Delivery
	if channel == tidings.DeliverMail {
		mails, err := s.dueAccountMails(ctx, (limit+1)/2)
		if err != nil {
			return nil, err
		}

		invites, err := s.dueInvites(ctx, limit-len(mails))
		if err != nil {
			return nil, err
		}

		out = append(mails, invites...)
	}

	notifications, err := s.dueNotifications(ctx, channel, limit-len(out))
	return append(out, notifications...), err
}

// dueInvites are the mails that are due.
func (s *database) dueInvites(ctx context.Context, limit int) ([]tidings.Delivery, error) {
	rows, err := s.queries().DueMails(ctx, dbq.DueMailsParams{DueMs: s.nowMS(), Limit: int32(limit)})
	if err != nil {
		return nil, err
	}

	out := make([]tidings.Delivery, 0, len(rows))
	for _, r := range rows {
		row, err := s.queries().InviteByID(ctx, r.InviteID)
		if err != nil {
			return nil, notFound(err)
		}

		i, err := toInvite(row)
		if err != nil {
			return nil, err
		}

		out = append(out, tidings.Delivery{ID: tidings.ID(r.ID), Channel: tidings.DeliverMail, Tries: int(r.Tries), Invite: &i, BaseURL: r.BaseUrl})
	}

	return out, nil
}

// dueNotifications are the rows of the table deliveries that are due and that
// pass the access check.
func (s *database) dueNotifications(ctx context.Context, channel tidings.DeliveryChannel, limit int) ([]tidings.Delivery, error) {
	if limit <= 0 {
		return nil, nil
	}

	rows, err := s.queries().DueDeliveries(ctx, dbq.DueDeliveriesParams{NowMs: s.nowMS(), Channel: string(channel), PageSize: int32(limit)})
	if err != nil || len(rows) == 0 {
		return nil, err
	}

	var out []tidings.Delivery
	err = s.InTx(ctx, func(tx Tx) error {
		out = nil
		for _, r := range rows {
			_, _, ok, err := canNotify(ctx, tx, tidings.ID(r.ClipID), tidings.ID(r.UserID))
			if err != nil {
				return err
			}

			d := toDelivery(r)
			if ok {
				out = append(out, d)
				continue
			}
			if err := finishDelivery(ctx, tx, d, "not visible any more"); err != nil {
				return err
			}
		}
		return nil
	})

	return out, err
}

func toDelivery(r dbq.DueDeliveriesRow) tidings.Delivery {
	n := &tidings.Notification{ID: tidings.ID(r.ID), UserID: tidings.ID(r.UserID), WorkspaceID: tidings.ID(r.WorkspaceID), ClipID: tidings.ID(r.ClipID),
		CommentID: tidings.ID(r.CommentID), Kind: tidings.NotificationKind(r.Kind), Actor: tidings.Author{ID: tidings.ID(r.ActorID), Name: r.ActorName, Avatar: r.ActorAvatar},
		CreatedAt: tidings.FromMillis(r.CreatedMs), SeenAt: timeFromMillis(r.SeenMs)}
	return tidings.Delivery{ID: n.ID, Channel: tidings.DeliveryChannel(r.Channel), Tries: int(r.Tries), Notification: n}
}

func finishDelivery(ctx context.Context, tx Tx, d tidings.Delivery, failure string) error {
	return tx.FinishDelivery(ctx, dbq.FinishDeliveryParams{NotificationID: string(d.ID), Channel: string(d.Channel), DoneMs: new(tx.nowMS()), Failure: failure})
}

// DeliverySent records that the receiving server has accepted a message.
func (s NotificationRows) DeliverySent(ctx context.Context, d tidings.Delivery) error {
	return s.InTx(ctx, func(tx Tx) error {
		if d.Invite != nil {
			return tx.MailSent(ctx, dbq.MailSentParams{ID: string(d.ID), SentMs: new(s.nowMS())})
		}
		if d.Account != nil {
			return tx.AccountMailSent(ctx, dbq.AccountMailSentParams{ID: string(d.ID), SentMs: new(s.nowMS())})
		}
		return finishDelivery(ctx, tx, d, "")
	})
}

// DeliveryFailed records why a message was not accepted and when it is tried
// again; retryAt nil gives it up.
func (s NotificationRows) DeliveryFailed(ctx context.Context, d tidings.Delivery, reason string, retryAt *time.Time) error {
	dueMS := s.nowMS()
	var endMS *int64
	if retryAt != nil {
		dueMS = tidings.Millis(*retryAt)
	} else {
		endMS = new(s.nowMS())
	}

	return s.InTx(ctx, func(tx Tx) error {
		if d.Invite != nil {
			return tx.MailFailed(ctx, dbq.MailFailedParams{ID: string(d.ID), Failure: reason, DueMs: dueMS, FailedMs: endMS})
		}
		if d.Account != nil {
			return tx.AccountMailFailed(ctx, dbq.AccountMailFailedParams{ID: string(d.ID), Failure: reason, DueMs: dueMS, FailedMs: endMS})
		}
		return tx.RetryDelivery(ctx, dbq.RetryDeliveryParams{NotificationID: string(d.ID), Channel: string(d.Channel), Failure: reason, DueMs: dueMS, DoneMs: endMS})
	})
}

// AddInviteToken makes one more token open an invitation.
func (s NotificationRows) AddInviteToken(ctx context.Context, invite tidings.ID, hash []byte) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.InsertInviteToken(ctx, dbq.InsertInviteTokenParams{Hash: hex.EncodeToString(hash), InviteID: string(invite)})
	})
}

// MailTrouble is why the last mail did not go out, "" when none waits.
func (s NotificationRows) MailTrouble(ctx context.Context) (string, error) {
	rows, err := s.queries().LastMailFailure(ctx)
	if err == nil && len(rows) == 0 {
		rows, err = s.queries().LastAccountMailFailure(ctx)
	}
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}
