package storetest

import (
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// sealedOriginal is a ready clip with a transcript, whose parts are one object.
func (w *World) sealedOriginal() (tidings.Clip, tidings.Upload) {
	w.t.Helper()
	c, u := w.Recorded()
	run := w.Take(c.ID, tidings.StepTranscode)
	w.addSegments(run, 1)
	w.noError(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 4000}))
	w.noError(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	words := w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishTranscript(w.ctx, words, w.addUtterances(words, "the first part"), "en"))
	w.noError(w.FinishStep(w.ctx, words, tidings.StepDone, ""))
	w.noError(w.SetOriginal(w.ctx, tidings.Asset{ClipID: c.ID, Name: "original", ContentType: "video/webm", Bytes: u.Offset,
		Key: "clips/x/source/original-1", Sums: "sums"}))
	return w.mustClip(c.ID), u
}

func testContinue(t *testing.T, w *World) {
	c, before := w.sealedOriginal()
	expires := w.Clock.Now().Add(15 * time.Minute)
	u, err := w.ContinueUpload(w.ctx, c.ID, expires)
	w.noError(err)
	if u.SealedAt != nil || u.Length != nil || u.Offset != before.Offset || u.ContinuedBytes != before.Offset || u.Fence <= before.Fence {
		t.Fatalf("continued upload: %+v", u)
	}

	equal(t, "expiry", u.ExpiresAt, expires)
	equal(t, "state", w.mustClip(c.ID).State, tidings.ClipRecording)
	equal(t, "what plays", w.seenAttempt(c.ID), 1)
	w.wantTranscript(c.ID, "the first part")
	parts, err := w.Parts(w.ctx, c.ID, 0, 10)
	w.noError(err)
	equal(t, "parts", len(parts), 1)
	equal(t, "first part", parts[0], tidings.UploadPart{UploadID: u.ID, ClipID: c.ID, Size: u.Offset, Key: "clips/x/source/original-1", Sums: "sums"})
	_, err = w.Asset(w.ctx, c.ID, "original")
	w.wantKind(err, tidings.KindNotFound)

	_, err = w.ContinueUpload(w.ctx, c.ID, expires)
	w.wantKind(err, tidings.KindConflict)
	_, err = w.AppendPart(w.ctx, w.Part(u, u.Offset, 10), before.Fence, expires)
	w.wantKind(err, tidings.KindConflict) // of the recorder before
	w.wantKind(w.SetOriginal(w.ctx, tidings.Asset{ClipID: c.ID, Name: "original", Bytes: before.Offset, Key: "late"}), tidings.KindConflict)

	u, err = w.SealUpload(w.ctx, w.Append(u, 500).ID, false)
	w.noError(err)
	run, words := w.Take(c.ID, tidings.StepTranscode), w.Take(c.ID, tidings.StepTranscribe)
	w.noError(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 8000}))
	whole, err := w.ResumeTranscript(w.ctx, words)
	w.noError(err)
	equal(t, "the old transcript counts as whole", whole, false)
	w.noError(w.FinishTranscript(w.ctx, words, w.addUtterances(words, "the first part", "the second part"), "en"))
	w.wantTranscript(c.ID, "the first part", "the second part")
	w.noError(w.SetOriginal(w.ctx, tidings.Asset{ClipID: c.ID, Name: "original", Bytes: u.Offset, Key: "clips/x/source/original-2"}))
	c = w.mustClip(c.ID)
	equal(t, "state", c.State, tidings.ClipReady)
	equal(t, "duration", *c.DurationMS, 8000)
	equal(t, "ended early", c.EndedEarly, false)
}

// testContinueAtWork: runs that had read to the end of the recording lose their
// leases, and others begin.
func testContinueAtWork(t *testing.T, w *World) {
	c, _ := w.Recorded()
	run, words := w.Take(c.ID, tidings.StepTranscode), w.Take(c.ID, tidings.StepTranscribe)
	_, err := w.ContinueUpload(w.ctx, c.ID, w.Clock.Now())
	w.noError(err)
	w.wantKind(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 4000}), tidings.KindConflict)
	w.wantKind(w.RenewStep(w.ctx, words, tidings.LeaseTTL), tidings.KindConflict)
	w.Take(c.ID, tidings.StepTranscode)
	w.Take(c.ID, tidings.StepTranscribe)
}

// testContinueInVain: a continued upload that gets no byte ends with the clip as
// it was.
func testContinueInVain(t *testing.T, w *World) {
	c, before := w.sealedOriginal()
	u, err := w.ContinueUpload(w.ctx, c.ID, w.Clock.Now())
	w.noError(err)
	u, err = w.SealUpload(w.ctx, u.ID, true)
	w.noError(err)
	equal(t, "size", *u.Length, before.Offset)
	equal(t, "the recorder is to be refused", tidings.KindOf(u.CheckResume()), tidings.KindGone)
	equal(t, "ended early", w.mustClip(c.ID).EndedEarly, false)
	w.noError(w.SetOriginal(w.ctx, tidings.Asset{ClipID: c.ID, Name: "original", Bytes: u.Offset, Key: "clips/x/source/original-1"}))
	w.wantStale(w.Part(before, 0, 1000).Key)
}

