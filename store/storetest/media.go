package storetest

import (
	"fmt"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// addSegments makes a rendition with n segments in a run.
func (w *World) addSegments(run tidings.StepRun, n int) (keys []string) {
	w.t.Helper()
	init := fmt.Sprintf("clips/%s/m%d/v-init.mp4", run.ClipID, run.Attempt)
	w.noError(w.StartMedia(w.ctx, run, []tidings.Track{{Type: "video", Codec: "vp9", Width: 640, Height: 360}},
		[]tidings.Rendition{{ClipID: run.ClipID, Name: "v360", Kind: tidings.RenditionVideo, Width: 640, Height: 360, Bandwidth: 800_000}}))
	w.noError(w.SetRendition(w.ctx, run, tidings.Rendition{Name: "v360", Kind: tidings.RenditionVideo, Codecs: "avc1.64001f", Width: 640, Height: 360, Bandwidth: 700_000, InitKey: init}))
	keys = append(keys, init)
	for i := range n {
		key := fmt.Sprintf("clips/%s/m%d/v-%d.m4s", run.ClipID, run.Attempt, i)
		w.noError(w.AddSegment(w.ctx, run, tidings.Segment{Rendition: "v360", Seq: int64(i), DurationUS: 4_000_000, Bytes: 100, Key: key}))
		keys = append(keys, key)
	}

	return keys
}

// seenAttempt is the attempt that is shown: 0 = none.
func (w *World) seenAttempt(clip tidings.ID) int64 {
	w.t.Helper()
	rs, err := w.Renditions(w.ctx, clip)
	w.noError(err)
	if len(rs) == 0 {
		return 0
	}
	return rs[0].Attempt
}

func testMedia(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscode)
	w.noError(w.StartMedia(w.ctx, run, nil, []tidings.Rendition{{Name: "a", Kind: tidings.RenditionAudio}}))
	equal(t, "seen before the first segment", w.seenAttempt(c.ID), 0)
	w.addSegments(run, 3)
	rs, err := w.Renditions(w.ctx, c.ID)
	w.noError(err)
	equal(t, "renditions", len(rs), 2)
	equal(t, "first", rs[0], tidings.Rendition{ClipID: c.ID, Attempt: 1, Name: "v360", Kind: tidings.RenditionVideo, Codecs: "avc1.64001f",
		Width: 640, Height: 360, Bandwidth: 700_000, InitKey: fmt.Sprintf("clips/%s/m1/v-init.mp4", c.ID)})
	segs, err := w.Segments(w.ctx, c.ID, 1, "v360")
	w.noError(err)
	equal(t, "segments", len(segs), 3)
	for i, g := range segs {
		equal(t, "number", g.Seq, int64(i))
	}

	one, err := w.Segment(w.ctx, c.ID, 1, "v360", 2)
	w.noError(err)
	equal(t, "segment", one, segs[2])
	_, err = w.Segment(w.ctx, c.ID, 1, "v360", 3)
	w.wantKind(err, tidings.KindNotFound)
	if err := w.AddSegment(w.ctx, run, segs[1]); err == nil {
		t.Fatal("a segment was written twice")
	}

	lufs := -18.5
	w.Indexed()
	w.noError(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 12_000, Width: 640, Height: 360,
		Tracks: []tidings.Track{{Type: "audio", Codec: "opus"}}, Report: tidings.Report{Gaps: 1, LoudnessLUFS: &lufs}}))
	got := w.mustClip(c.ID)
	equal(t, "state", got.State, tidings.ClipReady)
	equal(t, "duration", *got.DurationMS, 12_000)
	equal(t, "size", [2]int{*got.Width, *got.Height}, [2]int{640, 360})
	equal(t, "outbox entries", len(w.Indexed()), 1)
	rs, err = w.Renditions(w.ctx, c.ID)
	w.noError(err)
	equal(t, "complete", rs[0].Complete && rs[1].Complete, true)
	report, tracks, err := w.MediaReport(w.ctx, c.ID)
	w.noError(err)
	equal(t, "gaps", report.Gaps, 1)
	equal(t, "loudness", *report.LoudnessLUFS, lufs)
	equalSlices(t, "tracks", tracks, []tidings.Track{{Type: "audio", Codec: "opus"}})
	_, err = w.Renditions(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)
	_, _, err = w.MediaReport(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)
}

