package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func toChannel(r dbq.ChannelByIDRow) tidings.Channel {
	return tidings.Channel{ID: tidings.ID(r.ID), WorkspaceID: tidings.ID(r.WorkspaceID), Name: r.Name, Topic: r.Topic, Kind: tidings.ChannelKind(r.Kind),
		CreatedBy: tidings.ID(r.CreatedBy), CreatedAt: tidings.FromMillis(r.CreatedMs), Members: int(r.MemberCount), Member: r.Member, Version: r.Version}
}

// Channel is the channel with the id; Member is about user. The caller checks
// tidings.ChannelAllowed before it shows anything of it.
func (s ChannelRows) Channel(ctx context.Context, id, user tidings.ID) (tidings.Channel, error) {
	r, err := s.queries().ChannelByID(ctx, dbq.ChannelByIDParams{ID: string(id), ViewerID: string(user)})
	return toChannel(r), notFound(err)
}

// Channels are the channels of a workspace that the subject may see, by name.
func (s ChannelRows) Channels(ctx context.Context, sub tidings.Subject, ws tidings.ID) ([]tidings.Channel, error) {
	rows, err := s.queries().ChannelsOfWorkspace(ctx, dbq.ChannelsOfWorkspaceParams{WorkspaceID: string(ws), ViewerID: string(sub.UserID)})
	if err != nil {
		return nil, err
	}

	out := []tidings.Channel{}
	for _, r := range rows {
		if ch := toChannel(dbq.ChannelByIDRow(r)); tidings.ChannelAllowed(sub, ch, tidings.ChannelSee) {
			out = append(out, ch)
		}
	}

	return out, nil
}

func errChannelNameTaken() error {
	return &tidings.Error{Kind: tidings.KindConflict, Msg: "There is a channel of that name already.", Fields: map[string]string{"name": "This name is taken."}}
}

// CreateChannel stores a channel with its creator as the first member. A name
// that is taken is KindConflict.
func (s ChannelRows) CreateChannel(ctx context.Context, ch tidings.Channel) (tidings.Channel, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		n, err := tx.CountChannels(ctx, string(ch.WorkspaceID))
		if err != nil {
			return err
		}
		if n >= tidings.MaxChannels {
			return tidings.Errorf(tidings.KindConflict, "A workspace may have %d channels.", tidings.MaxChannels)
		}
		if n, err = tx.InsertChannel(ctx, dbq.InsertChannelParams{ID: string(ch.ID), WorkspaceID: string(ch.WorkspaceID), Name: ch.Name, NameFold: foldCase(ch.Name),
			Topic: ch.Topic, Kind: string(ch.Kind), CreatedBy: string(ch.CreatedBy), CreatedMs: tidings.Millis(ch.CreatedAt)}); err != nil {
			return err
		}
		if n == 0 {
			return errChannelNameTaken()
		}
		if _, err := tx.PutChannelMember(ctx, dbq.PutChannelMemberParams{ChannelID: string(ch.ID), UserID: string(ch.CreatedBy), CreatedMs: s.nowMS()}); err != nil {
			return err
		}

		publishWorkspaceAccess(tx, ch.WorkspaceID, "")
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: ch.WorkspaceID, Action: tidings.AuditChannelCreated, TargetID: ch.ID, Detail: map[string]string{"name": ch.Name, "kind": string(ch.Kind)}})
	})
	if err != nil {
		return ch, err
	}
	return s.Channel(ctx, ch.ID, ch.CreatedBy)
}

// publishWorkspaceAccess makes the open streams of a person ("" = of all members
// of the workspace) check their access again.
func publishWorkspaceAccess(tx Tx, ws, user tidings.ID) {
	tx.Publish(tidings.Event{Type: tidings.EventAccessChanged, WorkspaceID: ws, SubjectID: user})
}

// UpdateChannel changes the fields that p names. A newer version than ifVersion
// is KindStale, a name that is taken KindConflict.
func (s ChannelRows) UpdateChannel(ctx context.Context, id, user tidings.ID, p tidings.ChannelPatch, ifVersion *int64) (tidings.Channel, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		r, err := tx.ChannelByID(ctx, dbq.ChannelByIDParams{ID: string(id), ViewerID: string(user)})
		if err != nil {
			return notFound(err)
		}
		if ifVersion != nil && *ifVersion != r.Version {
			return errStale()
		}

		next := dbq.UpdateChannelParams{ID: r.ID, Name: valueOr(p.Name, r.Name), Topic: valueOr(p.Topic, r.Topic), Kind: string(valueOr(p.Kind, tidings.ChannelKind(r.Kind))), Version: r.Version}
		next.NameFold = foldCase(next.Name)
		other, err := tx.ChannelByName(ctx, dbq.ChannelByNameParams{WorkspaceID: r.WorkspaceID, NameFold: next.NameFold})
		if err == nil && other != r.ID {
			return errChannelNameTaken()
		}
		if err = ignoreNotFound(err); err != nil {
			return err
		}
		if _, err := tx.UpdateChannel(ctx, next); err != nil {
			return err
		}

		publishWorkspaceAccess(tx, tidings.ID(r.WorkspaceID), "")
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: tidings.ID(r.WorkspaceID), Action: tidings.AuditChannelChanged, TargetID: id, Detail: map[string]string{"name": next.Name, "kind": next.Kind}})
	})
	if err != nil {
		return tidings.Channel{}, err
	}
	return s.Channel(ctx, id, user)
}