func testCancelContinuation(t *testing.T, w *World) {
	c, before := w.sealedOriginal()
	w.noError(w.CancelContinuation(w.ctx, c.ID, 0)) // nothing is open
	u, err := w.ContinueUpload(w.ctx, c.ID, w.Clock.Now())
	w.noError(err)
	second := w.Part(u, u.Offset, 500)
	u = w.Append(u, 500)
	w.noError(w.CancelContinuation(w.ctx, c.ID, u.Continuations+1)) // another one
	equal(t, "size beside another continuation", w.mustClip(c.ID).Bytes, before.Offset+500)
	for range 2 {
		w.noError(w.CancelContinuation(w.ctx, c.ID, u.Continuations))
	}

	u, err = w.Upload(w.ctx, u.ID)
	w.noError(err)
	if u.SealedAt == nil || u.Offset != before.Offset || *u.Length != before.Offset || u.Aborted {
		t.Fatalf("cancelled continuation: %+v", u)
	}

	parts, err := w.Parts(w.ctx, c.ID, 0, 10)
	w.noError(err)
	w.wantParts(parts, before.Offset)
	w.wantStale(w.Part(before, 0, 1000).Key, second.Key)
	w.Take(c.ID, tidings.StepTranscode)
	equal(t, "upload", w.mustClip(c.ID).Steps.Upload.State, tidings.StepDone)
}

// testAbortContinued: an abort that was decided on before a recorder went on
// deletes nothing of the recording.
func testAbortContinued(t *testing.T, w *World) {
	c, before := w.sealedOriginal()
	u, err := w.ContinueUpload(w.ctx, c.ID, w.Clock.Now())
	w.noError(err)
	w.Append(u, 500)
	w.wantKind(w.AbortUpload(w.ctx, u.ID), tidings.KindConflict)
	parts, err := w.Parts(w.ctx, c.ID, 0, 10)
	w.noError(err)
	w.wantParts(parts, before.Offset+500)
	equal(t, "state", w.mustClip(c.ID).State, tidings.ClipRecording)
}

func testContinueRefused(t *testing.T, w *World) {
	for name, c := range map[string]struct {
		spoil func(tidings.Clip, tidings.Upload)
		want  tidings.Kind
	}{
		"in the trash": {func(c tidings.Clip, _ tidings.Upload) { w.noError(w.TrashClip(w.ctx, c.ID)) }, tidings.KindConflict},
		"too late":     {func(tidings.Clip, tidings.Upload) { w.Clock.Pass(tidings.ContinueWithin + time.Minute) }, tidings.KindGone},
		"a damaged original": {func(c tidings.Clip, _ tidings.Upload) {
			w.noError(w.PutAsset(w.ctx, tidings.Asset{ClipID: c.ID, Name: "original", Bytes: 1000, Key: "clips/" + string(c.ID) + "/source/original-1"}))
			w.noError(w.ReportDamage(w.ctx, tidings.Damage{Key: "clips/" + string(c.ID) + "/source/original-1", ClipID: c.ID, Reason: "checksum"}))
		}, tidings.KindConflict},
		"a transcript that people have corrected": {func(c tidings.Clip, _ tidings.Upload) {
			tr := w.wantTranscript(c.ID, "the first part")
			_, err := w.EditTranscript(w.ctx, c.ID, tidings.TranscriptEdit{Kind: tidings.EditText, UserID: w.Owner.ID, From: tr.Segments,
				To: []tidings.TranscriptSegment{tr.Segments[0].WithText("the very first part")}})
			w.noError(err)
		}, tidings.KindConflict},
	} {
		clip, u := w.sealedOriginal()
		c.spoil(clip, u)
		before := w.mustClip(clip.ID)
		_, err := w.ContinueUpload(w.ctx, clip.ID, w.Clock.Now())
		if tidings.KindOf(err) != c.want {
			t.Errorf("%s: %v, want kind %q", name, err, c.want)
		}
		equal(t, name+": version", w.mustClip(clip.ID).Version, before.Version)
	}

	file, u := w.Recorded()
	_, err := w.DB().ExecContext(w.ctx, `UPDATE clips SET kind = 'file' WHERE id = $1`, string(file.ID))
	w.noError(err)
	_, err = w.ContinueUpload(w.ctx, u.ClipID, w.Clock.Now())
	w.wantKind(err, tidings.KindConflict)
	_, err = w.ContinueUpload(w.ctx, w.NewClip().ID, w.Clock.Now())
	w.wantKind(err, tidings.KindNotFound)
}
