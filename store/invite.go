package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func toInvite(r dbq.InviteByIDRow) (tidings.Invite, error) {
	i := tidings.Invite{ID: tidings.ID(r.ID), WorkspaceID: tidings.ID(r.WorkspaceID), Workspace: r.WorkspaceName, Role: tidings.Role(r.Role), Email: r.Email,
		MaxUses: int(r.MaxUses), Uses: int(r.Uses), CreatedBy: tidings.Author{ID: tidings.ID(r.CreatedBy), Name: r.CreatorName},
		CreatedAt: tidings.FromMillis(r.CreatedMs), ExpiresAt: tidings.FromMillis(r.ExpiresMs)}
	return i, json.Unmarshal([]byte(r.Channels), &i.ChannelIDs)
}

// CreateInvite stores an invitation with the hash of its token; with a base URL
// it is also mailed to i.Email. The caller checks that the creator may give the
// role and add people to the channels.
func (s WorkspaceRows) CreateInvite(ctx context.Context, i tidings.Invite, hash []byte, mailBase string) error {
	channels, err := json.Marshal(append([]tidings.ID{}, i.ChannelIDs...))
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx Tx) error {
		open, err := tx.OpenInvites(ctx, dbq.OpenInvitesParams{WorkspaceID: string(i.WorkspaceID), ExpiresMs: s.nowMS()})
		if err != nil {
			return err
		}
		if len(open) >= tidings.MaxInvites {
			return tidings.Errorf(tidings.KindConflict, "There are %d open invitations. Take some back first.", len(open))
		}
		if err := tx.InsertInvite(ctx, dbq.InsertInviteParams{ID: string(i.ID), WorkspaceID: string(i.WorkspaceID), Role: string(i.Role), Email: i.Email,
			Channels: dbq.JSON(channels), MaxUses: int64(i.MaxUses), CreatedBy: string(i.CreatedBy.ID), CreatedMs: tidings.Millis(i.CreatedAt), ExpiresMs: tidings.Millis(i.ExpiresAt)}); err != nil {
			return err
		}
		if err := tx.InsertInviteToken(ctx, dbq.InsertInviteTokenParams{Hash: hex.EncodeToString(hash), InviteID: string(i.ID)}); err != nil {
			return err
		}

		if mailBase != "" {
			if err := tx.InsertMail(ctx, dbq.InsertMailParams{ID: string(tidings.NewID(s.clock())), InviteID: string(i.ID), BaseUrl: mailBase, CreatedMs: s.nowMS()}); err != nil {
				return err
			}
		}

		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: i.WorkspaceID, Action: tidings.AuditInviteCreated, TargetID: i.ID, Detail: map[string]string{"role": string(i.Role), "email": i.Email}})
	})
}

// Invites are the open invitations of a workspace, newest first.
func (s WorkspaceRows) Invites(ctx context.Context, ws tidings.ID) ([]tidings.Invite, error) {
	rows, err := s.queries().OpenInvites(ctx, dbq.OpenInvitesParams{WorkspaceID: string(ws), ExpiresMs: s.nowMS()})
	if err != nil {
		return nil, err
	}

	mails, err := s.queries().MailsOfWorkspace(ctx, string(ws))
	if err != nil {
		return nil, err
	}

	out := make([]tidings.Invite, len(rows))
	for n, r := range rows {
		if out[n], err = toInvite(dbq.InviteByIDRow(r)); err != nil {
			return nil, err
		}

		for _, m := range mails {
			if m.InviteID == r.ID {
				out[n].Mail = tidings.MailState{Wanted: true, SentAt: timeFromMillis(m.SentMs), Failure: m.Failure, GivenUp: m.FailedMs != nil}
			}
		}
	}

	return out, nil
}

// RevokeInvite takes an invitation of a workspace back.
func (s WorkspaceRows) RevokeInvite(ctx context.Context, ws, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.RevokeInvite(ctx, dbq.RevokeInviteParams{ID: string(id), WorkspaceID: string(ws), RevokedMs: new(s.nowMS())})
		if err := requireChange(n, err, tidings.NotFound()); err != nil {
			return err
		}
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: ws, Action: tidings.AuditInviteRevoked, TargetID: id})
	})
}

// InviteByHash is the invitation of a token, even if it has expired or is used
// up: see Invite.Open.
func (s WorkspaceRows) InviteByHash(ctx context.Context, hash []byte) (tidings.Invite, error) {
	r, err := s.queries().InviteByHash(ctx, hex.EncodeToString(hash))
	if err != nil {
		return tidings.Invite{}, notFound(err)
	}
	return toInvite(dbq.InviteByIDRow(r))
}

