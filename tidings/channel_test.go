package tidings

import (
	"math/rand/v2"
	"testing"
)

// mayInChannel is the rule of channels said again, the slow way: who is who
// first, then each act in a sentence.
func mayInChannel(s Subject, ch Channel, act ChannelAction) bool {
	role, signedIn := s.Roles[ch.WorkspaceID]
	belongs := s.UserID != "" && signedIn && role != ""
	reads := s.Scope == ScopeRead || s.Scope == ScopeWrite || s.Scope == ScopeAdmin
	writes := s.Scope == ScopeWrite || s.Scope == ScopeAdmin
	guest := role == RoleGuest
	sees := belongs && reads && (ch.Member || ch.Kind == ChannelOpen && !guest)
	switch act {
	case ChannelSee:
		return sees
	case ChannelJoin, ChannelPost, ChannelAdd:
		return sees && writes && !guest
	case ChannelManage:
		return sees && writes && !guest && (role == RoleOwner || role == RoleAdmin || s.UserID == ch.CreatedBy)
	}

	return false
}

// TestChannelAllowedAgainstOracle holds the access check of channels against
// the rule in 10,000 random worlds, and against the check of the clips in them:
// a subject may see the clips of a channel exactly when they may see the channel.
func TestChannelAllowedAgainstOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 7))
	acts := []ChannelAction{ChannelSee, ChannelJoin, ChannelPost, ChannelAdd, ChannelManage}
	yes := map[ChannelAction]int{}
	for range 10_000 {
		s, g := randomWorld(r)
		ch := Channel{ID: "ch", WorkspaceID: g.WorkspaceID, CreatedBy: []ID{"ana", "ben", "cleo", ""}[r.IntN(4)], Member: g.InChannel,
			Kind: []ChannelKind{ChannelOpen, ChannelPrivate, "odd"}[r.IntN(3)]}
		for _, act := range acts {
			got, want := ChannelAllowed(s, ch, act), mayInChannel(s, ch, act)
			if got != want {
				t.Fatalf("%s: %v, want %v\nsubject %+v\nchannel %+v", act, got, want, s, ch)
			}
			if got {
				yes[act]++
			}
		}

		if ChannelAllowed(s, ch, "odd") {
			t.Fatalf("an unknown act is allowed: %+v in %+v", s, ch)
		}

		clip := ClipAccess{ClipID: "c1", WorkspaceID: ch.WorkspaceID, ChannelID: ch.ID, AuthorID: "eve", Visibility: VisibilityChannel, ChannelOpen: ch.Kind == ChannelOpen, InChannel: ch.Member}
		s.Link = nil
		if sees, watches := ChannelAllowed(s, ch, ChannelSee), Allowed(s, clip, ActView, now); sees != watches {
			t.Fatalf("sees the channel: %v, its clips: %v\nsubject %+v\nchannel %+v", sees, watches, s, ch)
		}
	}

	for _, act := range acts {
		if yes[act] < 200 {
			t.Errorf("only %d of the worlds allow to %s: the test proves little", yes[act], act)
		}
	}
}
