package api

import (
	"context"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// UnlockLink is POST /links/{token}/unlock. Wrong passwords are limited by
// address and link.
func (h *linkHandlers) UnlockLink(ctx context.Context, r spec.UnlockLinkRequestObject) (spec.UnlockLinkResponseObject, error) {
	l, err := h.auth.ResolveLink(ctx, r.Token)
	if err != nil {
		return nil, err
	}
	if l.Access != tidings.LinkPassword {
		return nil, tidings.NotFound()
	}
	succeed, err := h.auth.BeginUnlock(ctx, l)
	if err != nil {
		return nil, err
	}

	ok, err := h.passwords.Verify(ctx, l.PasswordHash, r.Body.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, tidings.Errorf(tidings.KindForbidden, "That is not the password.")
	}

	succeed()
	return spec.UnlockLink204Response{}, h.auth.RememberUnlock(ctx, l)
}
