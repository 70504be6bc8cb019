package api

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// AcceptInvite is POST /invites/{token}/accept.
func (h *inviteHandlers) AcceptInvite(ctx context.Context, r spec.AcceptInviteRequestObject) (spec.AcceptInviteResponseObject, error) {
	if err := h.signInLimiter.Check("invite " + auth.AddressKey(request.FromContext(ctx).ClientIP)); err != nil {
		return nil, err
	}

	who := request.SubjectOf(ctx)

	if r.Body != nil && *r.Body != (spec.SignUp{}) { // the description lets no half-filled one through
		me, err := h.signUp(ctx, r.Token, *r.Body)
		return spec.AcceptInvite201JSONResponse(me), err
	}
	if err := auth.CheckLevel(auth.Writer, who); err != nil {
		return nil, err
	}
	if err := h.store.AcceptInvite(ctx, auth.HashSecret(r.Token), who.UserID); err != nil {
		return nil, err
	}

	user, err := h.store.User(ctx, who.UserID)
	if err != nil {
		return nil, err
	}

	me, err := h.auth.Me(ctx, user)
	return spec.AcceptInvite200JSONResponse(me), err
}

// signUp makes an account for an invitation. Whoever has signed in has one.
func (h *inviteHandlers) signUp(ctx context.Context, token string, in spec.SignUp) (spec.Me, error) {
	if request.SubjectOf(ctx).UserID != "" {
		return spec.Me{}, tidings.Errorf(tidings.KindConflict, "You are signed in. Accept as yourself, or sign out first.")
	}

	a := tidings.NewAccount{Name: strings.TrimSpace(in.Name), Email: strings.TrimSpace(in.Email), TimeZone: cmp.Or(spec.Deref(in.TimeZone), "UTC")}
	if err := auth.ValidateSetup(tidings.Setup{WorkspaceName: "there is one", Name: a.Name, Email: a.Email, TimeZone: a.TimeZone}); err != nil {
		return spec.Me{}, err
	}

	// Nobody makes the server hash passwords without an invitation.
	i, err := h.store.InviteByHash(ctx, auth.HashSecret(token))
	if err != nil {
		return spec.Me{}, err
	}
	if !i.Open(h.clock()) {
		return spec.Me{}, tidings.NotFound()
	}
	if !i.AllowsEmail(a.Email) {
		return spec.Me{}, tidings.Invalid("email", "This invitation is for another address.")
	}
	if a.PasswordHash, err = h.passwords.Hash(ctx, in.Password); err != nil {
		return spec.Me{}, err
	}

	user, err := h.store.SignUp(ctx, auth.HashSecret(token), a)
	if err != nil {
		return spec.Me{}, err
	}
	if err := h.auth.SignIn(ctx, user.ID, tidings.ByInvite); err != nil {
		return spec.Me{}, err
	}

	return h.auth.Me(ctx, user)
}

// invitePage is GET /invite/{token}: who invites to what. An invitation that
// is over, used up or none looks the same for everybody but its members.
func (s *server) invitePage(c echo.Context) error {
	ctx := c.Request().Context()
	token := c.Param("token")
	i, err := s.Store.InviteByHash(ctx, auth.HashSecret(token))
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return err
	}

	b, berr := s.boot(ctx, "invite")
	if berr != nil {
		return berr
	}

	who := request.SubjectOf(ctx)
	member := who.Roles[i.WorkspaceID] != ""
	c.Response().Header().Set("Cache-Control", response.CacheNever)
	if err != nil || !member && !i.Open(s.Clock()) {
		if limited := s.logins.Check("invite page " + auth.AddressKey(request.FromContext(ctx).ClientIP)); limited != nil {
			return limited
		}
		return s.draw(c, http.StatusNotFound, view{Heading: "This invitation does not open anything"}, b)
	}

	b.Invite = &spec.InvitedTo{Token: token, WorkspaceID: i.WorkspaceID, WorkspaceName: i.Workspace, InvitedBy: i.CreatedBy.Name, Role: i.Role, Email: spec.OrNil(i.Email), Member: member}
	return s.draw(c, http.StatusOK, view{Heading: "Join " + i.Workspace, Byline: i.CreatedBy.Name + " invites you"}, b)
}
