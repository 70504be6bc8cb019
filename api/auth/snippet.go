package auth

import (
	"cmp"
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// snippetReaches reports whether a snippet link of the subject opens a clip: its
// own, and replies in threads of its snippet.
func (a *Access) snippetReaches(ctx context.Context, who tidings.Subject, clip tidings.ID) (bool, error) {
	if who.Link == nil || who.Link.Snippet() == nil {
		return true, nil
	}

	for depth := 0; clip != who.Link.ClipID && depth < 10; depth++ {
		c, err := a.store.CommentOfReply(ctx, clip)
		if tidings.KindOf(err) == tidings.KindNotFound {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if c.ClipID == who.Link.ClipID {
			return a.threadInSnippet(ctx, *who.Link.Snippet(), c)
		}

		clip = c.ClipID
	}

	return clip == who.Link.ClipID, nil
}

// SeesComment reports whether the caller, who may see the comment's clip, may
// see the comment.
func (a *Access) SeesComment(ctx context.Context, c tidings.Comment) (bool, error) {
	snippet := request.SubjectOf(ctx).SnippetOf(c.ClipID)
	if snippet == nil {
		return true, nil
	}
	return a.threadInSnippet(ctx, *snippet, c)
}

// threadInSnippet reports whether the thread of a comment is on a time of the
// snippet.
func (a *Access) threadInSnippet(ctx context.Context, snippet tidings.Span, c tidings.Comment) (bool, error) {
	for depth := 0; c.ParentID != "" && depth < 100; depth++ {
		parent, err := a.store.Comment(ctx, c.ParentID)
		if err != nil {
			return false, err
		}
		c = parent
	}
	return CommentInSnippet(snippet, c), nil
}

// CommentInSnippet reports whether a comment is on a time of the snippet. One
// on the whole clip is not: it may be about any part of it.
func CommentInSnippet(snippet tidings.Span, c tidings.Comment) bool {
	return c.AtMS != nil && snippet.Contains(*c.AtMS, *cmp.Or(c.UntilMS, c.AtMS))
}
