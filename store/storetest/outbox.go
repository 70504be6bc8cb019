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
	w.noError(err)
	equalSlices(t, "clips, oldest first", []tidings.ID{old[0].ClipID, old[1].ClipID}, []tidings.ID{a.ID, b.ID})
	one, err := w.Outbox(w.ctx, 1)
	w.noError(err)
	equalSlices(t, "first page", one, old[:1])
	title := "new"
	_, err = w.UpdateClip(w.ctx, a.ID, tidings.ClipPatch{Title: &title}, nil)
	w.noError(err)
	w.noError(w.OutboxDone(w.ctx, old)) // the change of a came meanwhile
	left, err := w.Outbox(w.ctx, 10)
	w.noError(err)
	equal(t, "entries", len(left), 1)
	equal(t, "clip", left[0].ClipID, a.ID)
	if left[0].Version <= old[1].Version {
		t.Fatalf("version %d after %d", left[0].Version, old[1].Version)
	}

	versions, err := w.IndexVersions(w.ctx, "", 10)
	w.noError(err)
	equalSlices(t, "versions the index should have", versions, []tidings.OutboxEntry{left[0], old[1]})
	w.noError(w.OutboxDone(w.ctx, left))
	equal(t, "entries", len(w.Indexed()), 0)
	w.noError(w.Reindex(w.ctx, []tidings.ID{b.ID}))
	again := w.Indexed()
	equal(t, "entries", len(again), 1)
	if again[0].Version <= left[0].Version {
		t.Fatal("indexing again must have a newer version")
	}

	w.wantKind(w.Reindex(w.ctx, []tidings.ID{b.ID, "none"}), tidings.KindNotFound)
	equal(t, "entries after a refused reindex", len(w.Indexed()), 0)
}

// testOutboxWriters drains the outbox while clips change: in the end the newest
// version of each clip was read.
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
		w.noError(err)
		for _, e := range entries {
			doc, err := w.Document(w.ctx, e.ClipID)
			w.noError(err)
			if e.Version <= newest[e.ClipID] || doc.Version < e.Version {
				t.Fatalf("entry %d after %d, document %d", e.Version, newest[e.ClipID], doc.Version)
			}
			indexed[e.ClipID], newest[e.ClipID] = doc.Title, e.Version
		}

		w.noError(w.OutboxDone(w.ctx, entries))
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

	equal(t, "entries left", len(w.Indexed()), 0)
	for i, c := range clips {
		w.noError(errs[i])
		equal(t, "indexed title", indexed[c.ID], fmt.Sprint(changes-1))
	}
}

func testDocument(t *testing.T, w *World) {
	c := w.NewClip(func(c *tidings.Clip) { c.Title, c.Description, c.Tags = "T", "D", []string{"x"} })
	u := w.Append(w.NewUpload(c.ID), 10)
	_, err := w.SealUpload(w.ctx, u.ID, false)
	w.noError(err)
	run := w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, run, w.addUtterances(run, "said"), "en"))
	media := w.Take(c.ID, tidings.StepTranscode)
	w.noError(w.FinishMedia(w.ctx, media, tidings.MediaResult{DurationMS: 4321}))
	_, err = w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(w.Clock.Now()), ClipID: c.ID, Author: tidings.Author{ID: w.Owner.ID}, Body: "well", CreatedAt: w.Clock.Now()})
	w.noError(err)
	d, err := w.Document(w.ctx, c.ID)
	w.noError(err)
	equal(t, "title", d.Title, "T")
	equal(t, "description", d.Description, "D")
	equalSlices(t, "tags", d.Tags, []string{"x"})
	equal(t, "language", d.Language, "en")
	equal(t, "duration", d.DurationMS, 4321)
	equal(t, "transcript", d.Transcript[0].Text, "said")
	equal(t, "comment", d.Comments[0].Body, "well")

	none, err := w.DocumentsByID(w.ctx, nil)
	w.noError(err)
	texts, err := w.TranscriptTexts(w.ctx, nil)
	w.noError(err)
	equal(t, "documents of no clips", len(none)+len(texts), 0)

	entries := w.Indexed()
	equal(t, "version", d.Version, entries[len(entries)-1].Version)
	w.noError(w.TrashClip(w.ctx, c.ID))
	_, err = w.Document(w.ctx, c.ID)
	w.wantKind(err, tidings.KindNotFound)
	list, err := w.IndexVersions(w.ctx, "", 10)
	w.noError(err)
	equal(t, "clips the index should have", len(list), 0)
}

// testIndexStep: the step runs while the outbox is drained, and is done when the
// other steps have ended and it is empty, in either order.
func testIndexStep(t *testing.T, w *World) {
	state := func(c tidings.ID) tidings.StepState { return w.mustClip(c).Steps.Index.State }
	c, _ := w.Recorded()
	equal(t, "before anything was indexed", state(c.ID), tidings.StepWaiting)
	w.Indexed()
	equal(t, "while other steps run", state(c.ID), tidings.StepRunning)
	transcode, transcribe := w.Take(c.ID, tidings.StepTranscode), w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishStep(w.ctx, transcode, tidings.StepDone, ""))
	equal(t, "one step is left", state(c.ID), tidings.StepRunning)
	w.noError(w.FinishStep(w.ctx, transcribe, tidings.StepFailed, "No."))
	equal(t, "nothing waits, nothing comes", state(c.ID), tidings.StepDone)

	c, _ = w.Recorded()
	transcode, transcribe = w.Take(c.ID, tidings.StepTranscode), w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishStep(w.ctx, transcode, tidings.StepDone, ""))
	w.noError(w.FinishStep(w.ctx, transcribe, tidings.StepDone, ""))
	equal(t, "the outbox has not drained", state(c.ID), tidings.StepWaiting)
	w.Indexed()
	equal(t, "the outbox has drained", state(c.ID), tidings.StepDone)
	w.noError(w.PurgeClip(w.ctx, c.ID))
	w.Indexed() // of a clip that is gone
}

// testACL checks what a person may find against tidings.Allowed.
func testACL(t *testing.T, w *World) {
	people := w.everyRole()
	channels := append(w.visibleChannels(people), "")
	for _, author := range people {
		for i, v := range []tidings.Visibility{tidings.VisibilityPrivate, tidings.VisibilityChannel, tidings.VisibilityWorkspace, tidings.VisibilityChannel} {
			c := w.NewClip(func(c *tidings.Clip) {
				c.Author.ID, c.Visibility, c.ChannelID = author.ID, v, channels[i%len(channels)]
			})
			doc, err := w.Document(w.ctx, c.ID)
			w.noError(err)
			for _, p := range people {
				g, err := w.ClipAccess(w.ctx, c.ID, p.ID)
				w.noError(err)
				for _, scope := range []tidings.Scope{"", tidings.ScopeRead, tidings.ScopeAdmin} {
					sub := w.Sub(p)
					sub.Scope = scope
					acl, err := w.ACLOf(w.ctx, sub, w.WS.ID)
					w.noError(err)
					finds := slices.ContainsFunc(acl, func(token string) bool { return slices.Contains(doc.ACL, token) })
					equal(t, fmt.Sprintf("%s (%q) finds the %s clip of %s", p.Name, scope, v, author.Name), finds, tidings.Allowed(sub, g, tidings.ActView, time.Time{}))
				}
			}
		}
	}

	acl, err := w.ACLOf(w.ctx, tidings.Subject{}, w.WS.ID)
	w.noError(err)
	equal(t, "what a stranger finds", len(acl), 0)
}
