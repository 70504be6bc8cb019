package api

import (
	"cmp"
	"context"
	"crypto/subtle"
	"net/mail"
	"strings"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// GetSetup is GET /setup.
func (s *server) GetSetup(ctx context.Context, _ spec.GetSetupRequestObject) (spec.GetSetupResponseObject, error) {
	state, err := s.setupState(ctx)
	return spec.GetSetup200JSONResponse(state), err
}

func (s *server) setupState(ctx context.Context) (spec.SetupState, error) {
	needed, err := s.Store.NeedsSetup(ctx)
	return spec.SetupState{Needed: needed, TokenRequired: needed && !request.IsLocal(request.FromContext(ctx).Request)}, err
}

// Setup is POST /setup: the first owner, once. From the machine itself it is
// open; from elsewhere it takes the token that was printed at start, or whoever
// came first would own the server.
func (s *server) Setup(ctx context.Context, r spec.SetupRequestObject) (spec.SetupResponseObject, error) {
	state, err := s.setupState(ctx)
	if err != nil {
		return nil, err
	}
	if !state.Needed {
		return nil, tidings.Errorf(tidings.KindGone, "This server is already set up.")
	}
	if err := s.checkSetupToken(ctx, state, spec.Deref(r.Body.SetupToken)); err != nil {
		return nil, err
	}

	in := tidings.Setup{WorkspaceName: strings.TrimSpace(r.Body.WorkspaceName), Name: strings.TrimSpace(r.Body.Name),
		Email: strings.TrimSpace(r.Body.Email), TimeZone: cmp.Or(spec.Deref(r.Body.TimeZone), "UTC")}
	if err := checkSetup(in); err != nil {
		return nil, err
	}
	if in.PasswordHash, err = s.passwords.Hash(ctx, r.Body.Password); err != nil {
		return nil, err
	}

	user, _, err := s.Store.Setup(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := s.auth.SignIn(ctx, user.ID, tidings.BySetup); err != nil {
		return nil, err
	}

	me, err := s.me(ctx, user)
	return spec.Setup201JSONResponse(me), err
}

func (s *server) checkSetupToken(ctx context.Context, state spec.SetupState, given string) error {
	if !state.TokenRequired {
		return nil
	}
	if err := s.logins.Check(auth.AddressKey(request.FromContext(ctx).ClientIP)); err != nil {
		return err
	}
	if s.SetupToken == "" || subtle.ConstantTimeCompare([]byte(given), []byte(s.SetupToken)) != 1 {
		return &tidings.Error{Kind: tidings.KindForbidden, Msg: "The setup token that was printed when the server started is needed.",
			Fields: map[string]string{"setup_token": "This is not it."}}
	}
	return nil
}

func checkSetup(in tidings.Setup) error {
	fields := map[string]string{}
	if in.WorkspaceName == "" {
		fields["workspace_name"] = "This is needed."
	}

	if in.Name == "" {
		fields["name"] = "This is needed."
	}

	if !validEmail(in.Email) {
		fields["email"] = "This is not an email address."
	}

	if !validZone(in.TimeZone) {
		fields["time_zone"] = "There is no such time zone."
	}

	if len(fields) > 0 {
		return &tidings.Error{Kind: tidings.KindInvalid, Msg: "Some fields are not right.", Fields: fields}
	}

	return nil
}

func validEmail(email string) bool {
	a, err := mail.ParseAddress(email)
	return err == nil && a.Address == email && a.Name == "" && strings.Contains(email, "@")
}

// validZone knows the IANA names; "Local" is no name people mean.
func validZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
