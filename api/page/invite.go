package page

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// invitePage is GET /invite/{token}: who invites to what. Expired, used and
// unknown invitations look the same, except to members of the workspace.
func (h *Handler) invitePage(c echo.Context) error {
	ctx := c.Request().Context()
	token := c.Param("token")
	i, err := h.Store.InviteByHash(ctx, auth.HashSecret(token))
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return err
	}

	b, bootErr := h.bootData(ctx, "invite")
	if bootErr != nil {
		return bootErr
	}

	member := request.SubjectOf(ctx).Roles[i.WorkspaceID] != ""
	c.Response().Header().Set("Cache-Control", response.CacheNever)
	if err != nil || !member && !i.Open(h.Clock()) {
		if limited := h.InviteLimiter.Check("invite page " + auth.AddressKey(request.FromContext(ctx).ClientIP)); limited != nil {
			return limited
		}
		return h.drawPage(c, http.StatusNotFound, view{Heading: "This invitation does not open anything"}, b)
	}

	b.Invite = &spec.InvitedTo{Token: token, WorkspaceID: i.WorkspaceID, WorkspaceName: i.Workspace, InvitedBy: i.CreatedBy.Name, Role: i.Role, Email: spec.OrNil(i.Email), Member: member}
	return h.drawPage(c, http.StatusOK, view{Heading: "Join " + i.Workspace, Byline: i.CreatedBy.Name + " invites you"}, b)
}
