package tidings

import "time"

// A reply is a clip that answers another one: a voice or video comment. Its
// access is that of the comments of the clip it answers (while its comment is
// hidden: only its author and those who may show it again), and it is trashed
// and restored with that clip. It has no comments and no links of its own:
// replies to it go into its thread.

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

// SeesComments reports whether a subject may see the comments of a clip: people
// who see it by their account, and visitors whose link allows comments and is
// not cut to a snippet.
func SeesComments(s Subject, g ClipAccess, now time.Time) bool {
	return Allowed(s.WithoutSnippet(), g, ActRead, now)
}
