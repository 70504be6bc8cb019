package search_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// indexWorld is a store, an engine and the indexer between them.
type indexWorld struct {
	*storetest.World
	t   *testing.T
	dir string
	e   search.Engine
	x   *search.Indexer
	bad map[tidings.ID]error // documents that cannot be read
}

func newIndexWorld(t *testing.T) *indexWorld {
	h := newIndexWorldWith(t, nil)
	h.dir = t.TempDir()
	h.e = openEmbedded(t, h.dir)
	h.newIndexer()
	return h
}

// newIndexWorldWith is an indexWorld with another engine than the embedded one.
func newIndexWorldWith(t *testing.T, e search.Engine) *indexWorld {
	w := storetest.NewWorld(t, storetest.OpenAny)
	h := &indexWorld{World: w, t: t, e: e, bad: map[tidings.ID]error{}}
	h.newIndexer()
	return h
}

// newIndexer replaces the indexer, as a new process does.
func (h *indexWorld) newIndexer() { h.x = &search.Indexer{Rows: h, Engine: h.e, Clock: h.Clock.Now} }

func (h *indexWorld) Document(ctx context.Context, id tidings.ID) (tidings.Document, error) {
	if err := h.bad[id]; err != nil {
		return tidings.Document{}, err
	}
	return h.World.Document(ctx, id)
}

func (h *indexWorld) mustDrain() {
	h.t.Helper()
	if err := h.x.Drain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *indexWorld) newClip(title string) tidings.Clip {
	return h.NewClip(func(c *tidings.Clip) { c.Title = title })
}

func (h *indexWorld) renameClip(id tidings.ID, title string) {
	h.t.Helper()
	if _, err := h.UpdateClip(h.t.Context(), id, tidings.ClipPatch{Title: &title}, nil); err != nil {
		h.t.Fatal(err)
	}
}

// wantFound checks what the owner finds, in any order.
func (h *indexWorld) wantFound(text string, want ...tidings.ID) {
	h.t.Helper()
	acl, err := h.ACLOf(h.t.Context(), h.Sub(h.Owner), h.WS.ID)
	if err != nil {
		h.t.Fatal(err)
	}

	hits, _, err := h.e.Search(h.t.Context(), tidings.Query{Text: text, WorkspaceID: h.WS.ID, ACL: acl, Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}

	got := []tidings.ID{}
	for _, hit := range hits {
		got = append(got, hit.ClipID)
	}

	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		h.t.Errorf("%q finds %v, want %v", text, got, want)
	}
}

func (h *indexWorld) wantWaiting(want int) {
	h.t.Helper()
	left, err := h.Outbox(h.t.Context(), 1000)
	if err != nil || len(left) != want {
		h.t.Errorf("%d entries wait (%v), want %d", len(left), err, want)
	}
}

func (h *indexWorld) wantDrift(want string) {
	h.t.Helper()
	d, err := h.x.Audit(h.t.Context())
	got := fmt.Sprintf("checked %d pending %d missing %d stale %d extra %d", d.Checked, d.Pending, len(d.Missing), len(d.Stale), len(d.Extra))
	if err != nil || got != want {
		h.t.Errorf("audit: %s (%v), want %s", got, err, want)
	}
}

