package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func testUpload(t *testing.T, w *World) {
	c := w.NewClip()
	u := w.NewUpload(c.ID)
	equal(t, "offset", u.Offset, 0)
	equal(t, "file name", u.Filename, "a.webm")
	equal(t, "metadata", u.Metadata, "clip_id YQ==, relativePath")
	equal(t, "idle since", u.IdleSince, w.Clock.Now())
	if u.Length != nil || u.SealedAt != nil || u.Aborted || u.EndedEarly {
		t.Fatalf("a new upload has ended: %+v", u)
	}

	by, err := w.UploadByClip(w.ctx, c.ID)
	w.noError(err)
	equal(t, "upload of the clip", by.ID, u.ID)
	equal(t, "upload step", w.mustClip(c.ID).Steps.Upload.State, tidings.StepRunning)
	again := u
	again.ID = tidings.NewID(w.Clock.Now())
	w.wantKind(w.CreateUpload(w.ctx, again), tidings.KindConflict)
	_, err = w.Upload(w.ctx, again.ID)
	w.wantKind(err, tidings.KindNotFound)
	_, err = w.UploadByClip(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)
	_, err = w.FenceUpload(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)
}

func testAppend(t *testing.T, w *World) {
	u := w.NewUpload(w.NewClip().ID)
	expires := w.Clock.Now().Add(15 * time.Minute)
	first, err := w.AppendPart(w.ctx, w.Part(u, 0, 10), u.Fence, expires)
	w.noError(err)
	equal(t, "offset", first.Offset, 10)
	equal(t, "expiry", first.ExpiresAt, expires)
	equal(t, "bytes of the clip", w.mustClip(u.ClipID).Bytes, 10)
	for _, at := range []int64{0, 5, 11, -1} {
		_, err := w.AppendPart(w.ctx, w.Part(u, at, 3), u.Fence, expires)
		w.wantKind(err, tidings.KindConflict)
	}

	fenced, err := w.FenceUpload(w.ctx, u.ID)
	w.noError(err)
	_, err = w.AppendPart(w.ctx, w.Part(u, 10, 3), u.Fence, expires)
	w.wantKind(err, tidings.KindConflict)
	last := w.Append(fenced, 3)
	equal(t, "offset", last.Offset, 13)
	total, err := w.WorkspaceBytes(w.ctx, w.WS.ID)
	w.noError(err)
	equal(t, "bytes of the workspace", total, 13)
	gone := u
	gone.ID = "none"
	_, err = w.AppendPart(w.ctx, w.Part(gone, 0, 3), 0, expires)
	w.wantKind(err, tidings.KindNotFound)
}

// testAppendRace lets many writers append with the same fence at the same
// offset: one part counts, and the others leave no row.
func testAppendRace(t *testing.T, w *World) {
	const writers, rounds = 8, 10
	u := w.NewUpload(w.NewClip().ID)
	for round := range rounds {
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				p := w.Part(u, u.Offset, int64(100+i))
				_, errs[i] = w.AppendPart(w.ctx, p, u.Fence, w.Clock.Now().Add(time.Hour))
			})
		}

		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			w.wantKind(err, tidings.KindConflict)
		}

		equal(t, "winners", won, 1)
		var err error
		u, err = w.Upload(w.ctx, u.ID)
		w.noError(err)
		parts, err := w.Parts(w.ctx, u.ClipID, 0, 1000)
		w.noError(err)
		equal(t, "parts", len(parts), round+1)
		w.wantParts(parts, u.Offset)
	}
}

// wantParts checks that parts cover [0, end) without holes or overlaps.
func (w *World) wantParts(parts []tidings.UploadPart, end int64) {
	w.t.Helper()
	at := int64(0)
	for _, p := range parts {
		if p.Offset != at {
			w.t.Fatalf("part at %d, want %d", p.Offset, at)
		}
		at += p.Size
	}
	equal(w.t, "end of the parts", at, end)
}

func testAppendStartsSteps(t *testing.T, w *World) {
	u := w.NewUpload(w.NewClip().ID)
	equal(t, "jobs before a byte came", len(w.Jobs(u.ClipID)), 0)
	_, err := w.AppendPart(w.ctx, w.Part(u, 4, 4), u.Fence, w.Clock.Now())
	w.wantKind(err, tidings.KindConflict)
	equal(t, "jobs after a refused part", len(w.Jobs(u.ClipID)), 0)
	u = w.Append(u, 4)
	equalSlices(t, "jobs", w.Jobs(u.ClipID), []string{"transcode", "transcribe"})
	w.Append(u, 4)
	equalSlices(t, "jobs after another part", w.Jobs(u.ClipID), []string{"transcode", "transcribe"})
}

