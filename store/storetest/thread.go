package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func (w *World) addComment(clip, parent tidings.ID, by tidings.Author, guest tidings.ID, body string) tidings.Comment {
	w.t.Helper()
	w.Clock.Pass(time.Millisecond)
	c, err := w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: clip, ParentID: parent, Author: by, GuestID: guest, Body: body, CreatedAt: w.Clock.Now()})
	w.noError(err)
	return c
}

func testThread(t *testing.T, w *World) {
	ana := tidings.Author{ID: w.Owner.ID}
	bo := tidings.Author{ID: w.Person("bo", tidings.RoleMember).ID}
	_, err := w.SetAvatar(w.ctx, bo.ID, "f00d")
	w.noError(err)
	clip := w.NewClip()
	first := w.addComment(clip.ID, "", ana, "", "What?")
	waiting := func() bool {
		t.Helper()
		ids, err := w.UnansweredClips(w.ctx, w.WS.ID)
		w.noError(err)
		return slices.Equal(ids, []tidings.ID{clip.ID})
	}
	equal(t, "a question alone waits", waiting(), true)
	own := w.addComment(clip.ID, first.ID, ana, "", "Anybody?")
	equal(t, "an answer by oneself is none", waiting(), true)
	answer := w.addComment(clip.ID, own.ID, bo, "", "This.")
	equal(t, "the picture of who answered", answer.Author.Avatar, "f00d")
	equal(t, "an answer to a reply is put into its thread", answer.ParentID, first.ID)
	equal(t, "answered", waiting(), false)
	w.noError(w.DeleteComment(w.ctx, answer.ID))
	equal(t, "the answer is gone", waiting(), true)

	w.Indexed()
	done, err := w.ResolveThread(w.ctx, first.ID, bo.ID)
	w.noError(err)
	equal(t, "who resolved it", done.ResolvedBy, tidings.Author{ID: bo.ID, Name: "bo", Avatar: "f00d"})
	equal(t, "when", *done.ResolvedAt, w.Clock.Now())
	equal(t, "version", done.Version, first.Version+1)
	equal(t, "resolved", waiting(), false)
	w.Clock.Pass(time.Hour)
	again, err := w.ResolveThread(w.ctx, first.ID, ana.ID)
	w.noError(err)
	equal(t, "the first who resolved it stays", *again.ResolvedAt, *done.ResolvedAt)
	equal(t, "nothing changed", again.Version, done.Version)
	open, err := w.ReopenThread(w.ctx, first.ID)
	w.noError(err)
	equal(t, "resolved", open.ResolvedAt == nil && open.ResolvedBy.ID == "", true)
	_, err = w.ResolveThread(w.ctx, own.ID, ana.ID)
	w.wantKind(err, tidings.KindConflict)
	_, err = w.ResolveThread(w.ctx, answer.ID, ana.ID) // deleted
	w.wantKind(err, tidings.KindNotFound)
	_, err = w.ResolveThread(w.ctx, "none", ana.ID)
	w.wantKind(err, tidings.KindNotFound)
}

func testUnanswered(t *testing.T, w *World) {
	now := w.Clock.Now()
	ana, bo, mia := tidings.Author{ID: "ana"}, tidings.Author{ID: "bo"}, tidings.Comment{GuestID: "mia"}
	for _, c := range []struct {
		what    string
		first   tidings.Comment
		replies []tidings.Comment
		want    bool
	}{
		{"alone", tidings.Comment{Author: ana}, nil, true},
		{"answered by another", tidings.Comment{Author: ana}, []tidings.Comment{{Author: bo}}, false},
		{"answered by oneself only", tidings.Comment{Author: ana}, []tidings.Comment{{Author: ana}, {Author: ana}}, true},
		{"answered by a guest", tidings.Comment{Author: ana}, []tidings.Comment{mia}, false},
		{"a guest's, answered by another guest", mia, []tidings.Comment{{GuestID: "leo"}}, false},
		{"a guest's, answered by that guest", mia, []tidings.Comment{mia}, true},
		{"the answer was deleted", tidings.Comment{Author: ana}, []tidings.Comment{{Author: bo, DeletedAt: &now}}, true},
		{"the answer is hidden", tidings.Comment{Author: ana}, []tidings.Comment{{GuestID: "mia", HiddenAt: &now}}, true},
		{"resolved", tidings.Comment{Author: ana, ResolvedAt: &now}, nil, false},
		{"deleted", tidings.Comment{Author: ana, DeletedAt: &now}, nil, false},
		{"hidden", tidings.Comment{GuestID: "mia", HiddenAt: &now}, nil, false},
		{"answered by a clip", tidings.Comment{Author: ana}, []tidings.Comment{{Author: bo, ReplyClip: "clip"}}, false},
	} {
		clip := w.NewClip().ID
		parent := w.insertComment(clip, "", c.first)
		for _, r := range c.replies {
			w.insertComment(clip, parent, r)
		}

		ids, err := w.UnansweredClips(w.ctx, w.WS.ID)
		w.noError(err)
		equal(t, c.what, slices.Contains(ids, clip), c.want)
	}
}

