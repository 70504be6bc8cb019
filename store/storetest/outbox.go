package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func testOutbox(t *testing.T, w *World) {
	a, b := w.NewClip(), w.NewClip()

	select {
	case <-w.Wake():
	default:
		t.Fatal("the indexer is not woken")
	}

	old, err := w.Outbox(w.ctx, 10)
	w.ok(err)
	same(t, "clips, oldest first", []tidings.ID{old[0].ClipID, old[1].ClipID}, []tidings.ID{a.ID, b.ID})
	one, err := w.Outbox(w.ctx, 1)
	w.ok(err)
	same(t, "first page", one, old[:1])
	title := "new"
	_, err = w.UpdateClip(w.ctx, a.ID, tidings.ClipPatch{Title: &title}, nil)
	w.ok(err)
	w.ok(w.OutboxDone(w.ctx, old)) // the change of a came meanwhile
	left, err := w.Outbox(w.ctx, 10)
	w.ok(err)
	eq(t, "entries", len(left), 1)
	eq(t, "clip", left[0].ClipID, a.ID)
	if left[0].Version <= old[1].Version {
		t.Fatalf("version %d after %d", left[0].Version, old[1].Version)
	}

	versions, err := w.IndexVersions(w.ctx, "", 10)
	w.ok(err)
	same(t, "versions the index should have", versions, []tidings.OutboxEntry{left[0], old[1]})
	w.ok(w.OutboxDone(w.ctx, left))
	eq(t, "entries", len(w.Indexed()), 0)
	w.ok(w.Reindex(w.ctx, []tidings.ID{b.ID}))
	again := w.Indexed()
	eq(t, "entries", len(again), 1)
	if again[0].Version <= left[0].Version {
		t.Fatal("indexing again must have a newer version")
	}

	w.kind(w.Reindex(w.ctx, []tidings.ID{b.ID, "none"}), tidings.KindNotFound)
	eq(t, "entries after a refused reindex", len(w.Indexed()), 0)
}

// testOutboxWriters lets an indexer drain while writers write: in the end the
// newest version of each clip has been seen.
func testOutboxWriters(t *testing.T, w *World) {
	const writers, changes = 4, 15
	clips := make([]tidings.Clip, writers)
	for i := range clips {
		clips[i] = w.NewClip()
	}

	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i, c := range clips {
		wg.Go(func() {
			for n := range changes {
				title := fmt.Sprint(n)
				if _, err := w.UpdateClip(w.ctx, c.ID, tidings.ClipPatch{Title: &title}, nil); err != nil {
					errs[i] = err
					return
				}
			}
		})
	}

	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()
	indexed, newest := map[tidings.ID]string{}, map[tidings.ID]int64{}
	drain := func() {
		entries, err := w.Outbox(w.ctx, 3)
		w.ok(err)
		for _, e := range entries {
			doc, err := w.Document(w.ctx, e.ClipID)
			w.ok(err)
			if e.Version <= newest[e.ClipID] || doc.Version < e.Version {
				t.Fatalf("entry %d after %d, document %d", e.Version, newest[e.ClipID], doc.Version)
			}
			indexed[e.ClipID], newest[e.ClipID] = doc.Title, e.Version
		}

		w.ok(w.OutboxDone(w.ctx, entries))
	}
	for running := true; running; {
		drain()
		select {
		case <-over:
			running = false
		default:
		}
	}

	for range writers {
		drain()
	}

	eq(t, "entries left", len(w.Indexed()), 0)
	for i, c := range clips {
		w.ok(errs[i])
		eq(t, "indexed title", indexed[c.ID], fmt.Sprint(changes-1))
	}
}

