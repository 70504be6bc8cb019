package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Workspace is the workspace with the id.
func (s WorkspaceRows) Workspace(ctx context.Context, id tidings.ID) (tidings.Workspace, error) {
	r, err := s.queries().WorkspaceByID(ctx, string(id))
	return tidings.Workspace{ID: tidings.ID(r.ID), Name: r.Name, Heat: r.HeatSinceMs != nil, MaskProfanity: r.MaskProfanity, CreatedAt: tidings.FromMillis(r.CreatedMs), Version: r.Version}, notFound(err)
}

// RenameWorkspace stores a new name when the version is still w.Version, else KindStale.
func (s WorkspaceRows) RenameWorkspace(ctx context.Context, w tidings.Workspace) (tidings.Workspace, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		n, err := tx.RenameWorkspace(ctx, dbq.RenameWorkspaceParams{ID: string(w.ID), Name: w.Name, Version: w.Version})
		if err := requireChange(n, err, errStale()); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: w.ID, Action: tidings.AuditWorkspaceChanged, TargetID: w.ID, Detail: map[string]string{"name": w.Name}})
	})

	w.Version++
	return w, err
}

// Members are the people of a workspace by name.
func (s WorkspaceRows) Members(ctx context.Context, ws tidings.ID) ([]tidings.Member, error) {
	rows, err := s.queries().MembersOfWorkspace(ctx, string(ws))
	out := make([]tidings.Member, len(rows))
	for i, r := range rows {
		out[i] = toMember(r)
	}
	return out, err
}

// SpeakersSeenBy are the people who speak on what a person with the guest role
// may see in a workspace: authors of its clips and of comments on them.
func (s WorkspaceRows) SpeakersSeenBy(ctx context.Context, guest, ws tidings.ID) (map[tidings.ID]bool, error) {
	ids, err := s.queries().SpeakersSeenByGuest(ctx, dbq.SpeakersSeenByGuestParams{WorkspaceID: string(ws), GuestID: string(guest)})
	out := make(map[tidings.ID]bool, len(ids))
	for _, id := range ids {
		out[tidings.ID(id)] = true
	}
	return out, err
}

func toMember(r dbq.MembersOfWorkspaceRow) tidings.Member {
	return tidings.Member{ID: tidings.ID(r.ID), Name: r.Name, Email: r.Email, Avatar: r.Avatar, Role: tidings.Role(r.Role), JoinedAt: tidings.FromMillis(r.CreatedMs)}
}

// SweepExpired deletes expired sessions, ceremonies, password resets, idempotency
// answers, audit entries and notifications, and view sessions of links beyond
// maxLinkVisits.
func (s WorkspaceRows) SweepExpired(ctx context.Context) error {
	return s.InTx(ctx, func(tx Tx) error {
		if err := tx.DeleteOldSessions(ctx, s.nowMS()); err != nil {
			return err
		}
		if err := tx.DeleteOldCeremonies(ctx, s.nowMS()); err != nil {
			return err
		}
		if err := tx.DeleteOldPasswordResets(ctx, s.nowMS()-resetRetention.Milliseconds()); err != nil {
			return err
		}
		if err := tx.DeleteOldAudit(ctx, s.nowMS()-auditRetention.Milliseconds()); err != nil {
			return err
		}
		if err := tx.DeleteOldNotifications(ctx, s.nowMS()-notificationRetention.Milliseconds()); err != nil {
			return err
		}
		if err := sweepLinkVisits(ctx, tx, maxLinkVisits); err != nil {
			return err
		}
		return tx.DeleteOldIdempotency(ctx, s.nowMS()-idempotencyRetention.Milliseconds())
	})
}
