package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

// everyRole is a person of each role, and one who is not a member.
func (w *World) everyRole() []tidings.User {
	w.t.Helper()
	return []tidings.User{w.Owner, w.Person("adm", tidings.RoleAdmin), w.Person("mem", tidings.RoleMember), w.Person("gue", tidings.RoleGuest), w.Person("out", "")}
}

// NewChannel makes a channel of the owner.
func (w *World) NewChannel(name string, kind tidings.ChannelKind, members ...tidings.User) tidings.Channel {
	w.t.Helper()
	now := w.Clock.Now()
	ch, err := w.CreateChannel(w.ctx, tidings.Channel{ID: tidings.NewID(now), WorkspaceID: w.WS.ID, Name: name, Kind: kind, CreatedBy: w.Owner.ID, CreatedAt: now})
	w.noError(err)
	for _, u := range members {
		w.noError(w.AddToChannel(w.ctx, ch.ID, u.ID))
	}
	return ch
}

// visibleChannels makes an open channel, a private one with some of the people
// in it, and one with the guest.
func (w *World) visibleChannels(people []tidings.User) []tidings.ID {
	w.t.Helper()
	return []tidings.ID{w.NewChannel("open", tidings.ChannelOpen).ID, w.NewChannel("closed", tidings.ChannelPrivate, people[2]).ID,
		w.NewChannel("with guest", tidings.ChannelOpen, people[3]).ID}
}

func testChannel(t *testing.T, w *World) {
	ch := w.NewChannel("Design", tidings.ChannelOpen)
	equal(t, "member", ch.Member, true)
	equal(t, "members", ch.Members, 1)
	equal(t, "version", ch.Version, 1)
	_, err := w.CreateChannel(w.ctx, tidings.Channel{ID: tidings.NewID(w.Clock.Now()), WorkspaceID: w.WS.ID, Name: "dESIGN", Kind: tidings.ChannelPrivate, CreatedBy: w.Owner.ID})
	w.wantKind(err, tidings.KindConflict)
	other := w.NewChannel("Überblick", tidings.ChannelPrivate)
	name, topic, kind := "ÜBERBLICK", "What is new", tidings.ChannelPrivate
	_, err = w.UpdateChannel(w.ctx, ch.ID, w.Owner.ID, tidings.ChannelPatch{Name: &name}, nil)
	w.wantKind(err, tidings.KindConflict)
	got, err := w.UpdateChannel(w.ctx, other.ID, w.Owner.ID, tidings.ChannelPatch{Name: &name, Topic: &topic}, &other.Version) // its own name in other letters
	w.noError(err)
	equal(t, "name", got.Name, name)
	equal(t, "topic", got.Topic, topic)
	_, err = w.UpdateChannel(w.ctx, other.ID, w.Owner.ID, tidings.ChannelPatch{Kind: &kind}, &other.Version)
	w.wantKind(err, tidings.KindStale)
	_, err = w.Channel(w.ctx, "none", w.Owner.ID)
	w.wantKind(err, tidings.KindNotFound)

	mem := w.Person("mem", tidings.RoleMember)
	for who, want := range map[string]int{"owner": 2, "mem": 1} {
		sub := w.Sub(w.Owner)
		if who == "mem" {
			sub = w.Sub(mem)
		}
		list, err := w.Channels(w.ctx, sub, w.WS.ID)
		w.noError(err)
		equal(t, "channels of "+who, len(list), want)
	}
}

func testChannelMembers(t *testing.T, w *World) {
	mem, out := w.Person("mem", tidings.RoleMember), w.Person("out", "")
	ch := w.NewChannel("Design", tidings.ChannelPrivate)
	w.wantKind(w.AddToChannel(w.ctx, ch.ID, out.ID), tidings.KindInvalid)
	w.wantKind(w.AddToChannel(w.ctx, "none", mem.ID), tidings.KindNotFound)
	w.wantKind(w.RemoveFromChannel(w.ctx, ch.ID, w.Owner.ID), tidings.KindConflict) // the last one
	events, _ := w.Subscribe(w.ctx, 0)
	w.noError(w.AddToChannel(w.ctx, ch.ID, mem.ID))
	e := <-events
	equal(t, "streams are told of whom", e.Type == tidings.EventAccessChanged && e.SubjectID == mem.ID, true)
	w.noError(w.AddToChannel(w.ctx, ch.ID, mem.ID))
	list, err := w.ChannelMembers(w.ctx, ch.ID)
	w.noError(err)
	equal(t, "members", len(list), 2)
	clip := w.NewClip(func(c *tidings.Clip) { c.ChannelID, c.Visibility = ch.ID, tidings.VisibilityChannel })
	sees := func() bool {
		t.Helper()
		g, err := w.ClipAccess(w.ctx, clip.ID, mem.ID)
		w.noError(err)
		return tidings.Allowed(w.Sub(mem), g, tidings.ActView, w.Clock.Now())
	}
	equal(t, "a member sees its clip", sees(), true)
	w.noError(w.RemoveFromChannel(w.ctx, ch.ID, mem.ID))
	w.noError(w.RemoveFromChannel(w.ctx, ch.ID, mem.ID))
	equal(t, "no longer", sees(), false)
}

func testChannelDeleted(t *testing.T, w *World) {
	ch := w.NewChannel("Design", tidings.ChannelOpen)
	own := w.NewClip(func(c *tidings.Clip) { c.ChannelID, c.Visibility = ch.ID, tidings.VisibilityChannel })
	all := w.NewClip(func(c *tidings.Clip) { c.ChannelID = ch.ID })
	w.Indexed()
	w.noError(w.DeleteChannel(w.ctx, ch.ID))
	w.wantKind(w.DeleteChannel(w.ctx, ch.ID), tidings.KindNotFound)
	for _, c := range []struct {
		id   tidings.ID
		want tidings.Visibility
	}{{own.ID, tidings.VisibilityPrivate}, {all.ID, tidings.VisibilityWorkspace}} {
		got := w.mustClip(c.id)
		equal(t, "channel", got.ChannelID, "")
		equal(t, "visibility", got.Visibility, c.want)
	}

	equal(t, "clips to index again", len(w.Indexed()), 2)
	_, err := w.UpdateClip(w.ctx, own.ID, tidings.ClipPatch{ChannelID: &ch.ID}, nil)
	w.wantKind(err, tidings.KindInvalid)
	w.NewChannel("Design", tidings.ChannelPrivate) // the name is free again
}