func testDocument(t *testing.T, w *World) {
	c := w.NewClip(func(c *tidings.Clip) { c.Title, c.Description, c.Tags = "T", "D", []string{"x"} })
	u := w.Append(w.NewUpload(c.ID), 10)
	_, err := w.SealUpload(w.ctx, u.ID, false)
	w.ok(err)
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.ok(w.FinishTranscript(w.ctx, run, w.speak(run, "said"), "en"))
	media := w.Take(c.ID, tidings.StepTranscode)
	w.ok(w.FinishMedia(w.ctx, media, tidings.MediaResult{DurationMS: 4321}))
	_, err = w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Author: tidings.Author{ID: w.Owner.ID}, Body: "well", CreatedAt: w.Clock.Now()})
	w.ok(err)
	d, err := w.Document(w.ctx, c.ID)
	w.ok(err)
	eq(t, "title", d.Title, "T")
	eq(t, "description", d.Description, "D")
	same(t, "tags", d.Tags, []string{"x"})
	eq(t, "language", d.Language, "en")
	eq(t, "duration", d.DurationMS, 4321)
	eq(t, "transcript", d.Transcript[0].Text, "said")
	eq(t, "comment", d.Comments[0].Body, "well")
	entries := w.Indexed()
	eq(t, "version", d.Version, entries[len(entries)-1].Version)
	w.ok(w.TrashClip(w.ctx, c.ID))
	_, err = w.Document(w.ctx, c.ID)
	w.kind(err, tidings.KindNotFound)
	list, err := w.IndexVersions(w.ctx, "", 10)
	w.ok(err)
	eq(t, "clips the index should have", len(list), 0)
}

// testIndexStep: the step runs while the outbox drains and is done when
// nothing more can come, whichever of the two is last.
func testIndexStep(t *testing.T, w *World) {
	state := func(c tidings.ID) tidings.StepState { return w.get(c).Steps.Index.State }
	c, _ := w.Recorded()
	eq(t, "before anything was indexed", state(c.ID), tidings.StepWaiting)
	w.Indexed()
	eq(t, "while other steps run", state(c.ID), tidings.StepRunning)
	transcode, transcribe := w.Take(c.ID, tidings.StepTranscode), w.Take(c.ID, tidings.StepTranscribe)
	w.ok(w.FinishStep(w.ctx, transcode, tidings.StepDone, ""))
	eq(t, "one step is left", state(c.ID), tidings.StepRunning)
	w.ok(w.FinishStep(w.ctx, transcribe, tidings.StepFailed, "No."))
	eq(t, "nothing waits, nothing comes", state(c.ID), tidings.StepDone)

	c, _ = w.Recorded()
	transcode, transcribe = w.Take(c.ID, tidings.StepTranscode), w.Take(c.ID, tidings.StepTranscribe)
	w.ok(w.FinishStep(w.ctx, transcode, tidings.StepDone, ""))
	w.ok(w.FinishStep(w.ctx, transcribe, tidings.StepDone, ""))
	eq(t, "the outbox has not drained", state(c.ID), tidings.StepWaiting)
	w.Indexed()
	eq(t, "the outbox has drained", state(c.ID), tidings.StepDone)
	w.ok(w.PurgeClip(w.ctx, c.ID))
	w.Indexed() // of a clip that is gone
}

// testACL holds what a person may find against tidings.Allowed.
func testACL(t *testing.T, w *World) {
	people := w.everyRole()
	channels := append(w.channels(people), "")
	for _, author := range people {
		for i, v := range []tidings.Visibility{tidings.VisibilityPrivate, tidings.VisibilityChannel, tidings.VisibilityWorkspace, tidings.VisibilityChannel} {
			c := w.NewClip(func(c *tidings.Clip) {
				c.Author.ID, c.Visibility, c.ChannelID = author.ID, v, channels[i%len(channels)]
			})
			doc, err := w.Document(w.ctx, c.ID)
			w.ok(err)
			for _, p := range people {
				g, err := w.ClipAccess(w.ctx, c.ID, p.ID)
				w.ok(err)
				for _, scope := range []tidings.Scope{"", tidings.ScopeRead, tidings.ScopeAdmin} {
					sub := w.Sub(p)
					sub.Scope = scope
					acl, err := w.ACLOf(w.ctx, sub, w.WS.ID)
					w.ok(err)
					finds := slices.ContainsFunc(acl, func(token string) bool { return slices.Contains(doc.ACL, token) })
					eq(t, fmt.Sprintf("%s (%q) finds the %s clip of %s", p.Name, scope, v, author.Name), finds, tidings.Allowed(sub, g, tidings.ActView, time.Time{}))
				}
			}
		}
	}

	acl, err := w.ACLOf(w.ctx, tidings.Subject{}, w.WS.ID)
	w.ok(err)
	eq(t, "what a stranger finds", len(acl), 0)
}
