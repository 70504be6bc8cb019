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

// States of a reset link, as spec.ResetState has them.
const (
	resetNone    = "none"
	resetOpen    = "open"
	resetUsed    = "used"
	resetOver    = "over"
	resetUnknown = "unknown"
)

// forgotPage is GET /forgot: how to set a new password without the old one.
func (h *Handler) forgotPage(c echo.Context) error {
	ctx := c.Request().Context()
	if request.SubjectOf(ctx).UserID != "" {
		return response.Redirect(c, "/settings/security")
	}

	b, err := h.bootData(ctx, "forgot")
	if err != nil {
		return err
	}

	b.Reset = &spec.ResetState{ByMail: h.Data.ResetsByMail(), State: resetNone}
	return h.drawPage(c, http.StatusOK, view{}, b)
}

// resetPage is GET /reset/{token}: the form for a new password. Opening it does
// not use the link up: programs that check mails open links. The address of the
// page is a secret: no other page is told it.
func (h *Handler) resetPage(c echo.Context) error {
	ctx := c.Request().Context()
	token := c.Param("token")
	response.NoReferrer(c.Response().Header())
	c.Response().Header().Set("Cache-Control", response.CacheNever)
	r, err := h.Store.PasswordResetByHash(ctx, auth.HashSecret(token))
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return err
	}

	b, bootErr := h.bootData(ctx, "reset")
	if bootErr != nil {
		return bootErr
	}

	b.Reset = &spec.ResetState{ByMail: h.Data.ResetsByMail(), State: resetUnknown}
	switch {
	case err != nil:
		if limited := h.InviteLimiter.Check("reset page " + auth.AddressKey(request.FromContext(ctx).ClientIP)); limited != nil {
			return limited
		}
		return h.drawPage(c, http.StatusNotFound, view{}, b)
	case r.Used:
		b.Reset.State = resetUsed
		return h.drawPage(c, http.StatusGone, view{}, b)
	case !r.Open(h.Clock()):
		b.Reset.State = resetOver
		return h.drawPage(c, http.StatusGone, view{}, b)
	}

	b.Reset.State, b.Reset.Token, b.Reset.Email = resetOpen, &token, &r.Email
	return h.drawPage(c, http.StatusOK, view{}, b)
}
