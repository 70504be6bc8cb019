package store

import (
	"context"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Users are all accounts by id, for the operator of the server.
func (s AccountRows) Users(ctx context.Context, after tidings.ID, limit int) ([]tidings.User, error) {
	rows, err := s.queries().UsersAfter(ctx, dbq.UsersAfterParams{ID: string(after), Limit: int32(limit)})
	out := make([]tidings.User, len(rows))
	for i, r := range rows {
		if out[i], err = toUser(r); err != nil {
			return nil, err
		}
	}
	return out, err
}

// Workspaces are all workspaces, for the operator of the server.
func (s AccountRows) Workspaces(ctx context.Context) ([]tidings.WorkspaceCount, error) {
	rows, err := s.queries().WorkspacesAfter(ctx)
	out := make([]tidings.WorkspaceCount, len(rows))
	for i, r := range rows {
		out[i] = tidings.WorkspaceCount{Workspace: tidings.Workspace{ID: tidings.ID(r.ID), Name: r.Name, CreatedAt: tidings.FromMillis(r.CreatedMs), Version: r.Version}, People: int(r.MemberCount)}
	}
	return out, err
}

// CreateUser creates an account and, with a workspace, its membership. An
// address that has an account is KindConflict.
func (s AccountRows) CreateUser(ctx context.Context, in tidings.NewAccount, ws tidings.ID, role tidings.Role) (tidings.User, error) {
	now := s.clock()
	u := tidings.User{ID: tidings.NewID(now), Email: strings.ToLower(in.Email), Name: in.Name, TimeZone: in.TimeZone, CreatedAt: now.UTC(), Version: 1}
	return u, s.InTx(ctx, func(tx Tx) error {
		_, err := tx.UserByEmail(ctx, u.Email)
		if err == nil {
			return tidings.Errorf(tidings.KindConflict, "There is an account with the address %s.", u.Email)
		}
		if err = ignoreNotFound(err); err != nil {
			return err
		}
		if err := tx.InsertUser(ctx, dbq.InsertUserParams{ID: string(u.ID), Email: u.Email, Name: u.Name, PasswordHash: in.PasswordHash, TimeZone: u.TimeZone, Prefs: "{}", CreatedMs: tidings.Millis(now)}); err != nil || ws == "" {
			return err
		}
		if err := tx.InsertMember(ctx, dbq.InsertMemberParams{WorkspaceID: string(ws), UserID: string(u.ID), Role: string(role), CreatedMs: tidings.Millis(now)}); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: ws, Action: tidings.AuditMemberJoined, TargetID: u.ID, Detail: map[string]string{"role": string(role)}})
	})
}
