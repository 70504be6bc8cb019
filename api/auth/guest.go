package auth

import (
	"context"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// sessionGuests is the session's list of guest accounts, as "clip:guest" pairs of
// the last clips.
const (
	sessionGuests = "guests"
	maxGuestClips = 50
)

// AddGuest adds the guest account that a visitor by link has on the link's clip.
func (a *Authenticator) AddGuest(ctx context.Context, who *tidings.Subject) error {
	if who.UserID != "" || who.Link == nil {
		return nil
	}

	id := a.GuestID(ctx, who.Link.ClipID)
	if id == "" {
		return nil
	}

	g, err := a.Store.Guest(ctx, id)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return nil
	}

	who.Guest, who.GuestID = g.Name, g.ID
	return err
}

// GuestID is the guest account that the session has on a clip; "" = none.
func (a *Authenticator) GuestID(ctx context.Context, clip tidings.ID) tidings.ID {
	for _, pair := range strings.Fields(a.sessions.GetString(ctx, sessionGuests)) {
		if id, ok := strings.CutPrefix(pair, string(clip)+":"); ok {
			return tidings.ID(id)
		}
	}
	return ""
}

// RememberGuest notes the guest in the caller's session and sends its cookie.
func (a *Authenticator) RememberGuest(ctx context.Context, g tidings.Guest) error {
	known := slices.DeleteFunc(strings.Fields(a.sessions.GetString(ctx, sessionGuests)), func(pair string) bool { return strings.HasPrefix(pair, string(g.ClipID)+":") })
	known = append(known, string(g.ClipID)+":"+string(g.ID))
	a.sessions.Put(ctx, sessionGuests, strings.Join(known[max(0, len(known)-maxGuestClips):], " "))
	return a.SaveSession(ctx)
}
