package api

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ChannelAccessStore is what channelAccess needs of the rows.
type ChannelAccessStore interface {
	Channel(ctx context.Context, id, user tidings.ID) (tidings.Channel, error)
}

// channelAccess is the access check of channels.
type channelAccess struct {
	store ChannelAccessStore
}

// ListChannelMembers is GET /channels/{id}/members.
func (h *channelHandlers) ListChannelMembers(ctx context.Context, r spec.ListChannelMembersRequestObject) (spec.ListChannelMembersResponseObject, error) {
	ch, err := h.channelAccess.authorizeChannel(ctx, r.ID, tidings.ChannelSee)
	if err != nil {
		return nil, err
	}
	all, err := h.store.ChannelMembers(ctx, ch.ID)
	if err != nil {
		return nil, err
	}
	items, next, err := pageOf(membersShown(ctx, ch.WorkspaceID, all), memberKey, false, r.Params.Limit, r.Params.Cursor)
	return spec.ListChannelMembers200JSONResponse{NextCursor: next, Items: spec.Map(items, memberJSON)}, err
}

// AddChannelMember is POST /channels/{id}/members.
func (h *channelHandlers) AddChannelMember(ctx context.Context, r spec.AddChannelMemberRequestObject) (spec.AddChannelMemberResponseObject, error) {
	user := "me"
	if r.Body != nil {
		user = cmp.Or(spec.Deref(r.Body.User), user)
	}
	out, err := h.intoChannel(ctx, r.ID, user)
	return spec.AddChannelMember200JSONResponse(out), err
}

// PutChannelMember is PUT /channels/{id}/members/{user}.
func (h *channelHandlers) PutChannelMember(ctx context.Context, r spec.PutChannelMemberRequestObject) (spec.PutChannelMemberResponseObject, error) {
	out, err := h.intoChannel(ctx, r.ID, r.User)
	return spec.PutChannelMember200JSONResponse(out), err
}

func (h *channelHandlers) intoChannel(ctx context.Context, id, name string) (spec.Channel, error) {
	who := request.SubjectOf(ctx)
	user, act := authorFilter(who, &name), tidings.ChannelAdd
	if user == who.UserID {
		act = tidings.ChannelJoin
	}

	ch, err := h.channelAccess.authorizeChannel(ctx, id, act)
	if err != nil {
		return spec.Channel{}, err
	}
	if err := h.store.AddToChannel(ctx, ch.ID, user); err != nil {
		return spec.Channel{}, err
	}

	ch, err = h.store.Channel(ctx, ch.ID, who.UserID)
	return channelJSON(who, ch), err
}

// RemoveChannelMember is DELETE /channels/{id}/members/{user}.
func (h *channelHandlers) RemoveChannelMember(ctx context.Context, r spec.RemoveChannelMemberRequestObject) (spec.RemoveChannelMemberResponseObject, error) {
	who := request.SubjectOf(ctx)
	user, act := authorFilter(who, &r.User), tidings.ChannelManage
	if user == who.UserID {
		act = tidings.ChannelSee // every member may leave
	}
	ch, err := h.channelAccess.authorizeChannel(ctx, r.ID, act)
	if err != nil {
		return nil, err
	}
	return spec.RemoveChannelMember204Response{}, h.store.RemoveFromChannel(ctx, ch.ID, user)
}

func memberKey(m tidings.Member) string { return strings.ToLower(m.Name) + "\x00" + string(m.ID) }

func memberJSON(m tidings.Member) spec.Member {
	return spec.Member{ID: m.ID, Name: m.Name, Email: m.Email, Role: m.Role, AvatarURL: spec.AvatarURL(m.ID, m.Avatar)}
}

// membersShown are those of the members that the caller may know of. Guests of
// the workspace see themselves: of others they know who speaks on their clips.
func membersShown(ctx context.Context, ws tidings.ID, all []tidings.Member) []tidings.Member {
	who := request.SubjectOf(ctx)
	if who.Roles[ws] != tidings.RoleGuest {
		return all
	}
	return slices.DeleteFunc(all, func(m tidings.Member) bool { return m.ID != who.UserID })
}

func noChannel() error { return tidings.Invalid("channel_id", "There is no such channel.") }

// authorizePosting is the channel that a clip is moved to, if the caller may
// add clips to it.
func (a *channelAccess) authorizePosting(ctx context.Context, id string, ws tidings.ID) (tidings.ID, error) {
	if id == "" {
		return "", nil
	}
	ch, err := a.authorizeChannel(ctx, id, tidings.ChannelPost)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && ch.WorkspaceID != ws {
		return "", noChannel()
	}
	return ch.ID, err
}

// usualVisibility is the default visibility of a clip: its channel, or the
// workspace.
func usualVisibility(channel string) tidings.Visibility {
	if channel != "" {
		return tidings.VisibilityChannel
	}
	return tidings.VisibilityWorkspace
}

// placeClip sets the channel of a new clip as requested.
func (a *channelAccess) placeClip(ctx context.Context, clip *tidings.Clip, in *spec.ClipRequest) (err error) {
	if clip.ChannelID, err = a.authorizePosting(ctx, spec.Deref(in.ChannelID), clip.WorkspaceID); err != nil {
		return err
	}
	if clip.ChannelID == "" && clip.Visibility == tidings.VisibilityChannel {
		return tidings.Invalid("channel_id", "Say which channel.")
	}
	return nil
}

// moveClip moves a clip to another channel, or out of its channel with null. A
// clip that leaves its channel becomes private unless the request sets a
// visibility.
func (a *channelAccess) moveClip(ctx context.Context, g tidings.ClipAccess, p *tidings.ClipPatch, in *spec.ClipPatch) error {
	if !in.ChannelID.Set {
		return nil
	}

	to, err := a.authorizePosting(ctx, spec.Deref(in.ChannelID.Value), g.WorkspaceID)
	if err != nil {
		return err
	}

	p.ChannelID = &to
	if to == "" && p.Visibility == nil && g.Visibility == tidings.VisibilityChannel {
		p.Visibility = new(tidings.VisibilityPrivate)
	}

	return nil
}

// seesChannel reports whether a list may be filtered by the channel ("" =
// none). The list of a channel that the caller may not see is empty.
func (a *channelAccess) seesChannel(ctx context.Context, ws tidings.ID, id string) (bool, error) {
	if id == "" {
		return true, nil
	}
	ch, err := a.authorizeChannel(ctx, id, tidings.ChannelSee)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return false, nil
	}
	return ch.WorkspaceID == ws, err
}

// channelShown is the channel of a clip if its viewer may see the channel: a
// clip can be visible to more people than its channel.
func channelShown(who tidings.Subject, g tidings.ClipAccess) *tidings.ID {
	role := who.Roles[g.WorkspaceID]
	if role == "" || !g.InChannel && (!g.ChannelOpen || role == tidings.RoleGuest) {
		return nil
	}
	return spec.OrNil(g.ChannelID)
}
