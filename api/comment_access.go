package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/tidings"
)

// CommentAccessStore is what commentAccess reads and writes of the rows.
type CommentAccessStore interface {
	// CommentRow and LinkRow are without what others did with it. With
	// KindNotFound they name the clip of another one, which takes as long to ask for.
	CommentRow(ctx context.Context, id tidings.ID) (tidings.Comment, error)
}

// commentAccess is the access check of comments, and limits the pace of guests.
type commentAccess struct {
	store        CommentAccessStore
	access       *auth.Access
	clock        tidings.Clock
	guestLimiter *auth.Limiter
}