func (h *indexWorld) noError(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestIndexer follows a clip from its creation to its end.
func TestIndexer(t *testing.T) {
	h := newIndexWorld(t)
	c := h.newClip("kubernetes")
	h.wantFound("kubernetes")
	h.mustDrain()
	h.wantFound("kubernetes", c.ID)
	h.wantWaiting(0)
	if got, err := h.Clip(t.Context(), c.ID); err != nil || got.Steps.Index.State != tidings.StepRunning {
		t.Errorf("the step index is %+v (%v) while the clip is recorded", got.Steps.Index, err)
	}

	h.renameClip(c.ID, "rollback")
	_, err := h.AddComment(t.Context(), tidings.Comment{ID: tidings.NewID(h.Clock.Now()), ClipID: c.ID, Author: tidings.Author{ID: h.Owner.ID}, Body: "throughput", CreatedAt: h.Clock.Now()})
	h.noError(err)
	h.mustDrain()
	h.wantFound("kubernetes")
	h.wantFound("rollback throughput", c.ID)
	h.noError(h.TrashClip(t.Context(), c.ID))
	h.mustDrain()
	h.wantFound("rollback")
	h.noError(h.RestoreClip(t.Context(), c.ID))
	h.mustDrain()
	h.wantFound("rollback", c.ID)
	h.noError(h.PurgeClip(t.Context(), c.ID))
	h.mustDrain()
	h.wantFound("rollback")
	h.wantWaiting(0)
	h.wantDrift("checked 0 pending 0 missing 0 stale 0 extra 0")
}

// TestIndexerMany drains more than a batch, in one go and twice.
func TestIndexerMany(t *testing.T) {
	h := newIndexWorld(t)
	var ids []tidings.ID
	for i := range 53 {
		ids = append(ids, h.newClip(fmt.Sprint("kubernetes ", i)).ID)
	}

	h.wantDrift("checked 53 pending 53 missing 0 stale 0 extra 0")
	h.mustDrain()
	h.mustDrain()
	h.wantFound("kubernetes", ids...)
	h.wantWaiting(0)
	h.wantDrift("checked 53 pending 0 missing 0 stale 0 extra 0")
}

// TestIndexerBadClip: a clip that cannot be read waits longer and longer while
// the others go on, and is indexed when it can be.
func TestIndexerBadClip(t *testing.T) {
	h := newIndexWorld(t)
	var bad []tidings.ID
	for i := range 30 { // more than a batch of them at the head of the queue
		id := h.newClip(fmt.Sprint("broken ", i)).ID
		bad = append(bad, id)
		h.bad[id] = errors.New("unreadable")
	}

	good := h.newClip("kubernetes")
	h.mustDrain()
	h.wantFound("kubernetes", good.ID)
	h.wantWaiting(len(bad))
	delete(h.bad, bad[0])
	h.mustDrain() // too early
	h.wantFound("broken")
	h.Clock.Pass(time.Minute)
	h.mustDrain()
	h.wantFound("broken", bad[0])
	h.wantWaiting(len(bad) - 1)
	delete(h.bad, bad[1])
	h.renameClip(bad[1], "broken no more") // a new version is tried at once
	h.mustDrain()
	h.wantFound("broken", bad[0], bad[1])
}

// refusing is an engine whose methods fail as its fields say.
type refusing struct {
	search.Engine
	clip  tidings.ID
	ready error
}

func (r *refusing) Put(ctx context.Context, docs []tidings.Document) error {
	if r.ready != nil || slices.ContainsFunc(docs, func(d tidings.Document) bool { return d.ClipID == r.clip }) {
		return errors.New("refused")
	}
	return r.Engine.Put(ctx, docs)
}

func (r *refusing) Ready(ctx context.Context) error { return r.ready }

// TestIndexerEngine tells a document the engine refuses from an engine that is down.
func TestIndexerEngine(t *testing.T) {
	h := newIndexWorld(t)
	a, b, c := h.newClip("kubernetes a"), h.newClip("kubernetes b"), h.newClip("kubernetes c")
	r := &refusing{Engine: h.e, clip: b.ID, ready: errors.New("down")}
	h.x.Engine = r
	if err := h.x.Drain(t.Context()); !errors.Is(err, r.ready) {
		t.Fatalf("an engine that is down: %v", err)
	}

	h.wantWaiting(3)
	r.ready = nil
	h.mustDrain()
	h.wantFound("kubernetes", a.ID, c.ID)
	h.wantWaiting(1)
	r.clip = ""
	h.Clock.Pass(time.Hour)
	h.mustDrain()
	h.wantFound("kubernetes", a.ID, b.ID, c.ID)
	h.wantWaiting(0)
}

func TestIndexerCancel(t *testing.T) {
	h := newIndexWorld(t)
	h.newClip("kubernetes")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.x.Drain(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled drain: %v", err)
	}
	h.wantWaiting(1)
}

// TestIndexerRepairs: what an index lacks or has too much of is put right by
// the first drain of a process, and by the first after the index was lost.
func TestIndexerRepairs(t *testing.T) {
	h := newIndexWorld(t)
	var ids []tidings.ID
	for i := range 45 {
		ids = append(ids, h.newClip(fmt.Sprint("kubernetes ", i)).ID)
	}

	h.mustDrain()
	old, err := h.World.Document(t.Context(), ids[1])
	h.noError(err)
	old.Version, old.Title = 1, "outdated"
	extra := newDocument(9, "kubernetes left over")
	extra.WorkspaceID, extra.ACL = h.WS.ID, old.ACL
	h.noError(h.e.Reset(t.Context()))
	h.noError(h.e.Put(t.Context(), []tidings.Document{old, extra}))
	h.wantDrift("checked 46 pending 0 missing 44 stale 1 extra 1")
	h.newIndexer()
	h.mustDrain()
	h.wantDrift("checked 45 pending 0 missing 0 stale 0 extra 0")
	h.wantFound("kubernetes", ids...)

	spoilOpen(t, h.dir)
	acl := []string{"w:" + string(h.WS.ID)}
	if _, _, err := h.e.Search(t.Context(), tidings.Query{Text: "kubernetes", WorkspaceID: h.WS.ID, ACL: acl}); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Fatalf("a damaged index answers %v", err)
	}

	h.mustDrain() // nothing waits in the outbox
	h.wantFound("kubernetes", ids...)
}

// TestIndexWhileRecording adds a transcript utterance by utterance.
func TestIndexWhileRecording(t *testing.T) {
	h := newIndexWorld(t)
	c, _ := h.Recorded()
	run := h.Take(c.ID, tidings.StepTranscribe)
	id, err := h.StartTranscript(t.Context(), run, tidings.Transcript{Language: "en", Engine: "test"})
	h.noError(err)
	for i, text := range []string{"today the kubernetes", "deployment went well", "then the rollback"} {
		h.noError(h.AddTranscriptSegments(t.Context(), run, id, []tidings.TranscriptSegment{{Seq: int64(i), StartMS: int64(i) * 4000, EndMS: int64(i)*4000 + 3500, Text: text}}))
		h.mustDrain()
	}

	h.wantFound(`"kubernetes deployment"`, c.ID)
	h.wantFound("today rollback", c.ID)
	h.noError(h.FinishTranscript(t.Context(), run, id, "en"))
	h.mustDrain()
	h.noError(h.FinishStep(t.Context(), h.Take(c.ID, tidings.StepTranscode), tidings.StepDone, ""))
	h.mustDrain()
	if got, err := h.Clip(t.Context(), c.ID); err != nil || got.Steps.Index.State != tidings.StepDone {
		t.Errorf("the step index is %+v (%v) in the end", got.Steps.Index, err)
	}
}

// spoilOpen damages the texts of an index under its engine.
func spoilOpen(t *testing.T, dir string) {
	t.Helper()
	execFile(t, filepath.Join(dir, "search.db"), "UPDATE fts_data SET block = x'ffffffffffffffff' WHERE id > 10")
}
