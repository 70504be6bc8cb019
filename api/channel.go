package api

import (
	"cmp"
	"context"
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ChannelStore is what channelHandlers needs of the rows.
type ChannelStore interface {
	AddToChannel(ctx context.Context, id, user tidings.ID) error
	Channel(ctx context.Context, id, user tidings.ID) (tidings.Channel, error)
	ChannelMembers(ctx context.Context, id tidings.ID) ([]tidings.Member, error)
	Channels(ctx context.Context, s tidings.Subject, ws tidings.ID) ([]tidings.Channel, error)
	CreateChannel(ctx context.Context, ch tidings.Channel) (tidings.Channel, error) // KindConflict: the name is taken
	DeleteChannel(ctx context.Context, id tidings.ID) error
	RemoveFromChannel(ctx context.Context, id, user tidings.ID) error
	UpdateChannel(ctx context.Context, id, user tidings.ID, p tidings.ChannelPatch, ifVersion *int64) (tidings.Channel, error)
}

// channelHandlers serves channels and their members.
type channelHandlers struct {
	store         ChannelStore
	channelAccess *channelAccess
	clock         tidings.Clock
}

// authorizeChannel is the access check of a channel: KindNotFound both for one
// that the caller may not see and for one that does not exist.
func (a *channelAccess) authorizeChannel(ctx context.Context, id string, act tidings.ChannelAction) (tidings.Channel, error) {
	parsed, ok := tidings.ParseID(id)
	if !ok {
		return tidings.Channel{}, tidings.NotFound()
	}

	who := request.SubjectOf(ctx)
	ch, err := a.store.Channel(ctx, parsed, who.UserID)
	if err != nil {
		return ch, err
	}
	if !tidings.ChannelAllowed(who, ch, tidings.ChannelSee) {
		return ch, tidings.NotFound()
	}
	if !tidings.ChannelAllowed(who, ch, act) {
		return ch, tidings.Errorf(tidings.KindForbidden, "You may see this channel, but not do this.")
	}

	return ch, nil
}

func channelJSON(who tidings.Subject, ch tidings.Channel) spec.Channel {
	may := func(act tidings.ChannelAction) bool { return tidings.ChannelAllowed(who, ch, act) }
	return spec.Channel{ID: ch.ID, WorkspaceID: ch.WorkspaceID, Name: ch.Name, Topic: ch.Topic, Kind: ch.Kind, Member: ch.Member, MemberCount: ch.Members,
		CreatedAt: spec.Instant(ch.CreatedAt), Version: ch.Version, Can: spec.ChannelCan{Join: !ch.Member && may(tidings.ChannelJoin),
			Post: may(tidings.ChannelPost), Add: may(tidings.ChannelAdd), Manage: may(tidings.ChannelManage)}}
}

// ListChannels is GET /workspaces/{ws}/channels.
func (h *channelHandlers) ListChannels(ctx context.Context, r spec.ListChannelsRequestObject) (spec.ListChannelsResponseObject, error) {
	ws, _, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}

	who := request.SubjectOf(ctx)
	all, err := h.store.Channels(ctx, who, ws)
	if err != nil {
		return nil, err
	}

	items, next, err := pageOf(all, func(ch tidings.Channel) string { return strings.ToLower(ch.Name) + "\x00" + string(ch.ID) }, false, r.Params.Limit, r.Params.Cursor)
	return spec.ListChannels200JSONResponse{NextCursor: next, Items: spec.Map(items, func(ch tidings.Channel) spec.Channel { return channelJSON(who, ch) })}, err
}

// CreateChannel is POST /workspaces/{ws}/channels.
func (h *channelHandlers) CreateChannel(ctx context.Context, r spec.CreateChannelRequestObject) (spec.CreateChannelResponseObject, error) {
	who, now := request.SubjectOf(ctx), h.clock()
	if made, repeated := request.RepeatedCreation(ctx); repeated {
		ch, err := h.channelAccess.authorizeChannel(ctx, string(made.ID), tidings.ChannelSee)
		return spec.CreateChannel201JSONResponse(channelJSON(who, ch)), err
	}

	ws, role, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	if role == tidings.RoleGuest {
		return nil, tidings.Errorf(tidings.KindForbidden, "Guests of a workspace may not make channels.")
	}

	kind := cmp.Or(spec.Deref(r.Body.Kind), tidings.ChannelOpen)
	topic := spec.Deref(r.Body.Topic)
	p := tidings.ChannelPatch{Name: &r.Body.Name, Topic: &topic, Kind: &kind}
	if err := p.Validate(); err != nil {
		return nil, err
	}

	id := tidings.NewID(now)
	claimed, err := request.ClaimForCreation(ctx, request.Creation{ID: id})
	if err != nil {
		return nil, err
	}

	ch, err := h.store.CreateChannel(claimed, tidings.Channel{ID: id, WorkspaceID: ws, Name: *p.Name, Topic: *p.Topic, Kind: kind, CreatedBy: who.UserID, CreatedAt: now})
	return spec.CreateChannel201JSONResponse(channelJSON(who, ch)), err
}

// GetChannel is GET /channels/{id}.
func (h *channelHandlers) GetChannel(ctx context.Context, r spec.GetChannelRequestObject) (spec.GetChannelResponseObject, error) {
	ch, err := h.channelAccess.authorizeChannel(ctx, r.ID, tidings.ChannelSee)
	return spec.GetChannel200JSONResponse(channelJSON(request.SubjectOf(ctx), ch)), err
}

// UpdateChannel is PATCH /channels/{id}.
func (h *channelHandlers) UpdateChannel(ctx context.Context, r spec.UpdateChannelRequestObject) (spec.UpdateChannelResponseObject, error) {
	ch, err := h.channelAccess.authorizeChannel(ctx, r.ID, tidings.ChannelManage)
	if err != nil {
		return nil, err
	}

	version, err := ifMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}

	p := tidings.ChannelPatch{Name: r.Body.Name, Topic: r.Body.Topic, Kind: r.Body.Kind}
	if err := p.Validate(); err != nil {
		return nil, err
	}

	who := request.SubjectOf(ctx)
	ch, err = h.store.UpdateChannel(ctx, ch.ID, who.UserID, p, version)
	return spec.UpdateChannel200JSONResponse(channelJSON(who, ch)), err
}

// DeleteChannel is DELETE /channels/{id}.
func (h *channelHandlers) DeleteChannel(ctx context.Context, r spec.DeleteChannelRequestObject) (spec.DeleteChannelResponseObject, error) {
	ch, err := h.channelAccess.authorizeChannel(ctx, r.ID, tidings.ChannelManage)
	if err != nil {
		return nil, err
	}
	return spec.DeleteChannel204Response{}, h.store.DeleteChannel(ctx, ch.ID)
}
