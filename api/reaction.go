package api

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ReactionStore is what reactionHandlers needs of the rows.
type ReactionStore interface {
	AddReaction(ctx context.Context, to tidings.ReactionTarget, emoji string, by tidings.Reactor) error
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) // also in the trash
	ClipReactions(ctx context.Context, clip tidings.ID) ([]tidings.Reaction, error)
	Comment(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	RemoveReaction(ctx context.Context, to tidings.ReactionTarget, emoji string, by tidings.Reactor) error
}

// reactionHandlers serves reactions to clips and comments.
type reactionHandlers struct {
	store         ReactionStore
	commentAccess *commentAccess
	commentViews  *commentViews
	access        *auth.Access
}

// maxReactors is how many names of people a reaction lists.
const maxReactors = 20

func (e commentPerms) reactionJSON(r tidings.Reaction) spec.Reaction {
	out := spec.Reaction{Emoji: r.Emoji, Count: len(r.By), People: spec.Map(r.By[:min(len(r.By), maxReactors)], func(by tidings.Reactor) string { return by.Name })}
	out.Mine = slices.ContainsFunc(r.By, func(by tidings.Reactor) bool {
		return by.UserID == e.subject.UserID && (by.UserID != "" || by.GuestID == e.subject.GuestID)
	})
	return out
}

func (e commentPerms) clipReactionJSON(r tidings.Reaction) spec.ClipReaction {
	one := e.reactionJSON(r)
	return spec.ClipReaction{Emoji: one.Emoji, AtMs: r.AtMS, Count: one.Count, Mine: one.Mine, People: one.People}
}

// reactorOf is the caller as the author of a reaction.
func reactorOf(ctx context.Context) tidings.Reactor {
	who := request.SubjectOf(ctx)
	if who.UserID != "" {
		return tidings.Reactor{UserID: who.UserID}
	}
	return tidings.Reactor{GuestID: who.GuestID}
}

var reactionKeyFormat = regexp.MustCompile(`^\d{19} \S+$`)

func reactionCursorKey(r tidings.Reaction) string {
	at := int64(0)
	if r.AtMS != nil {
		at = *r.AtMS + 1
	}
	return fmt.Sprintf("%019d %s", at, r.Emoji)
}

// ListClipReactions is GET /clips/{id}/reactions.
func (h *reactionHandlers) ListClipReactions(ctx context.Context, r spec.ListClipReactionsRequestObject) (spec.ListClipReactionsResponseObject, error) {
	g, snippet, err := h.access.AuthorizeClipOrSnippet(ctx, r.ID, tidings.ActRead)
	if err != nil {
		return nil, err
	}
	if err := checkCursor(r.Params.Cursor, reactionKeyFormat); err != nil {
		return nil, err
	}

	all, err := h.store.ClipReactions(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}

	items, next, err := pageOf(snippetReactions(snippet, all), reactionCursorKey, false, r.Params.Limit, r.Params.Cursor)
	return spec.ListClipReactions200JSONResponse{Items: spec.Map(items, h.commentAccess.permsOn(ctx, g).clipReactionJSON), NextCursor: next}, err
}

// ReactToClip is POST /clips/{id}/reactions/{emoji}.
func (h *reactionHandlers) ReactToClip(ctx context.Context, r spec.ReactToClipRequestObject) (spec.ReactToClipResponseObject, error) {
	page, err := h.changeClipReaction(ctx, r.ID, r.Emoji, r.Params.AtMs, h.store.AddReaction)
	return spec.ReactToClip200JSONResponse(page), err
}

// UnreactToClip is DELETE /clips/{id}/reactions/{emoji}.
func (h *reactionHandlers) UnreactToClip(ctx context.Context, r spec.UnreactToClipRequestObject) (spec.UnreactToClipResponseObject, error) {
	page, err := h.changeClipReaction(ctx, r.ID, r.Emoji, r.Params.AtMs, h.store.RemoveReaction)
	return spec.UnreactToClip200JSONResponse(page), err
}

// reactionChange adds or removes a reaction.
type reactionChange func(ctx context.Context, to tidings.ReactionTarget, emoji string, by tidings.Reactor) error