func testLength(t *testing.T, w *World) {
	u := w.Append(w.NewUpload(w.NewClip().ID), 10)
	_, err := w.SetUploadLength(w.ctx, u.ID, 9)
	w.wantKind(err, tidings.KindInvalid)
	for range 2 {
		u, err = w.SetUploadLength(w.ctx, u.ID, 20)
		w.noError(err)
		equal(t, "length", *u.Length, 20)
	}

	_, err = w.SetUploadLength(w.ctx, u.ID, 21)
	w.wantKind(err, tidings.KindConflict)
	_, err = w.SetUploadLength(w.ctx, "none", 1)
	w.wantKind(err, tidings.KindNotFound)
	u, err = w.SealUpload(w.ctx, u.ID, true)
	w.noError(err)
	equal(t, "length when it ended early", *u.Length, 10)
	_, err = w.SetUploadLength(w.ctx, u.ID, 20)
	w.wantKind(err, tidings.KindGone)
}

func testSeal(t *testing.T, w *World) {
	c := w.NewClip()
	u := w.Append(w.NewUpload(c.ID), 10)
	w.Clock.Pass(time.Minute)
	u, err := w.SealUpload(w.ctx, u.ID, true)
	w.noError(err)
	at := w.Clock.Now()
	for range 2 {
		if u.SealedAt == nil || !u.SealedAt.Equal(at) || !u.EndedEarly || *u.Length != 10 {
			t.Fatalf("sealed upload: %+v", u)
		}
		w.Clock.Pass(time.Minute)
		u, err = w.SealUpload(w.ctx, u.ID, false) // changes nothing
		w.noError(err)
	}

	c = w.mustClip(c.ID)
	equal(t, "state", c.State, tidings.ClipProcessing)
	equal(t, "upload step", c.Steps.Upload, tidings.StepStatus{State: tidings.StepDone, Progress: 1})
	if c.RecordedAt == nil || !c.RecordedAt.Equal(at) || !c.EndedEarly {
		t.Fatalf("recorded at %v, ended early %v", c.RecordedAt, c.EndedEarly)
	}

	_, err = w.AppendPart(w.ctx, w.Part(u, 10, 1), u.Fence, at)
	w.wantKind(err, tidings.KindGone)
	w.wantKind(w.AbortUpload(w.ctx, u.ID), tidings.KindGone)
	_, err = w.SealUpload(w.ctx, "none", false)
	w.wantKind(err, tidings.KindNotFound)
}

func testSealEmpty(t *testing.T, w *World) {
	c := w.NewClip()
	_, err := w.SealUpload(w.ctx, w.NewUpload(c.ID).ID, true)
	w.noError(err)
	c = w.mustClip(c.ID)
	equal(t, "state", c.State, tidings.ClipFailed)
	equal(t, "failure", c.Failure, "Nothing was recorded: not one byte arrived.")
	equal(t, "transcode", c.Steps.Transcode.State, tidings.StepSkipped)
	equal(t, "transcribe", c.Steps.Transcribe.State, tidings.StepSkipped)
	w.Indexed()
	equal(t, "index", w.mustClip(c.ID).Steps.Index.State, tidings.StepDone)
	w.wantKind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
}

func testAbort(t *testing.T, w *World) {
	c := w.NewClip()
	u := w.Append(w.Append(w.NewUpload(c.ID), 10), 10)
	run := w.Take(c.ID, tidings.StepTranscode)
	parts, err := w.Parts(w.ctx, c.ID, 0, 10)
	w.noError(err)
	w.noError(w.AbortUpload(w.ctx, u.ID))
	w.wantKind(w.RenewStep(w.ctx, run, tidings.LeaseTTL), tidings.KindConflict)
	_, err = w.AppendPart(w.ctx, w.Part(u, 20, 10), u.Fence+1, w.Clock.Now())
	w.wantKind(err, tidings.KindGone)
	left, err := w.Parts(w.ctx, c.ID, 0, 10)
	w.noError(err)
	equal(t, "parts left", len(left), 0)
	var keys []string
	for _, p := range parts {
		keys = append(keys, p.Key)
	}

	w.wantStale(keys...)
	c = w.mustClip(c.ID)
	equal(t, "state", c.State, tidings.ClipFailed)
	equal(t, "failure", c.Failure, "The upload was cancelled.")
	total, err := w.WorkspaceBytes(w.ctx, w.WS.ID)
	w.noError(err)
	equal(t, "bytes that count", total, 0)
	w.wantKind(w.AbortUpload(w.ctx, u.ID), tidings.KindGone)
	w.wantKind(w.AbortUpload(w.ctx, "none"), tidings.KindNotFound)
	w.wantKind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	_, err = w.AcquireStep(w.ctx, c.ID, tidings.StepTranscode, "w2", tidings.LeaseTTL)
	w.wantKind(err, tidings.KindConflict)
}

