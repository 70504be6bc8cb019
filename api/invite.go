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

// InviteStore is what inviteHandlers needs of the rows.
type InviteStore interface {
	AcceptInvite(ctx context.Context, hash []byte, user tidings.ID) error
	CreateInvite(ctx context.Context, i tidings.Invite, hash []byte, mailBase string) error
	InviteByHash(ctx context.Context, hash []byte) (tidings.Invite, error) // also expired and used ones
	Invites(ctx context.Context, ws tidings.ID) ([]tidings.Invite, error)
	MailTrouble(ctx context.Context) (string, error)
	RevokeInvite(ctx context.Context, ws, id tidings.ID) error
	SignUp(ctx context.Context, hash []byte, in tidings.NewAccount) (tidings.User, error) // KindConflict: the address has an account
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
}

// inviteHandlers serves invitations.
type inviteHandlers struct {
	store         InviteStore
	channelAccess *channelAccess
	auth          *auth.Authenticator
	canMail       bool
	clock         tidings.Clock
	passwords     *auth.PasswordHasher
	signInLimiter *auth.Limiter
}

func inviteJSON(i tidings.Invite) spec.Invite {
	out := spec.Invite{ID: i.ID, WorkspaceID: i.WorkspaceID, Role: i.Role, Email: spec.OrNil(i.Email), ChannelIds: append([]tidings.ID{}, i.ChannelIDs...),
		MaxUses: i.MaxUses, Uses: i.Uses, CreatedBy: spec.AuthorOf(i.CreatedBy), CreatedAt: spec.Instant(i.CreatedAt), ExpiresAt: spec.Instant(i.ExpiresAt)}
	if m := i.Mail; m.Wanted {
		state := "waiting"
		if m.SentAt != nil {
			state = "sent"
		} else if m.GivenUp {
			state = "failed"
		}
		out.Mail = &spec.InviteMail{State: state, SentAt: spec.InstantOrNil(m.SentAt), Failure: spec.OrNil(m.Failure)}
	}

	return out
}

// authorizeInvites is the workspace of invitations, for its owners and admins.
func (h *inviteHandlers) authorizeInvites(ctx context.Context, ws string) (tidings.ID, tidings.Role, error) {
	id, role, err := auth.RoleIn(ctx, ws)
	if err == nil && !role.Manages() {
		err = tidings.Errorf(tidings.KindForbidden, "Only owners and admins may do this.")
	}
	return id, role, err
}

// ListInvites is GET /workspaces/{ws}/invites.
func (h *inviteHandlers) ListInvites(ctx context.Context, r spec.ListInvitesRequestObject) (spec.ListInvitesResponseObject, error) {
	ws, _, err := h.authorizeInvites(ctx, r.Ws)
	if err != nil {
		return nil, err
	}

	all, err := h.store.Invites(ctx, ws)
	if err != nil {
		return nil, err
	}

	trouble, err := h.store.MailTrouble(ctx)
	if err != nil {
		return nil, err
	}

	items, next, err := pageOf(all, func(i tidings.Invite) string { return string(i.ID) }, true, r.Params.Limit, r.Params.Cursor)
	return spec.ListInvites200JSONResponse{Items: spec.Map(items, inviteJSON), NextCursor: next, CanMail: h.canMail, MailTrouble: spec.OrNil(trouble)}, err
}

// CreateInvite is POST /workspaces/{ws}/invites.
func (h *inviteHandlers) CreateInvite(ctx context.Context, r spec.CreateInviteRequestObject) (spec.CreateInviteResponseObject, error) {
	ws, role, err := h.authorizeInvites(ctx, r.Ws)
	if err != nil {
		return nil, err
	}

	if r.Body == nil {
		r.Body = &spec.InviteRequest{}
	}

	i, err := h.newInvite(ctx, ws, role, r.Body)
	if err != nil {
		return nil, err
	}

	token, base := auth.RandomText(16), ""
	if i.Email != "" && h.canMail {
		base = request.FromContext(ctx).BaseURL
		i.Mail.Wanted = true
	}

	j := inviteJSON(i)
	answer := spec.CreateInvite201JSONResponse{ID: j.ID, WorkspaceID: j.WorkspaceID, Role: j.Role, Email: j.Email, ChannelIds: j.ChannelIds, MaxUses: j.MaxUses,
		Uses: j.Uses, CreatedBy: j.CreatedBy, CreatedAt: j.CreatedAt, ExpiresAt: j.ExpiresAt, Mail: j.Mail, Token: token, URL: request.FromContext(ctx).BaseURL + "/invite/" + token}
	claimed, err := request.ClaimForAnswer(ctx, answer)
	if err != nil {
		return nil, err
	}

	return answer, h.store.CreateInvite(claimed, i, auth.HashSecret(token), base)
}

// newInvite validates a request and sets the other fields.
func (h *inviteHandlers) newInvite(ctx context.Context, ws tidings.ID, role tidings.Role, in *spec.InviteRequest) (tidings.Invite, error) {
	now, who := h.clock(), request.SubjectOf(ctx)
	i := tidings.Invite{ID: tidings.NewID(now), WorkspaceID: ws, Role: cmp.Or(spec.Deref(in.Role), tidings.RoleMember), Email: strings.ToLower(strings.TrimSpace(spec.Deref(in.Email))),
		MaxUses: cmp.Or(spec.Deref(in.MaxUses), 1), CreatedAt: now, ExpiresAt: now.Add(tidings.InviteLife)}

	expires, err := expiryOf(now, in.ExpiresAt, in.ExpiresInMs)
	if err != nil {
		return i, err
	}
	if expires != nil {
		i.ExpiresAt = *expires
	}

	switch {
	case !role.MayGive("", i.Role):
		return i, tidings.Errorf(tidings.KindForbidden, "Only owners may invite owners.")
	case i.Email != "" && !tidings.ValidEmail(i.Email):
		return i, tidings.Invalid("email", "This is not an email address.")
	case i.Email != "" && i.MaxUses != 1:
		return i, tidings.Invalid("max_uses", "An invitation for one address is used once.")
	case !i.ExpiresAt.After(now):
		return i, tidings.Invalid("expires_at", "That is over already.")
	case i.ExpiresAt.After(now.Add(tidings.MaxInviteLife)):
		return i, tidings.Invalid("expires_at", "At most 90 days from now.")
	}

	for _, id := range spec.Deref(in.ChannelIds) {
		ch, err := h.channelAccess.authorizeChannel(ctx, id, tidings.ChannelAdd)
		if tidings.KindOf(err) == tidings.KindNotFound || err == nil && ch.WorkspaceID != ws {
			return i, tidings.Invalid("channel_ids", "There is no such channel.")
		}
		if err != nil {
			return i, err
		}

		i.ChannelIDs = append(i.ChannelIDs, ch.ID)
	}

	user, err := h.store.User(ctx, who.UserID)
	i.CreatedBy = tidings.Author{ID: user.ID, Name: user.Name, Avatar: user.Avatar}
	return i, err
}

// RevokeInvite is DELETE /workspaces/{ws}/invites/{id}.
func (h *inviteHandlers) RevokeInvite(ctx context.Context, r spec.RevokeInviteRequestObject) (spec.RevokeInviteResponseObject, error) {
	ws, _, err := h.authorizeInvites(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.RevokeInvite204Response{}, h.store.RevokeInvite(ctx, ws, id)
}
