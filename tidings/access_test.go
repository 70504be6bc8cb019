package tidings

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// mayView and mayChange are the rules of access said again, the slow way: one
// sentence each, for every combination.
func mayView(s Subject, g ClipAccess) bool {
	member := s.UserID != "" && s.Roles[g.WorkspaceID] != "" && s.Scope != ""
	own := member && s.UserID == g.AuthorID
	boss := member && (s.Roles[g.WorkspaceID] == RoleOwner || s.Roles[g.WorkspaceID] == RoleAdmin)
	if g.Trashed {
		return own || boss
	}
	if own {
		return true
	}

	guest := s.Roles[g.WorkspaceID] == RoleGuest
	if member && g.Visibility == VisibilityWorkspace && !guest {
		return true
	}
	if member && g.Visibility == VisibilityChannel && (g.InChannel || g.ChannelOpen && !guest) {
		return true
	}

	l := s.Link
	if l == nil || l.ClipID != g.ClipID || l.RevokedAt != nil || l.ExpiresAt != nil && !now.Before(*l.ExpiresAt) {
		return false
	}

	return l.Access == LinkAnyone || l.Access == LinkPassword && s.Unlock[l.ID] || l.Access == LinkWorkspace && member
}

func mayChange(s Subject, g ClipAccess) bool {
	if s.UserID == "" || g.Trashed || !s.Scope.Includes(ScopeWrite) {
		return false
	}
	role := s.Roles[g.WorkspaceID]
	if role == "" {
		return false
	}
	bare := s
	bare.Link = nil
	return s.UserID == g.AuthorID || (role == RoleOwner || role == RoleAdmin) && mayView(bare, g)
}

func randomWorld(r *rand.Rand) (Subject, ClipAccess) {
	pick := func(ids ...ID) ID { return ids[r.IntN(len(ids))] }
	roles := []Role{"", RoleOwner, RoleAdmin, RoleMember, RoleGuest}
	s := Subject{
		UserID: pick("", "ana", "ben"), Scope: []Scope{"", ScopeRead, ScopeWrite, ScopeAdmin}[r.IntN(4)],
		Roles: map[ID]Role{"w1": roles[r.IntN(5)], "w2": roles[r.IntN(5)]}, Unlock: map[ID]bool{"l1": r.IntN(2) == 0},
	}
	if r.IntN(2) == 0 {
		before, after := now.Add(-time.Hour), now.Add(time.Hour)
		s.Link = &Link{ID: pick("l1", "l2"), ClipID: pick("c1", "c2"), AllowComments: r.IntN(2) == 0, AllowDownload: r.IntN(2) == 0,
			Access:    []LinkAccess{LinkAnyone, LinkPassword, LinkWorkspace, "odd"}[r.IntN(4)],
			ExpiresAt: []*time.Time{nil, &before, &after, &now}[r.IntN(4)], RevokedAt: []*time.Time{nil, nil, &before}[r.IntN(3)]}
	}

	g := ClipAccess{ClipID: pick("c1", "c2"), WorkspaceID: pick("w1", "w2"), ChannelID: "ch", AuthorID: pick("ana", "ben", "cleo"),
		Visibility: []Visibility{VisibilityPrivate, VisibilityChannel, VisibilityWorkspace}[r.IntN(3)],
		InChannel:  r.IntN(2) == 0, ChannelOpen: r.IntN(2) == 0, Trashed: r.IntN(5) == 0}

	return s, g
}

func TestAllowedAgainstOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	yes := 0
	for range 20_000 {
		s, g := randomWorld(r)
		if got, want := Allowed(s, g, ActView, now), mayView(s, g); got != want {
			t.Fatalf("view: got %v for %+v (link %+v) on %+v", got, s, s.Link, g)
		} else if got {
			yes++
		}

		for _, act := range []Action{ActEdit, ActShare, ActDelete} {
			want := mayChange(s, g)
			if g.Trashed && act == ActDelete {
				want = mayView(s, g) && s.Scope.Includes(ScopeWrite)
			}
			if got := Allowed(s, g, act, now); got != want {
				t.Fatalf("%s: got %v for %+v on %+v", act, got, s, g)
			}
		}

		for _, act := range []Action{ActComment, ActDownload} {
			if Allowed(s, g, act, now) && !mayView(s, g) {
				t.Fatalf("%s is allowed where viewing is not: %+v on %+v", act, s, g)
			}
		}

		if Allowed(s, g, "odd", now) {
			t.Fatalf("an unknown action is allowed: %+v on %+v", s, g)
		}
	}

	if yes < 1000 {
		t.Fatalf("only %d of the worlds allow anything: the test proves little", yes)
	}
}

func TestLinkSwitches(t *testing.T) {
	g := ClipAccess{ClipID: "c", WorkspaceID: "w", AuthorID: "ana", Visibility: VisibilityPrivate}
	link := &Link{ID: "l", ClipID: "c", Access: LinkAnyone}
	for _, c := range []struct {
		name     string
		s        Subject
		comments bool
		download bool
		act      Action
		want     bool
	}{
		{"a stranger watches", Subject{}, false, false, ActView, true},
		{"a stranger does not download", Subject{}, false, false, ActDownload, false},
		{"unless the link says so", Subject{}, false, true, ActDownload, true},
		{"a stranger without a name does not comment", Subject{}, true, false, ActComment, false},
		{"a guest comments where allowed", Subject{Guest: "Gus"}, true, false, ActComment, true},
		{"a guest does not where not", Subject{Guest: "Gus"}, false, false, ActComment, false},
		{"nobody edits by link", Subject{Guest: "Gus"}, true, true, ActEdit, false},
	} {
		l := *link
		l.AllowComments, l.AllowDownload = c.comments, c.download
		c.s.Link = &l
		if got := Allowed(c.s, g, c.act, now); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestACLNeverNamesALink(t *testing.T) {
	for v, want := range map[Visibility][]string{
		VisibilityPrivate:   {"u:ana"},
		VisibilityChannel:   {"u:ana", "c:ch"},
		VisibilityWorkspace: {"u:ana", "w:w1"},
	} {
		g := ClipAccess{WorkspaceID: "w1", ChannelID: "ch", AuthorID: "ana", Visibility: v}
		if got := g.ACL(); !slices.Equal(got, want) {
			t.Errorf("%s: %v", v, got)
		}
	}
}