// wantStale checks the stale objects.
func (w *World) wantStale(want ...string) {
	w.t.Helper()
	w.Clock.Pass(time.Second)
	got, err := w.StaleObjects(w.ctx, w.Clock.Now(), 1000)
	w.noError(err)
	slices.Sort(got)
	slices.Sort(want)
	equalSlices(w.t, "objects for the sweeper", got, want)
}

func testIdle(t *testing.T, w *World) {
	slow, busy := w.NewUpload(w.NewClip().ID), w.NewUpload(w.NewClip().ID)
	idle := func() []tidings.ID {
		list, err := w.IdleUploads(w.ctx, w.Clock.Now().Add(-time.Minute), 10)
		w.noError(err)
		var out []tidings.ID
		for _, u := range list {
			out = append(out, u.ID)
		}
		return out
	}

	w.Clock.Pass(time.Minute)
	equal(t, "idle too soon", len(idle()), 1) // the first is a millisecond older
	w.Clock.Pass(time.Millisecond)
	equalSlices(t, "idle", idle(), []tidings.ID{slow.ID, busy.ID})
	w.Clock.Pass(time.Second)
	busy = w.Append(busy, 10)
	equalSlices(t, "idle", idle(), []tidings.ID{slow.ID})

	for _, u := range []tidings.Upload{slow, busy} { // before the first byte and after it
		w.noError(w.MarkAtRisk(w.ctx, u))
		before := w.mustClip(u.ClipID)
		equal(t, "at risk", before.AtRisk, true)
		w.noError(w.MarkAtRisk(w.ctx, u))
		equal(t, "version when nothing changed", w.mustClip(u.ClipID).Version, before.Version)
		w.Append(u, 10)
		equal(t, "at risk although bytes come", w.mustClip(u.ClipID).AtRisk, false)
	}

	w.noError(w.MarkAtRisk(w.ctx, slow))
	_, err := w.RenewUpload(w.ctx, slow.ID, 99, w.Clock.Now())
	w.wantKind(err, tidings.KindConflict) // of an older writer
	u, err := w.RenewUpload(w.ctx, slow.ID, slow.Fence, w.Clock.Now().Add(time.Hour))
	w.noError(err)
	equal(t, "idle since", u.IdleSince.Equal(tidings.FromMillis(tidings.Millis(w.Clock.Now()))), true)
	equal(t, "at risk although it lives", w.mustClip(slow.ClipID).AtRisk, false)
	w.noError(w.MarkAtRisk(w.ctx, slow))
	_, err = w.SealUpload(w.ctx, slow.ID, true)
	w.noError(err)
	equal(t, "at risk although it has ended", w.mustClip(slow.ClipID).AtRisk, false)
	w.Clock.Pass(time.Hour)
	equalSlices(t, "idle", idle(), []tidings.ID{busy.ID})
}

func testParts(t *testing.T, w *World) {
	u := w.NewUpload(w.NewClip().ID)
	for range 10 {
		u = w.Append(u, 10)
	}

	for _, c := range []struct {
		from  int64
		limit int
		want  []int64
	}{
		{0, 3, []int64{0, 10, 20}}, {9, 1, []int64{0}}, {10, 1, []int64{10}}, {35, 2, []int64{30, 40}}, {95, 5, []int64{90}}, {100, 5, nil},
	} {
		parts, err := w.Parts(w.ctx, u.ClipID, c.from, c.limit)
		w.noError(err)
		var got []int64
		for _, p := range parts {
			got = append(got, p.Offset)
		}
		equalSlices(t, "offsets", got, c.want)
	}
}
