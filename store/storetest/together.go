package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// many act at once in these tests, each round anew.
const many = 100

// raceRounds is how often a race is repeated: a hundred times, three with
// -short.
func raceRounds() int {
	if testing.Short() {
		return 3
	}
	return 100
}

// testTogether lets many comment, react and resolve at once: each act takes
// effect exactly once.
func testTogether(t *testing.T, w *World) {
	for range raceRounds() {
		clip := w.NewClip()
		first := w.addComment(clip.ID, "", tidings.Author{ID: w.Owner.ID}, "", "first")
		on := tidings.ReactionTarget{ClipID: clip.ID, CommentID: first.ID}
		ids := make([]tidings.ID, many)
		runTogether(t, func(i int) error {
			ids[i] = tidings.NewID(w.Clock.Now())
			_, err := w.AddComment(w.ctx, tidings.Comment{ID: ids[i], ClipID: clip.ID, ParentID: first.ID, Author: tidings.Author{ID: w.Owner.ID}, Body: fmt.Sprint(i), CreatedAt: w.Clock.Now()})
			who := tidings.Reactor{GuestID: tidings.ID(fmt.Sprint(i % 10))}
			if err == nil {
				err = w.AddReaction(w.ctx, on, "👍", who)
			}

			if err == nil {
				_, err = w.ResolveThread(w.ctx, first.ID, w.Owner.ID)
			}

			return err
		})
		list, err := w.Comments(w.ctx, clip.ID)
		w.noError(err)
		equal(t, "comments", len(list), many+1)
		seen := map[tidings.ID]tidings.Comment{}
		for _, c := range list {
			seen[c.ID] = c
		}

		for i, id := range ids {
			equal(t, "comment", seen[id].Body, fmt.Sprint(i))
		}

		equal(t, "reactions", len(seen[first.ID].Reactions), 1)
		equal(t, "people who reacted", len(seen[first.ID].Reactions[0].By), 10)
		equal(t, "resolved once", seen[first.ID].Version, first.Version+1)
	}
}

// testTogetherIn lets many accept one invitation at once: as many as it allows
// become members, and its uses count them.
func testTogetherIn(t *testing.T, w *World) {
	for round := range raceRounds() {
		uses := 1 + round%7
		people := make([]tidings.ID, many)
		for i := range people {
			people[i] = w.Person(fmt.Sprintf("p%d-%d", round, i), "").ID
		}

		hash := []byte(fmt.Sprint("token of round ", round))
		invite := tidings.Invite{ID: tidings.NewID(w.Clock.Now()), WorkspaceID: w.WS.ID, Role: tidings.RoleMember, MaxUses: uses,
			CreatedBy: tidings.Author{ID: w.Owner.ID}, CreatedAt: w.Clock.Now(), ExpiresAt: w.Clock.Now().Add(time.Hour)}
		w.noError(w.CreateInvite(w.ctx, invite, hash, ""))
		in := make([]bool, many)
		runTogether(t, func(i int) error {
			err := w.AcceptInvite(w.ctx, hash, people[i])
			if in[i] = err == nil; tidings.KindOf(err) == tidings.KindNotFound {
				return nil
			}
			return err
		})

		joined := 0
		for i, id := range people {
			of, err := w.Memberships(w.ctx, id)
			w.noError(err)
			if is := len(of) > 0; is != in[i] {
				t.Errorf("person %d was told %v and is a member: %v", i, in[i], is)
			} else if is {
				joined++
			}
		}

		equal(t, "let in", joined, uses)
		got, err := w.InviteByHash(w.ctx, hash)
		w.noError(err)
		equal(t, "uses", got.Uses, uses)
	}
}

// runTogether runs act concurrently.
func runTogether(t *testing.T, act func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			if err := act(i); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
