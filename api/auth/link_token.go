package auth

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// ResolveLink is the live link of a token. Revoked, expired and unknown tokens
// are all KindNotFound. An address that has sent too many unknown tokens gets
// KindRateLimited for further ones. Tokens of links are never refused for it:
// they cannot be guessed, and others behind the same address use them. Those of
// revoked and expired links do not count, because they are no guesses.
func (a *Authenticator) ResolveLink(ctx context.Context, token string) (tidings.Link, error) {
	if token == "" || len(token) > 200 {
		return tidings.Link{}, tidings.NotFound()
	}

	l, err := a.Store.LinkByHash(ctx, HashSecret(token))
	switch {
	case tidings.KindOf(err) == tidings.KindNotFound:
		return tidings.Link{}, a.countLinkMiss(ctx)
	case err != nil:
		return tidings.Link{}, err
	case !l.Live(a.Clock()):
		return tidings.Link{}, tidings.NotFound()
	}

	return l, nil
}

// countLinkMiss is the error for an unknown token.
func (a *Authenticator) countLinkMiss(ctx context.Context) error {
	k := request.FromContext(ctx)
	key := AddressKey(k.ClientIP)
	if a.LinkMisses.Check(key) == nil {
		return tidings.NotFound()
	}

	if k.Writer != nil {
		k.Writer.Header().Set("Retry-After", response.RetrySeconds(a.LinkMisses.Wait(key)))
	}
	return tidings.Errorf(tidings.KindRateLimited, "Too many links that are none. Wait a moment.")
}

// maxUnlocks is how many links a session remembers the passwords of.
const maxUnlocks = 50

// RememberUnlock notes in the caller's session that the password of the link was
// given, and sends the session's cookie.
func (a *Authenticator) RememberUnlock(ctx context.Context, l tidings.Link) error {
	id := string(l.ID) + "."
	open := slices.DeleteFunc(strings.Fields(a.sessions.GetString(ctx, sessionUnlock)), func(name string) bool { return strings.HasPrefix(name, id) })
	open = append(open, unlockRecord(l))
	a.sessions.Put(ctx, sessionUnlock, strings.Join(open[max(0, len(open)-maxUnlocks):], " "))
	return a.SaveSession(ctx)
}

// unlockRecord is what a session remembers of a link whose password was given:
// the link, and a hash of its password hash, so that a new password locks it
// again. The password hash is salted, so the record reveals nothing.
func unlockRecord(l tidings.Link) string {
	return string(l.ID) + "." + hex.EncodeToString(HashSecret(l.PasswordHash)[:8])
}

// unlockedLinks tells whether the session of ctx has unlocked the link.
func (a *Authenticator) unlockedLinks(ctx context.Context, l tidings.Link) map[tidings.ID]bool {
	open := slices.Contains(strings.Fields(a.sessions.GetString(ctx, sessionUnlock)), unlockRecord(l))
	return map[tidings.ID]bool{l.ID: open && l.PasswordHash != ""}
}