// AcceptInvite makes a person a member by a token. A member's role can only be
// raised and channels added; an invitation that changes nothing is not used up.
// One that has expired, is used up, for another address or missing is
// KindNotFound.
func (s WorkspaceRows) AcceptInvite(ctx context.Context, hash []byte, user tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		u, err := tx.UserByID(ctx, string(user))
		if err != nil {
			return notFound(err)
		}
		return acceptInvite(ctx, tx, hash, u.ID, u.Email)
	})
}

// SignUp creates an account and accepts the invitation of the token in one
// transaction. An address that has an account is KindConflict.
func (s WorkspaceRows) SignUp(ctx context.Context, hash []byte, in tidings.NewAccount) (tidings.User, error) {
	now := s.clock()
	u := tidings.User{ID: tidings.NewID(now), Email: strings.ToLower(in.Email), Name: in.Name, TimeZone: in.TimeZone, CreatedAt: now.UTC(), Version: 1}
	return u, s.InTx(ctx, func(tx Tx) error {
		_, err := tx.UserByEmail(ctx, u.Email)
		if err == nil {
			return &tidings.Error{Kind: tidings.KindConflict, Msg: "There is an account with this address. Sign in, then open the invitation again.",
				Fields: map[string]string{"email": "This address has an account."}}
		}
		if err = ignoreNotFound(err); err != nil {
			return err
		}
		if err := tx.InsertUser(ctx, dbq.InsertUserParams{ID: string(u.ID), Email: u.Email, Name: u.Name, PasswordHash: in.PasswordHash, TimeZone: u.TimeZone, Prefs: "{}", CreatedMs: tidings.Millis(now)}); err != nil {
			return err
		}
		return acceptInvite(ctx, tx, hash, string(u.ID), u.Email)
	})
}

func acceptInvite(ctx context.Context, tx Tx, hash []byte, user, email string) error {
	r, err := tx.InviteByHash(ctx, hex.EncodeToString(hash))
	if err != nil {
		return notFound(err)
	}

	i, err := toInvite(dbq.InviteByIDRow(r))
	if err != nil {
		return err
	}

	is, err := roleOf(ctx, tx, i.WorkspaceID, tidings.ID(user))
	if err = ignoreNotFound(err); err != nil {
		return err
	}
	if is != "" && (!i.AllowsEmail(email) || !i.Open(tx.now)) {
		return nil // a member already: nothing changes, and no use is counted
	}
	if !i.AllowsEmail(email) {
		return tidings.NotFound()
	}

	joined, err := joinInvited(ctx, tx, i, user, is)
	if err != nil || !joined {
		return err
	}

	n, err := tx.UseInvite(ctx, dbq.UseInviteParams{ID: r.ID, ExpiresMs: tx.nowMS()})
	return requireChange(n, err, tidings.NotFound())
}

// joinInvited gives the role and channels of an invitation, and reports whether
// anything changed.
func joinInvited(ctx context.Context, tx Tx, i tidings.Invite, user string, is tidings.Role) (bool, error) {
	changed := false
	entry := tidings.AuditEntry{WorkspaceID: i.WorkspaceID, ActorID: tidings.ID(user), Action: tidings.AuditMemberJoined, TargetID: tidings.ID(user), Detail: map[string]string{"role": string(i.Role), "invite": string(i.ID)}}
	switch {
	case is == "":
		if err := tx.InsertMember(ctx, dbq.InsertMemberParams{WorkspaceID: string(i.WorkspaceID), UserID: user, Role: string(i.Role), CreatedMs: tx.nowMS()}); err != nil {
			return false, err
		}
		changed = true
	case i.Role.Rank() > is.Rank():
		if _, err := tx.SetRole(ctx, dbq.SetRoleParams{WorkspaceID: string(i.WorkspaceID), UserID: user, Role: string(i.Role)}); err != nil {
			return false, err
		}
		entry.Action, entry.Detail["from"] = tidings.AuditMemberRole, string(is)
		changed = true
	}

	if changed {
		if err := tx.Audit(ctx, entry); err != nil {
			return false, err
		}
	}

	for _, id := range i.ChannelIDs {
		ch, err := tx.ChannelByID(ctx, dbq.ChannelByIDParams{ID: string(id), ViewerID: user})
		if isNotFound(err) {
			continue // deleted since
		}
		if err != nil {
			return false, err
		}

		if ch.Member || ch.WorkspaceID != string(i.WorkspaceID) {
			continue
		}
		if err := addChannelMember(ctx, tx, ch, tidings.ID(user)); err != nil {
			return false, err
		}

		changed = true
	}

	if changed {
		publishWorkspaceAccess(tx, i.WorkspaceID, tidings.ID(user))
	}

	return changed, nil
}