// DeleteChannel removes a channel. Its clips stay: those that only the channel
// could see become their authors' private ones, the others keep their audience.
func (s ChannelRows) DeleteChannel(ctx context.Context, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.ChannelByID(ctx, dbq.ChannelByIDParams{ID: string(id)})
		if err != nil {
			return notFound(err)
		}

		clips, err := tx.ClipsOfChannel(ctx, string(id))
		if err != nil {
			return err
		}
		if err := tx.DetachClipsOfChannel(ctx, string(id)); err != nil {
			return err
		}

		for _, clip := range clips {
			tx.publishClipUpdated(tidings.ID(r.WorkspaceID), tidings.ID(clip))
			if err := enqueueIndexing(ctx, tx, tidings.ID(clip)); err != nil {
				return err
			}
		}

		if _, err := tx.DeleteChannel(ctx, string(id)); err != nil {
			return err
		}

		publishWorkspaceAccess(tx, tidings.ID(r.WorkspaceID), "")
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: tidings.ID(r.WorkspaceID), Action: tidings.AuditChannelDeleted, TargetID: id, Detail: map[string]string{"name": r.Name}})
	})
}

// ChannelMembers are the people in a channel, by name.
func (s ChannelRows) ChannelMembers(ctx context.Context, id tidings.ID) ([]tidings.Member, error) {
	rows, err := s.queries().MembersOfChannel(ctx, string(id))
	out := make([]tidings.Member, len(rows))
	for i, r := range rows {
		out[i] = toMember(dbq.MembersOfWorkspaceRow(r))
	}
	return out, err
}

// AddToChannel makes a member of the workspace a member of the channel. Adding a
// member again is no error.
func (s ChannelRows) AddToChannel(ctx context.Context, id, user tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.ChannelByID(ctx, dbq.ChannelByIDParams{ID: string(id)})
		if err != nil {
			return notFound(err)
		}

		_, err = tx.MemberOf(ctx, dbq.MemberOfParams{WorkspaceID: r.WorkspaceID, UserID: string(user)})
		if isNotFound(err) {
			return tidings.Invalid("user", "Nobody of this workspace.")
		}
		if err != nil {
			return err
		}
		return addChannelMember(ctx, tx, r, user)
	})
}

// addChannelMember inserts the row, and audits and publishes the change if it
// was one.
func addChannelMember(ctx context.Context, tx Tx, r dbq.ChannelByIDRow, user tidings.ID) error {
	n, err := tx.PutChannelMember(ctx, dbq.PutChannelMemberParams{ChannelID: r.ID, UserID: string(user), CreatedMs: tx.nowMS()})
	if err != nil || n == 0 {
		return err
	}
	publishWorkspaceAccess(tx, tidings.ID(r.WorkspaceID), user)
	return auditChannelMember(ctx, tx, r, "added", user)
}

// auditChannelMember audits who was added to or removed from a private channel;
// membership of an open one gives no access.
func auditChannelMember(ctx context.Context, tx Tx, r dbq.ChannelByIDRow, what string, user tidings.ID) error {
	if r.Kind != string(tidings.ChannelPrivate) {
		return nil // membership of an open channel gives no access
	}
	return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: tidings.ID(r.WorkspaceID), Action: tidings.AuditChannelChanged, TargetID: tidings.ID(r.ID),
		Detail: map[string]string{"name": r.Name, what: string(user)}})
}

// RemoveFromChannel removes a member. The last member of a private channel
// cannot be removed, as the channel could not be seen any more. Removing again
// is no error.
func (s ChannelRows) RemoveFromChannel(ctx context.Context, id, user tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.ChannelByID(ctx, dbq.ChannelByIDParams{ID: string(id), ViewerID: string(user)})
		if err != nil {
			return notFound(err)
		}
		if !r.Member {
			return nil
		}
		if r.Kind == string(tidings.ChannelPrivate) && r.MemberCount == 1 {
			return tidings.Errorf(tidings.KindConflict, "A private channel needs one member at least. Delete the channel instead.")
		}
		if _, err := tx.DeleteChannelMember(ctx, dbq.DeleteChannelMemberParams{ChannelID: r.ID, UserID: string(user)}); err != nil {
			return err
		}

		publishWorkspaceAccess(tx, tidings.ID(r.WorkspaceID), user)
		return auditChannelMember(ctx, tx, r, "removed", user)
	})
}

// checkChannel returns KindInvalid for a channel that does not exist or is of
// another workspace.
func checkChannel(ctx context.Context, tx Tx, id, ws string) error {
	if id == "" {
		return nil
	}

	r, err := tx.ChannelByID(ctx, dbq.ChannelByIDParams{ID: id})
	if err != nil && !isNotFound(err) {
		return err
	}
	if err != nil || r.WorkspaceID != ws {
		return tidings.Invalid("channel_id", "There is no such channel.")
	}

	return nil
}

// ACLOf are the search tokens of a caller in a workspace; none when the caller
// may find nothing.
func (s ChannelRows) ACLOf(ctx context.Context, sub tidings.Subject, ws tidings.ID) ([]string, error) {
	role := sub.Roles[ws]
	if sub.UserID == "" || role == "" || !sub.Scope.Includes(tidings.ScopeRead) {
		return nil, nil
	}

	acl := []string{"u:" + string(sub.UserID)}
	if role != tidings.RoleGuest {
		acl = append(acl, "w:"+string(ws))
	}

	channels, err := s.Channels(ctx, sub, ws)
	if err != nil {
		return nil, err
	}

	for _, ch := range channels {
		acl = append(acl, "c:"+string(ch.ID))
	}

	return acl, nil
}
