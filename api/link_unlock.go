package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// UnlockLink is POST /links/{token}/unlock. Attempts are limited by address and
// by link.
func (h *linkHandlers) UnlockLink(ctx context.Context, r spec.UnlockLinkRequestObject) (spec.UnlockLinkResponseObject, error) {
	l, err := h.auth.ResolveLink(ctx, r.Token)
	if err != nil {
		return nil, err
	}
	if l.Access != tidings.LinkPassword {
		return nil, tidings.NotFound()
	}
	if err := h.signInLimiter.Check(auth.AddressKey(request.FromContext(ctx).ClientIP), "link "+string(l.ID)); err != nil {
		return nil, err
	}

	ok, err := h.passwords.Verify(ctx, l.PasswordHash, r.Body.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, tidings.Errorf(tidings.KindForbidden, "That is not the password.")
	}

	return spec.UnlockLink204Response{}, h.auth.RememberUnlock(ctx, l)
}