func (h *reactionHandlers) changeClipReaction(ctx context.Context, id, emoji string, at *int64, act reactionChange) (spec.ClipReactionPage, error) {
	var none spec.ClipReactionPage
	g, snippet, err := h.commentAccess.authorizeContribution(ctx, id, tidings.ActComment)
	if err != nil {
		return none, err
	}
	if emoji, err = tidings.ParseEmoji(emoji); err != nil {
		return none, err
	}

	clip, err := h.store.Clip(ctx, g.ClipID)
	if err != nil {
		return none, err
	}

	to := tidings.ReactionTarget{ClipID: g.ClipID, AtMS: at}
	if snippet != nil {
		if to.AtMS, err = snippetToClipTime(*snippet, at); err != nil {
			return none, err
		}
	}

	if err := to.Validate(clip.DurationMS); err != nil {
		return none, err
	}
	if err := act(ctx, to, emoji, reactorOf(ctx)); err != nil {
		return none, err
	}

	all, err := h.store.ClipReactions(ctx, g.ClipID)
	here := slices.DeleteFunc(snippetReactions(snippet, all), func(r tidings.Reaction) bool {
		return (r.AtMS == nil) != (at == nil) || spec.Deref(r.AtMS) != spec.Deref(at)
	})

	return spec.ClipReactionPage{Items: spec.Map(here, h.commentAccess.permsOn(ctx, g).clipReactionJSON)}, err
}

// snippetToClipTime is a time of the snippet as a time of the clip. A link to a
// snippet has no reactions to the whole clip.
func snippetToClipTime(snippet tidings.Span, at *int64) (*int64, error) {
	if at == nil || *at > snippet.Length() {
		return nil, tidings.Invalid("at_ms", "Outside the clip.")
	}
	ms := *at + snippet.StartMS
	return &ms, nil
}

// ReactToComment is POST /comments/{id}/reactions/{emoji}.
func (h *reactionHandlers) ReactToComment(ctx context.Context, r spec.ReactToCommentRequestObject) (spec.ReactToCommentResponseObject, error) {
	c, err := h.changeCommentReaction(ctx, r.ID, r.Emoji, h.store.AddReaction)
	return spec.ReactToComment200JSONResponse(c), err
}

// UnreactToComment is DELETE /comments/{id}/reactions/{emoji}.
func (h *reactionHandlers) UnreactToComment(ctx context.Context, r spec.UnreactToCommentRequestObject) (spec.UnreactToCommentResponseObject, error) {
	c, err := h.changeCommentReaction(ctx, r.ID, r.Emoji, h.store.RemoveReaction)
	return spec.UnreactToComment200JSONResponse(c), err
}

func (h *reactionHandlers) changeCommentReaction(ctx context.Context, id, emoji string, act reactionChange) (spec.Comment, error) {
	c, e, err := h.commentAccess.authorizeComment(ctx, id, tidings.ActComment)
	if err != nil {
		return spec.Comment{}, err
	}
	if emoji, err = tidings.ParseEmoji(emoji); err != nil {
		return spec.Comment{}, err
	}
	if err := act(ctx, tidings.ReactionTarget{ClipID: c.ClipID, CommentID: c.ID}, emoji, reactorOf(ctx)); err != nil {
		return spec.Comment{}, err
	}
	if c, err = h.store.Comment(ctx, c.ID); err != nil {
		return spec.Comment{}, err
	}

	return h.commentViews.withReply(ctx, e, c)
}

// reactionEvent sets the resource of the event: the comment, or the clip's
// reactions.
func (h *eventHandlers) reactionEvent(ctx context.Context, ev tidings.Event, out spec.Event, g tidings.ClipAccess, snippet *tidings.Span) (spec.Event, error) {
	if out.SubjectID == nil {
		all, err := h.store.ClipReactions(ctx, g.ClipID)
		slices.SortFunc(all, func(a, b tidings.Reaction) int { return cmp.Compare(reactionCursorKey(a), reactionCursorKey(b)) })
		out.Reactions = new(spec.Map(snippetReactions(snippet, all), h.commentAccess.permsOn(ctx, g).clipReactionJSON))
		return out, err
	}

	c, err := h.cachedComment(ctx, ev)
	if err != nil {
		return out, err
	}
	if sees, err := h.access.SeesComment(ctx, c); err != nil || !sees {
		return out, cmp.Or(err, tidings.NotFound())
	}

	shown, err := h.commentViews.withReply(ctx, h.commentAccess.permsOn(ctx, g), c)
	out.Comment = &shown
	return out, err
}
