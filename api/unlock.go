package api

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// maxUnlocks is how many links a session remembers the passwords of.
const maxUnlocks = 50

// UnlockLink is POST /links/{token}/unlock. Guesses are counted by address and
// by link, so neither one guesser nor many get far.
func (s *server) UnlockLink(ctx context.Context, r spec.UnlockLinkRequestObject) (spec.UnlockLinkResponseObject, error) {
	l, err := s.linkOf(ctx, r.Token)
	if err != nil {
		return nil, err
	}
	if l.Access != tidings.LinkPassword {
		return nil, tidings.NotFound()
	}
	if err := s.logins.check(neighbourhood(callOf(ctx).ip), "link "+string(l.ID)); err != nil {
		return nil, err
	}

	ok, err := s.hashing.verify(ctx, l.PasswordHash, r.Body.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, tidings.Errorf(tidings.KindForbidden, "That is not the password.")
	}

	id := string(l.ID) + "."
	open := slices.DeleteFunc(strings.Fields(s.sessions.GetString(ctx, sessionUnlock)), func(name string) bool { return strings.HasPrefix(name, id) })
	open = append(open, unlocked(l))
	s.sessions.Put(ctx, sessionUnlock, strings.Join(open[max(0, len(open)-maxUnlocks):], " "))
	return spec.UnlockLink204Response{}, s.saveSession(ctx)
}

// unlocked is what a session remembers of a link whose password was given:
// which link, and which password, so that another one locks it again. The
// password's hash is salted, so a part of its own hash tells nothing.
func unlocked(l tidings.Link) string {
	return string(l.ID) + "." + hex.EncodeToString(hashOf(l.PasswordHash)[:8])
}

// unlock is the links that the session of ctx has opened, of which only the
// one presented matters.
func (s *server) unlock(ctx context.Context, l tidings.Link) map[tidings.ID]bool {
	open := slices.Contains(strings.Fields(s.sessions.GetString(ctx, sessionUnlock)), unlocked(l))
	return map[tidings.ID]bool{l.ID: open && l.PasswordHash != ""}
}
