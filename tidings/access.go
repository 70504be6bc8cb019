package tidings

import "time"

// Subject is the caller of the access check: a user by session or token, or a
// visitor with a share link. The zero Subject is an anonymous caller.
type Subject struct {
	UserID ID
	Scope  Scope       // of the token or session; "" = none
	Roles  map[ID]Role // workspace → role
	Link   *Link       // the share link presented, if any
	Unlock map[ID]bool // link ids whose password was given in this session
	Guest  string      // a guest's name, for comments by link

	GuestID ID // who that guest is: they change what they wrote themselves
}

// Action is what a subject wants to do with a clip.
type Action string

// Actions on a clip.
const (
	ActView     Action = "view"    // page, media, captions, transcript
	ActRead     Action = "read"    // comments and reactions
	ActComment  Action = "comment" // add comments, reactions, views
	ActEdit     Action = "edit"    // title, transcript, upload
	ActShare    Action = "share"   // links
	ActDelete   Action = "delete"
	ActDownload Action = "download"
	ActAudience Action = "audience" // who has seen it
)

// ClipAccess is what the access check needs to know of a clip.
type ClipAccess struct {
	ClipID      ID
	WorkspaceID ID
	ChannelID   ID
	AuthorID    ID
	Visibility  Visibility
	ChannelOpen bool
	InChannel   bool // the subject is a member of the channel
	Trashed     bool
	Hidden      bool        // the comment of this reply is hidden
	Answers     *ClipAccess // the clip this one is a voice or video reply to; nil = a clip of its own

	Language      string // BCP 47, of its speech; "" = not known
	MaskProfanity bool   // the workspace shows profane words of transcripts masked
}

// Allowed is the access check of clips: every row and byte of a clip is served
// only after it.
func Allowed(s Subject, g ClipAccess, act Action, now time.Time) bool {
	if !act.isKnownAction() {
		return false
	}
	if g.Answers != nil {
		return allowedReply(s, g, act, now)
	}
	if g.Trashed {
		return isAuthorOrAdmin(s, g) && s.Scope.Includes(requiredScope(act)) && (act == ActDelete || act == ActView || act == ActRead)
	}
	return allowedByAccount(s, g, act) || allowedByLink(s, g, act, now)
}

func (a Action) isKnownAction() bool {
	switch a {
	case ActView, ActRead, ActComment, ActEdit, ActShare, ActDelete, ActDownload, ActAudience:
		return true
	}
	return false
}

func requiredScope(act Action) Scope {
	if act == ActView || act == ActRead || act == ActDownload || act == ActAudience {
		return ScopeRead
	}
	return ScopeWrite
}

func isAuthorOrAdmin(s Subject, g ClipAccess) bool {
	role := s.Roles[g.WorkspaceID]
	return s.UserID != "" && role != "" && (s.UserID == g.AuthorID || role == RoleOwner || role == RoleAdmin)
}

func allowedByAccount(s Subject, g ClipAccess, act Action) bool {
	role := s.Roles[g.WorkspaceID]
	if s.UserID == "" || role == "" || !s.Scope.Includes(requiredScope(act)) {
		return false
	}
	if s.UserID == g.AuthorID {
		return true
	}

	sees := false
	switch g.Visibility {
	case VisibilityWorkspace:
		sees = role != RoleGuest
	case VisibilityChannel:
		sees = g.InChannel || g.ChannelOpen && role != RoleGuest
	}

	switch act {
	case ActView, ActRead, ActComment, ActDownload:
		return sees
	case ActEdit, ActShare, ActDelete, ActAudience:
		return sees && (role == RoleOwner || role == RoleAdmin)
	}

	return false
}

func allowedByLink(s Subject, g ClipAccess, act Action, now time.Time) bool {
	l := s.Link
	if l == nil || l.ClipID != g.ClipID || !l.Live(now) {
		return false
	}

	switch l.Access {
	case LinkPassword:
		if !s.Unlock[l.ID] {
			return false
		}
	case LinkWorkspace:
		if s.UserID == "" || s.Roles[g.WorkspaceID] == "" || !s.Scope.Includes(requiredScope(act)) {
			return false
		}
	case LinkAnyone:
	default:
		return false
	}

	switch act {
	case ActView:
		return true
	case ActRead:
		return l.AllowComments
	case ActComment:
		return l.AllowComments && (s.UserID != "" || s.Guest != "")
	case ActDownload:
		return l.AllowDownload
	}

	return false
}

// ACL are the search tokens of a clip: who may find it. A link gives access, but
// does not make a clip findable.
func (g ClipAccess) ACL() []string {
	acl := []string{"u:" + string(g.AuthorID)}
	switch g.Visibility {
	case VisibilityWorkspace:
		acl = append(acl, "w:"+string(g.WorkspaceID))
	case VisibilityChannel:
		acl = append(acl, "c:"+string(g.ChannelID))
	}
	return acl
}
