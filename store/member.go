package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// CreateWorkspace makes a workspace with its first owner in it.
func (s WorkspaceRows) CreateWorkspace(ctx context.Context, id tidings.ID, name string, owner tidings.ID) (tidings.Workspace, error) {
	now := s.nowMS()
	ws := tidings.Workspace{ID: id, Name: name, CreatedAt: tidings.FromMillis(now), Version: 1}
	return ws, s.InTx(ctx, func(tx Tx) error {
		if err := tx.InsertWorkspace(ctx, dbq.InsertWorkspaceParams{ID: string(ws.ID), Name: name, CreatedMs: now}); err != nil {
			return err
		}
		if err := tx.InsertMember(ctx, dbq.InsertMemberParams{WorkspaceID: string(ws.ID), UserID: string(owner), Role: string(tidings.RoleOwner), CreatedMs: now}); err != nil {
			return err
		}

		publishWorkspaceAccess(tx, ws.ID, owner)
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: ws.ID, ActorID: owner, Action: tidings.AuditWorkspaceCreated, TargetID: ws.ID, Detail: map[string]string{"name": name}})
	})
}

// roleOf is a person's role in a workspace as it is in this transaction.
func roleOf(ctx context.Context, tx Tx, ws, user tidings.ID) (tidings.Role, error) {
	r, err := tx.MemberOf(ctx, dbq.MemberOfParams{WorkspaceID: string(ws), UserID: string(user)})
	return tidings.Role(r), notFound(err)
}

func errRoleForbids() error {
	return tidings.Errorf(tidings.KindForbidden, "Your role does not allow this.")
}

// checkOwnerLeft returns KindConflict for a workspace without an owner.
func checkOwnerLeft(ctx context.Context, tx Tx, ws tidings.ID) error {
	n, err := tx.CountOwners(ctx, string(ws))
	if err != nil {
		return err
	}
	if n == 0 {
		return tidings.Errorf(tidings.KindConflict, "A workspace needs an owner. Make somebody else one first.")
	}
	return nil
}

// SetRole gives a member another role in the name of actor ("" = the operator of
// the server). Roles are read in the same transaction: of two owners who demote
// each other, one stays.
func (s WorkspaceRows) SetRole(ctx context.Context, ws, user, actor tidings.ID, to tidings.Role) error {
	return s.InTx(ctx, func(tx Tx) error {
		is, err := roleOf(ctx, tx, ws, user)
		if err != nil {
			return err
		}

		if actor != "" {
			by, err := roleOf(ctx, tx, ws, actor)
			if err != nil {
				return err
			}
			if !by.MayGive(is, to) {
				return errRoleForbids()
			}
		}

		if is == to {
			return nil
		}
		if _, err := tx.SetRole(ctx, dbq.SetRoleParams{WorkspaceID: string(ws), UserID: string(user), Role: string(to)}); err != nil {
			return err
		}
		if err := checkOwnerLeft(ctx, tx, ws); err != nil {
			return err
		}

		if to.Rank() < is.Rank() { // revoke invitations made with more rights than are left
			if _, err := tx.RevokeInvitesOf(ctx, dbq.RevokeInvitesOfParams{WorkspaceID: string(ws), CreatedBy: string(user), RevokedMs: new(s.nowMS())}); err != nil {
				return err
			}
		}

		publishWorkspaceAccess(tx, ws, user)
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: ws, Action: tidings.AuditMemberRole, TargetID: user, Detail: map[string]string{"from": string(is), "to": string(to)}})
	})
}

// RemoveMember removes a person from a workspace and its channels, in the name
// of actor ("" = the operator of the server); members may remove themselves.
// Their clips stay, their invitations are revoked, and private channels they
// leave empty get the workspace's owners.
func (s WorkspaceRows) RemoveMember(ctx context.Context, ws, user, actor tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		is, err := roleOf(ctx, tx, ws, user)
		if err != nil {
			return err
		}

		if actor != "" && actor != user {
			by, err := roleOf(ctx, tx, ws, actor)
			if err != nil {
				return err
			}
			if !by.MayGive(is, tidings.RoleGuest) {
				return errRoleForbids()
			}
		}

		if _, err := tx.DeleteMember(ctx, dbq.DeleteMemberParams{WorkspaceID: string(ws), UserID: string(user)}); err != nil {
			return err
		}
		if err := checkOwnerLeft(ctx, tx, ws); err != nil {
			return err
		}
		if err := removeFromChannels(ctx, tx, ws, user); err != nil {
			return err
		}

		publishWorkspaceAccess(tx, ws, user)
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: ws, Action: tidings.AuditMemberRemoved, TargetID: user, Detail: map[string]string{"role": string(is)}})
	})
}

func removeFromChannels(ctx context.Context, tx Tx, ws, user tidings.ID) error {
	if err := tx.LeaveChannels(ctx, dbq.LeaveChannelsParams{WorkspaceID: string(ws), UserID: string(user)}); err != nil {
		return err
	}
	if err := tx.AddOwnersToEmptyChannels(ctx, dbq.AddOwnersToEmptyChannelsParams{WorkspaceID: string(ws), CreatedMs: tx.nowMS()}); err != nil {
		return err
	}
	_, err := tx.RevokeInvitesOf(ctx, dbq.RevokeInvitesOfParams{WorkspaceID: string(ws), CreatedBy: string(user), RevokedMs: new(tx.nowMS())})
	return err
}
