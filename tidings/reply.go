package tidings

import "time"

// A reply is a clip that answers another one: a voice or video comment. It has
// no audience of its own. Whoever may see the comments of the clip it answers
// may play it, nobody else may (where its comment is hidden: its author and
// those who may show it again), and it follows that clip into the trash and
// out of it. It is answered in the thread it stands in and shared with its
// clip, so there are no comments on it and no links to it.

// allowedReply is the part of the access check that is about replies.
func allowedReply(s Subject, g ClipAccess, act Action, now time.Time) bool {
	if !SeesComments(s, *g.Answers, now) {
		return false
	}
	if g.Hidden && s.UserID != g.AuthorID && !Allowed(s, *g.Answers, ActEdit, now) {
		return false
	}

	own := isAuthorOrAdmin(s, g) && s.Scope.Includes(requiredScope(act))
	if g.Trashed {
		return own && (act == ActDelete || act == ActView || act == ActRead)
	}

	switch act {
	case ActView, ActRead:
		return true
	case ActDownload:
		return own || Allowed(s, *g.Answers, ActDownload, now)
	case ActEdit, ActDelete, ActAudience:
		return own
	}

	return false
}

// SeesComments reports whether a subject may see what is said about a clip:
// whoever sees the clip by their account, and visitors whose link allows
// comments on all of it. A link to a part of a clip shows none.
func SeesComments(s Subject, g ClipAccess, now time.Time) bool {
	return Allowed(s.WithoutSnippet(), g, ActRead, now)
}
