package tidings

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestReplyFollows says the rule of replies again, the slow way, and holds it
// against the access check in random worlds.
func TestReplyFollows(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for range 10_000 {
		s, g := randomWorld(r)
		if s.Link != nil && r.IntN(3) == 0 {
			end := int64(5000)
			s.Link.EndMS = &end
		}

		bare := s
		bare.Link = nil
		hears := mayView(bare, g)
		if !hears && !g.Trashed && mayView(s, g) {
			hears = s.Link.AllowComments && s.Link.EndMS == nil
		}

		reply := ClipAccess{ClipID: "r", WorkspaceID: g.WorkspaceID, AuthorID: []ID{"ana", "ben", "eve"}[r.IntN(3)], Visibility: VisibilityPrivate, Answers: &g, Hidden: r.IntN(4) == 0}
		role := s.Roles[g.WorkspaceID]
		hears = hears && (!reply.Hidden || s.UserID == reply.AuthorID || Allowed(s, g, ActEdit, now))
		own := s.UserID != "" && role != "" && (s.UserID == reply.AuthorID || role == RoleOwner || role == RoleAdmin)
		writes := s.Scope.Includes(ScopeWrite)
		for act, want := range map[Action]bool{
			ActView: hears, ActComment: false, ActShare: false,
			ActEdit: hears && own && writes, ActDelete: hears && own && writes,
			ActDownload: hears && (own && s.Scope != "" || Allowed(s, g, ActDownload, now)),
		} {
			if got := Allowed(s, reply, act, now); got != want {
				t.Fatalf("%s of a reply: %v, want %v\nsubject %+v\nlink %+v\nclip %+v", act, got, want, s, s.Link, g)
			}
		}

		reply.Trashed = true
		if got, want := Allowed(s, reply, ActView, now), hears && own && s.Scope != ""; got != want {
			t.Fatalf("a reply in the trash: %v, want %v\nsubject %+v\nclip %+v", got, want, s, g)
		}
	}
}

// TestReplyIsNotSharedAlone: a link made when the clip still stood by itself
// opens nothing once it is a reply.
func TestReplyIsNotSharedAlone(t *testing.T) {
	root := ClipAccess{ClipID: "c", WorkspaceID: "w", AuthorID: "ana", Visibility: VisibilityPrivate}
	reply := ClipAccess{ClipID: "r", WorkspaceID: "w", AuthorID: "ben", Visibility: VisibilityWorkspace, Answers: &root}
	visitor := Subject{Link: &Link{ID: "l", ClipID: "r", Access: LinkAnyone, AllowComments: true, AllowDownload: true}}
	mate := Subject{UserID: "eve", Scope: ScopeAdmin, Roles: map[ID]Role{"w": RoleMember}}
	for _, s := range []Subject{visitor, mate} {
		if Allowed(s, reply, ActView, time.Time{}) {
			t.Errorf("%+v sees the reply to a private clip", s)
		}
	}
}