// insertComment stores a comment in any state, without the checks of the Store.
func (w *World) insertComment(clip, parent tidings.ID, c tidings.Comment) tidings.ID {
	w.t.Helper()
	id := tidings.NewID(w.Clock.Now())
	millis := func(t *time.Time) *int64 {
		if t == nil {
			return nil
		}
		return new(tidings.Millis(*t))
	}
	_, err := w.DB().ExecContext(w.ctx, `INSERT INTO comments (id, clip_id, parent_id, author_id, guest_id, body, reply_clip, created_ms, version, deleted_ms, hidden_ms, resolved_ms)
		VALUES ($1, $2, $3, $4, $5, 'x', $6, 1, 1, $7, $8, $9)`,
		id, clip, parent, c.Author.ID, c.GuestID, c.ReplyClip, millis(c.DeletedAt), millis(c.HiddenAt), millis(c.ResolvedAt))
	w.noError(err)

	return id
}

func testGuest(t *testing.T, w *World) {
	_, err := w.SetAvatar(w.ctx, w.Owner.ID, "beef")
	w.noError(err)
	clip := w.NewClip()
	g := tidings.Guest{ID: tidings.NewID(w.Clock.Now()), ClipID: clip.ID, LinkID: "link", Name: "Mia", CreatedAt: w.Clock.Now()}
	w.noError(w.CreateGuest(w.ctx, g))
	c := w.addComment(clip.ID, "", tidings.Author{}, g.ID, "@[Ana]("+string(w.Owner.ID)+") hello, @[Eve](01ARZ3NDEKTSV4RRFFQ69G5FAV)")
	equal(t, "name", c.Author.Name, "Mia")
	equal(t, "id", c.Author.ID, "")
	equalSlices(t, "mentions of the workspace", c.Mentions, []tidings.Author{{ID: w.Owner.ID, Name: "Ana", Avatar: "beef"}})
	w.noError(w.RenameGuest(w.ctx, g.ID, "Mia M."))
	c, err = w.Comment(w.ctx, c.ID)
	w.noError(err)
	equal(t, "name", c.Author.Name, "Mia M.")
	w.wantKind(w.RenameGuest(w.ctx, "none", "x"), tidings.KindNotFound)
	_, err = w.Guest(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)

	w.Indexed()
	hidden, err := w.HideComment(w.ctx, c.ID, w.Owner.ID)
	w.noError(err)
	equal(t, "hidden", hidden.HiddenAt != nil, true)
	equal(t, "outbox entries", len(w.Indexed()), 1)
	d, err := w.Document(w.ctx, clip.ID)
	w.noError(err)
	equal(t, "comments that can be found", len(d.Comments), 0)
	equal(t, "comments counted", w.mustClip(clip.ID).Counts.Comments, 0)
	_, err = w.HideComment(w.ctx, c.ID, w.Owner.ID)
	w.noError(err)
	equal(t, "hidden already: nothing to index", len(w.Indexed()), 0)
	shown, err := w.ShowComment(w.ctx, c.ID)
	w.noError(err)
	equal(t, "hidden", shown.HiddenAt == nil, true)
	d, err = w.Document(w.ctx, clip.ID)
	w.noError(err)
	equal(t, "comments that can be found", len(d.Comments), 1)
}

func testReaction(t *testing.T, w *World) {
	clip := w.NewClip()
	c := w.addComment(clip.ID, "", tidings.Author{ID: w.Owner.ID}, "", "x")
	events, _ := w.Subscribe(w.ctx, 0)
	heard := func() (n int) {
		for {
			select {
			case e := <-events:
				if e.Type == tidings.EventReactionChanged {
					n++
				}
			default:
				return n
			}
		}
	}

	on := tidings.ReactionTarget{ClipID: clip.ID, CommentID: c.ID}
	ana, mia := tidings.Reactor{UserID: w.Owner.ID}, tidings.Reactor{GuestID: "mia"}
	for _, by := range []tidings.Reactor{ana, ana, mia} {
		w.Clock.Pass(time.Millisecond)
		w.noError(w.AddReaction(w.ctx, on, "👍", by))
	}

	equal(t, "events: a reaction given twice is told once", heard(), 2)
	got, err := w.Comment(w.ctx, c.ID)
	w.noError(err)
	equal(t, "reactions", len(got.Reactions), 1)
	equal(t, "people", len(got.Reactions[0].By), 2)
	equal(t, "first", got.Reactions[0].By[0].Name, "Ana")
	equal(t, "the comment itself is as it was", got.Version, c.Version)
	w.noError(w.RemoveReaction(w.ctx, on, "👍", mia))
	w.noError(w.RemoveReaction(w.ctx, on, "👍", mia))
	equal(t, "events", heard(), 1)

	at := int64(3000)
	for _, to := range []tidings.ReactionTarget{{ClipID: clip.ID}, {ClipID: clip.ID, AtMS: &at}} {
		w.noError(w.AddReaction(w.ctx, to, "🎉", ana))
	}

	list, err := w.ClipReactions(w.ctx, clip.ID)
	w.noError(err)
	equal(t, "moments", len(list), 2)
	equal(t, "counted", w.mustClip(clip.ID).Counts.Reactions, 2)

	for i := range tidings.MaxReactions - 1 {
		w.noError(w.AddReaction(w.ctx, on, fmt.Sprint(i), ana))
	}

	w.wantKind(w.AddReaction(w.ctx, on, "one more", ana), tidings.KindConflict)
	w.noError(w.DeleteComment(w.ctx, c.ID))
	w.wantKind(w.AddReaction(w.ctx, on, "👍", ana), tidings.KindNotFound)
	all, err := w.Comments(w.ctx, clip.ID)
	w.noError(err)
	equal(t, "reactions to what is gone", len(all[0].Reactions), 0)
}
