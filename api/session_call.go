package api

import (
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// SignIn is POST /session. Wrong address and wrong password get one answer,
// after the same time.
func (s *server) SignIn(ctx context.Context, r spec.SignInRequestObject) (spec.SignInResponseObject, error) {
	if err := s.auth.LimitPasswordAttempt(ctx, r.Body.Email); err != nil {
		return nil, err
	}

	user, phc, err := s.Store.UserByEmail(ctx, r.Body.Email)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return nil, err
	}

	ok, err := s.passwords.Verify(ctx, phc, r.Body.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, s.refused(ctx, user, tidings.ByPassword, tidings.Errorf(tidings.KindUnauthenticated, "The address or the password is wrong."))
	}
	if err := s.auth.SignIn(ctx, user.ID, tidings.ByPassword); err != nil {
		return nil, err
	}

	me, err := s.me(ctx, user)
	return spec.SignIn200JSONResponse(me), err
}

// refused writes a sign-in that failed to the audit log and gives its reason
// back. It takes as long for nobody's account as for somebody's.
func (s *server) refused(ctx context.Context, user tidings.User, by tidings.SignInMethod, why error) error {
	// Whoever is signed in here is not known to be who tried.
	stranger := tidings.WithActor(ctx, tidings.Actor{Network: request.Network(request.FromContext(ctx).ClientIP)})
	err := s.Store.Audit(stranger, tidings.AuditEntry{Action: tidings.AuditSignInFailed, TargetID: user.ID, Detail: map[string]string{"method": string(by), "person": user.Name}})
	if err != nil {
		return err
	}
	return why
}

// SignOut is DELETE /session. It may be called without a session.
func (s *server) SignOut(ctx context.Context, _ spec.SignOutRequestObject) (spec.SignOutResponseObject, error) {
	return spec.SignOut204Response{}, s.auth.SignOut(ctx)
}
