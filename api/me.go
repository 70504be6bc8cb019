package api

import (
	"context"
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// AccountStore is what accountHandlers needs of the rows.
type AccountStore interface {
	UpdateUser(ctx context.Context, u tidings.User) (tidings.User, error) // KindStale
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
}

// accountHandlers serves the caller's own account.
type accountHandlers struct {
	store AccountStore
	auth  *auth.Authenticator
}

// GetMe is GET /me.
func (h *accountHandlers) GetMe(ctx context.Context, _ spec.GetMeRequestObject) (spec.GetMeResponseObject, error) {
	user, err := h.store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}
	me, err := h.auth.Me(ctx, user)
	return spec.GetMe200JSONResponse(me), err
}

// UpdateMe is PATCH /me.
func (h *accountHandlers) UpdateMe(ctx context.Context, r spec.UpdateMeRequestObject) (spec.UpdateMeResponseObject, error) {
	user, err := h.store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}
	if user.Version, err = expectedVersion(r.Params.IfMatch, user.Version); err != nil {
		return nil, err
	}
	if err := patchUser(&user, *r.Body); err != nil {
		return nil, err
	}
	if user, err = h.store.UpdateUser(ctx, user); err != nil {
		return nil, err
	}

	me, err := h.auth.Me(ctx, user)
	return spec.UpdateMe200JSONResponse(me), err
}

func patchUser(u *tidings.User, p spec.MePatch) error {
	if p.Name != nil {
		if u.Name = strings.TrimSpace(*p.Name); u.Name == "" {
			return tidings.Invalid("name", "This is needed.")
		}
	}

	if p.TimeZone != nil {
		if !auth.IsTimeZone(*p.TimeZone) {
			return tidings.Invalid("time_zone", "There is no such time zone.")
		}
		u.TimeZone = *p.TimeZone
	}

	if p.WorkingHours.Set {
		u.Prefs.WorkingHours = hoursOf(p.WorkingHours.Value)
	}

	if p.QuietHours.Set {
		u.Prefs.QuietHours = hoursOf(p.QuietHours.Value)
	}

	if p.Notify != nil {
		if err := tidings.ValidateNotify(*p.Notify); err != nil {
			return err
		}
		u.Prefs.Notify = *p.Notify
	}

	return nil
}

func hoursOf(h *spec.Hours) *tidings.Hours {
	if h == nil {
		return nil
	}
	return &tidings.Hours{From: h.From, To: h.To}
}
