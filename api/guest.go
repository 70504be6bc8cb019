package api

import (
	"context"
	"slices"
	"strings"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// sessionGuests is what a session remembers of the guest its owner is:
// "clip:guest", of the last clips.
const (
	sessionGuests = "guests"
	maxGuestClips = 50
)

// addGuest makes a visitor by link the guest they said they are.
func (s *server) addGuest(ctx context.Context, who *tidings.Subject) error {
	if who.UserID != "" || who.Link == nil {
		return nil
	}

	id := s.guestOf(ctx, who.Link.ClipID)
	if id == "" {
		return nil
	}

	g, err := s.Store.Guest(ctx, id)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return nil
	}

	who.Guest, who.GuestID = g.Name, g.ID
	return err
}

func (s *server) guestOf(ctx context.Context, clip tidings.ID) tidings.ID {
	for _, pair := range strings.Fields(s.sessions.GetString(ctx, sessionGuests)) {
		if id, ok := strings.CutPrefix(pair, string(clip)+":"); ok {
			return tidings.ID(id)
		}
	}
	return ""
}

// BecomeGuest is POST /links/{token}/guest.
func (s *server) BecomeGuest(ctx context.Context, r spec.BecomeGuestRequestObject) (spec.BecomeGuestResponseObject, error) {
	k := callOf(ctx)
	k.creds.share, k.subject.Link = r.Token, nil
	if err := s.addLink(ctx, &k.subject, r.Token); err != nil {
		return nil, err
	}

	link := k.subject.Link
	if link == nil {
		return nil, tidings.NotFound()
	}

	g, _, err := s.part(ctx, string(link.ClipID), tidings.ActRead)
	switch {
	case err != nil:
		return nil, err
	case k.subject.UserID != "":
		return nil, tidings.Errorf(tidings.KindConflict, "You are signed in: comment in your own name.")
	}

	if err := s.pace(ctx, *link); err != nil {
		return nil, err
	}

	name, err := tidings.GuestName(r.Body.Name)
	if err != nil {
		return nil, err
	}

	guest := tidings.Guest{ID: s.guestOf(ctx, g.ClipID), ClipID: g.ClipID, LinkID: link.ID, Name: name, CreatedAt: s.Clock()}
	if err := s.keepGuest(ctx, &guest); err != nil {
		return nil, err
	}

	return spec.BecomeGuest201JSONResponse{ID: guest.ID, ClipID: guest.ClipID, Name: guest.Name}, nil
}

// keepGuest renames the session's guest of the clip, or makes one and hands
// the session's cookie out.
func (s *server) keepGuest(ctx context.Context, g *tidings.Guest) error {
	if g.ID != "" {
		err := s.Store.RenameGuest(ctx, g.ID, g.Name)
		if tidings.KindOf(err) != tidings.KindNotFound {
			return err
		}
	}

	g.ID = tidings.NewID(g.CreatedAt)
	if err := s.Store.CreateGuest(ctx, *g); err != nil {
		return err
	}

	known := slices.DeleteFunc(strings.Fields(s.sessions.GetString(ctx, sessionGuests)), func(pair string) bool { return strings.HasPrefix(pair, string(g.ClipID)+":") })
	known = append(known, string(g.ClipID)+":"+string(g.ID))
	s.sessions.Put(ctx, sessionGuests, strings.Join(known[max(0, len(known)-maxGuestClips):], " "))
	return s.saveSession(ctx)
}

// pace slows guests down: those of one link from one address together.
func (s *server) pace(ctx context.Context, l tidings.Link) error {
	return s.guests.check("link " + string(l.ID) + " " + neighbourhood(callOf(ctx).ip))
}

// speak is part for those who want to say something, or to change what was
// said: a visitor by a link that allows it says their name first, and guests
// take their time.
func (s *server) speak(ctx context.Context, id string, act tidings.Action) (tidings.ClipAccess, *tidings.Span, error) {
	g, part, err := s.part(ctx, id, act)
	who := subjectOf(ctx)
	if who.UserID != "" || who.Link == nil {
		return g, part, err
	}
	if tidings.KindOf(err) == tidings.KindForbidden && who.Link.AllowComments && who.GuestID == "" {
		return g, part, tidings.Errorf(tidings.KindUnauthenticated, "Say your name first.")
	}
	if err != nil {
		return g, part, err
	}

	return g, part, s.pace(ctx, *who.Link)
}
