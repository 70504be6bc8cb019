package store

import (
	"context"
	"encoding/json"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// notification is what an act notifies people of, before it becomes a row for
// each of them.
type notification struct {
	clip     tidings.ID
	comment  tidings.ID // "" = the clip
	kind     tidings.NotificationKind
	dedupKey string // names the act: a person gets one notification of it
	actor    tidings.Author
	renew    bool // an existing notification of the act becomes unseen again
	silent   bool // publish no event for each person; one for all follows
}

// notifyPeople stores a notification for those of the people who want it and may
// see the clip. The actor is left out, and nobody gets two of one act.
func notifyPeople(ctx context.Context, tx Tx, n notification, people ...tidings.ID) error {
	told := map[tidings.ID]bool{"": true, n.actor.ID: true}
	for _, id := range people {
		if told[id] {
			continue
		}

		told[id] = true
		prefs, ws, ok, err := canNotify(ctx, tx, n.clip, id)
		if err != nil {
			return err
		}
		if !ok || !prefs.Wants(n.kind) {
			continue
		}
		if err := notifyPerson(ctx, tx, n, ws, id, prefs); err != nil {
			return err
		}
	}

	return nil
}

// SetDeliveryChannels names the channels that a dispatcher drains; no deliveries
// are stored for others. Call it before any other method.
func (s NotificationRows) SetDeliveryChannels(channels ...tidings.DeliveryChannel) {
	s.deliveryChannels = channels
}

func notifyPerson(ctx context.Context, tx Tx, n notification, ws, user tidings.ID, prefs tidings.Preferences) error {
	now := tx.nowMS()
	row := dbq.InsertNotificationParams{ID: string(tidings.NewID(tx.now)), UserID: string(user), WorkspaceID: string(ws), ClipID: string(n.clip),
		CommentID: string(n.comment), Kind: string(n.kind), Thing: n.dedupKey, ActorID: string(n.actor.ID), ActorName: n.actor.Name, CreatedMs: now}

	var made []string
	var err error
	if n.renew {
		made, err = tx.RenewNotification(ctx, dbq.RenewNotificationParams(row))
	} else {
		made, err = tx.InsertNotification(ctx, row)
	}

	if err != nil || len(made) == 0 {
		return err
	}

	for _, c := range tx.deliveryChannels {
		if !prefs.Delivers(n.kind, c) {
			continue
		}
		if err := tx.InsertDelivery(ctx, dbq.InsertDeliveryParams{NotificationID: made[0], Channel: string(c), DueMs: now}); err != nil {
			return err
		}
	}

	if !n.silent {
		tx.Publish(tidings.Event{Type: tidings.EventNotification, WorkspaceID: ws, ClipID: n.clip, SubjectID: tidings.ID(made[0]), UserID: user})
	}

	return nil
}

// canNotify reports whether a person may see a clip by their account, with their
// preferences and the clip's workspace.
func canNotify(ctx context.Context, tx Tx, clip, user tidings.ID) (prefs tidings.Preferences, ws tidings.ID, ok bool, err error) {
	g, err := clipAccess(ctx, tx.Queries, clip, user, maxReplyDepth)
	if err != nil {
		return prefs, "", false, err
	}

	p, err := tx.PersonInWorkspace(ctx, dbq.PersonInWorkspaceParams{WorkspaceID: string(g.WorkspaceID), UserID: string(user)})
	if err != nil {
		return prefs, "", false, ignoreNotFound(err)
	}

	who := tidings.Subject{UserID: user, Scope: tidings.ScopeRead, Roles: map[tidings.ID]tidings.Role{g.WorkspaceID: tidings.Role(p.Role)}}
	if g.Trashed || !tidings.Allowed(who, g, tidings.ActView, tx.now) {
		return prefs, "", false, nil
	}

	err = json.Unmarshal([]byte(p.Prefs), &prefs)
	return prefs, g.WorkspaceID, true, err
}

// notifyComment notifies those whom a new comment mentions, the authors of its
// thread, and the author of the clip.
func notifyComment(ctx context.Context, tx Tx, c tidings.Comment) error {
	name, err := guestName(ctx, tx, c.GuestID)
	if err != nil {
		return err
	}

	n := notification{clip: c.ClipID, comment: c.ID, dedupKey: "comment:" + string(c.ID), actor: tidings.Author{ID: c.Author.ID, Name: name}}
	n.kind = tidings.NotifyMention
	if err := notifyPeople(ctx, tx, n, tidings.Mentioned(c.Body)...); err != nil {
		return err
	}

	if c.ParentID != "" {
		authors, err := tx.AuthorsOfThread(ctx, string(c.ParentID))
		if err != nil {
			return err
		}

		n.kind = tidings.NotifyReply
		if err := notifyPeople(ctx, tx, n, toIDs(authors)...); err != nil {
			return err
		}
	}

	g, err := tx.ClipAccessByID(ctx, string(c.ClipID))
	if err != nil {
		return notFound(err)
	}

	n.kind = tidings.NotifyComment
	return notifyPeople(ctx, tx, n, tidings.ID(g.AuthorID))
}

// notifyMentions notifies those whom a changed comment mentions.
func notifyMentions(ctx context.Context, tx Tx, c tidings.Comment) error {
	n := notification{clip: c.ClipID, comment: c.ID, kind: tidings.NotifyMention, dedupKey: "comment:" + string(c.ID), actor: c.Author}
	return notifyPeople(ctx, tx, n, tidings.Mentioned(c.Body)...)
}

// notifyClip notifies of a recorded clip: all of the workspace, or the members
// of its channel. It may be called again, as the dedup key is the clip. Replies
// are covered by their comments.
func notifyClip(ctx context.Context, tx Tx, id tidings.ID) error {
	c, err := tx.ClipByID(ctx, string(id))
	if err != nil {
		return notFound(err)
	}
	if c.Answers != "" || c.RecordedMs == nil || c.TrashedMs != nil || c.Visibility == string(tidings.VisibilityPrivate) {
		return nil
	}

	members, err := tx.MemberIDs(ctx, c.WorkspaceID)
	if err != nil {
		return err
	}

	people := toIDs(members)
	if c.Visibility == string(tidings.VisibilityChannel) { // all may see an open channel; only its members are notified
		if people, err = membersOfClipChannel(ctx, tx, id, people); err != nil {
			return err
		}
	}

	n := notification{clip: id, kind: tidings.NotifyClip, dedupKey: "clip:" + string(id), actor: tidings.Author{ID: tidings.ID(c.AuthorID)}, silent: true}
	if err := notifyPeople(ctx, tx, n, people...); err != nil {
		return err
	}

	tx.Publish(tidings.Event{Type: tidings.EventNotification, WorkspaceID: tidings.ID(c.WorkspaceID), ClipID: id})
	return nil
}

// membersOfClipChannel are those of the people who are members of a clip's
// channel.
func membersOfClipChannel(ctx context.Context, tx Tx, clip tidings.ID, people []tidings.ID) ([]tidings.ID, error) {
	var in []tidings.ID
	for _, user := range people {
		g, err := clipAccess(ctx, tx.Queries, clip, user, maxReplyDepth)
		if err != nil {
			return nil, err
		}
		if g.InChannel {
			in = append(in, user)
		}
	}

	return in, nil
}