// testMediaFenced: what a worker writes after it lost its lease is refused.
func testMediaFenced(t *testing.T, w *World) {
	c, _ := w.Recorded()
	old := w.Take(c.ID, tidings.StepTranscode)
	w.addSegments(old, 1)
	w.Clock.Pass(tidings.LeaseTTL + time.Millisecond)
	run := w.Take(c.ID, tidings.StepTranscode)
	rendition := tidings.Rendition{Name: "v720", Kind: tidings.RenditionVideo}
	for name, write := range map[string]func() error{
		"StartMedia":   func() error { return w.StartMedia(w.ctx, old, nil, []tidings.Rendition{rendition}) },
		"SetRendition": func() error { return w.SetRendition(w.ctx, old, rendition) },
		"AddSegment": func() error {
			return w.AddSegment(w.ctx, old, tidings.Segment{Rendition: "v360", Seq: 1, Key: "late"})
		},
		"AddAsset": func() error {
			return w.AddAsset(w.ctx, old, tidings.Asset{ClipID: c.ID, Name: "poster.jpg", Key: "late"})
		},
		"FinishMedia": func() error { return w.FinishMedia(w.ctx, old, tidings.MediaResult{DurationMS: 1}) },
	} {
		if err := write(); tidings.KindOf(err) != tidings.KindConflict {
			t.Errorf("%s of a late worker: %v", name, err)
		}
	}

	segs, err := w.Segments(w.ctx, c.ID, 1, "v360")
	w.noError(err)
	equal(t, "segments of the dead attempt", len(segs), 1)
	assets, err := w.Assets(w.ctx, c.ID)
	w.noError(err)
	equal(t, "assets", len(assets), 0)
	if got := w.mustClip(c.ID); got.DurationMS != nil || got.Steps.Transcode.State != tidings.StepRunning {
		t.Fatalf("a late worker ended the step: %+v", got)
	}

	equal(t, "seen", w.seenAttempt(c.ID), 1)
	w.addSegments(run, 1)
	equal(t, "seen from the first segment of the next attempt on", w.seenAttempt(c.ID), 2)
}

// testMediaRerun: the old attempt is shown until the next one is complete; then
// its objects are stale.
func testMediaRerun(t *testing.T, w *World) {
	c, _ := w.Recorded()
	first := w.Take(c.ID, tidings.StepTranscode)
	old := w.addSegments(first, 2)
	w.noError(w.FinishMedia(w.ctx, first, tidings.MediaResult{DurationMS: 8000}))
	w.noError(w.FinishStep(w.ctx, first, tidings.StepDone, ""))
	w.noError(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode))
	second := w.Take(c.ID, tidings.StepTranscode)
	w.addSegments(second, 2)
	equal(t, "seen while it is made again", w.seenAttempt(c.ID), 1)
	w.wantStale()
	w.noError(w.FinishMedia(w.ctx, second, tidings.MediaResult{DurationMS: 8000}))
	equal(t, "seen", w.seenAttempt(c.ID), 2)
	gone, err := w.Segments(w.ctx, c.ID, 1, "v360")
	w.noError(err)
	equal(t, "old segments", len(gone), 0)
	w.wantStale(old...)
}

func testAsset(t *testing.T, w *World) {
	c := w.NewClip()
	_, err := w.Asset(w.ctx, c.ID, "poster.jpg")
	w.wantKind(err, tidings.KindNotFound)
	a := tidings.Asset{ClipID: c.ID, Attempt: 1, Name: "poster.jpg", ContentType: "image/jpeg", Bytes: 10, Key: "k1"}
	for range 2 { // the same key again leaves nothing behind
		w.noError(w.PutAsset(w.ctx, a))
	}

	w.wantStale()
	a.Key, a.Attempt, a.Bytes = "k2", 2, 20
	w.noError(w.PutAsset(w.ctx, a))
	got, err := w.Asset(w.ctx, c.ID, "poster.jpg")
	w.noError(err)
	equal(t, "asset", got, a)
	w.wantStale("k1")
	b := tidings.Asset{ClipID: c.ID, Name: "audio.m4a", Key: "k3"}
	w.noError(w.PutAsset(w.ctx, b))
	all, err := w.Assets(w.ctx, c.ID)
	w.noError(err)
	equalSlices(t, "assets", all, []tidings.Asset{b, a})
	w.wantKind(w.PutAsset(w.ctx, tidings.Asset{ClipID: "none", Name: "x", Key: "k"}), tidings.KindNotFound)
	w.noError(w.AddStaleObjects(w.ctx, []string{"k9", "k1"}))
	w.wantStale("k1", "k9")
}

func testOriginal(t *testing.T, w *World) {
	c, u := w.Recorded()
	parts, err := w.Parts(w.ctx, c.ID, 0, 10)
	w.noError(err)
	a := tidings.Asset{ClipID: c.ID, Name: "original", ContentType: "video/webm", Bytes: 1000, Key: "clips/x/source/original-1"}
	for range 2 {
		w.noError(w.SetOriginal(w.ctx, a))
		left, err := w.Parts(w.ctx, c.ID, 0, 10)
		w.noError(err)
		equal(t, "parts left", len(left), 0)
	}

	w.wantStale(parts[0].Key)
	got, err := w.Asset(w.ctx, c.ID, "original")
	w.noError(err)
	equal(t, "original", got, a)
	again, err := w.Upload(w.ctx, u.ID)
	w.noError(err)
	equal(t, "bytes", again.Offset, u.Offset)
	report, _, err := w.MediaReport(w.ctx, c.ID)
	w.noError(err)
	equal(t, "parts it came in", report.Parts, len(parts))
}
