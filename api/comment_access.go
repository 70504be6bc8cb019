package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/tidings"
)

// CommentAccessStore is what commentAccess needs of the rows.
type CommentAccessStore interface {
	// CommentRow is a comment without its reactions and replies. With
	// KindNotFound it returns the clip of another comment, for an access check
	// that takes equally long.
	CommentRow(ctx context.Context, id tidings.ID) (tidings.Comment, error)
}

// commentAccess is the access check of comments. It also limits the rate of
// guests.
type commentAccess struct {
	store        CommentAccessStore
	access       *auth.Access
	clock        tidings.Clock
	guestLimiter *auth.Limiter
}
