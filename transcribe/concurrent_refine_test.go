package transcribe_test

import (
	"context"
	"errors"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/enginetest"
)

// TestRefinedWhileRecorded: while a clip is recorded its windows are refined
// behind its draft; at its end only the last one is missing.
func TestRefinedWhileRecorded(t *testing.T) {
	t.Parallel()
	w := newLiveFixture(t)
	w.startStep(t.Context())
	w.sayParts(9)
	w.awaitEvent(w.drafted, "the draft has a segment")
	w.awaitEvent(w.stored, "the first window is stored")
	w.awaitEvent(w.stored, "the second window is stored")

	got, state := w.currentTranscript()
	if enginetest.Text(got.Segments) != "rough" || !got.Draft || state != tidings.StepRunning || got.Refinement != tidings.RefinedMeanwhile {
		t.Errorf("while it is recorded: %s, %+v", state, got)
	}

	w.sound.end()
	w.expectRefined(9)

	if n := w.recognised.Load(); n != 3 {
		t.Errorf("the engine got %d windows", n)
	}
	if busy, slots := w.step.RefineSlots(); busy != 0 || slots != 1 {
		t.Errorf("%d of %d slots are in use", busy, slots)
	}
}

// TestRefineKeepsUp: a refinement that is behind by less than two windows goes on.
func TestRefineKeepsUp(t *testing.T) {
	t.Parallel()
	const parts = 12 // 116 s; the engine has read 61 to 90 of them when it asks for the second window
	w := newLiveFixture(t)
	w.delayFirstWindow(parts)
	w.awaitEvent(w.stored, "the first window is stored")
	w.awaitEvent(w.stored, "the second window is stored")

	if got, state := w.currentTranscript(); !got.Draft || state != tidings.StepRunning || got.Refinement != tidings.RefinedMeanwhile || len(w.delayed) > 0 {
		t.Errorf("a little behind: %s, %+v", state, got)
	}

	w.sound.end()
	w.expectRefined(parts)
}

// TestRefineFallsBehind: a refinement that is behind by more than two windows
// ends, says so, and goes on after the recording with the window that it had.
func TestRefineFallsBehind(t *testing.T) {
	t.Parallel()
	const parts = 16 // 154 s
	w := newLiveFixture(t)
	w.delayFirstWindow(parts)
	w.awaitEvent(w.stored, "the first window is stored")
	w.awaitEvent(w.delayed, "the refinement is put off")

	if got, state := w.currentTranscript(); !got.Draft || state != tidings.StepRunning || got.Refinement != tidings.RefinedAfterwards {
		t.Errorf("behind: %s, %+v", state, got)
	}

	w.sound.end()
	w.expectRefined(parts)

	if n := w.recognised.Load(); n != (parts+2)/3 {
		t.Errorf("the engine got %d windows", n)
	}
}

// delayFirstWindow runs the step until the draft has read so many parts, while the
// better engine was busy with its first window. Then that one ends.
func (w *liveFixture) delayFirstWindow(parts int) {
	w.t.Helper()
	rough := &w.draft[0]
	rough.StartMS, rough.EndMS = int64(parts-1)*enginetest.Millis(w.part), int64(parts)*enginetest.Millis(w.part)
	rough.Words[0].StartMS, rough.Words[0].EndMS = rough.StartMS, rough.EndMS
	begun, busy := make(chan struct{}, 1), make(chan struct{})
	w.recognise = func(n int64) error {
		if n == 1 {
			begun <- struct{}{}
			select {
			case <-busy:
			case <-w.t.Context().Done():
			}
		}
		return nil
	}
	const firstWindow = 4 // parts: the fourth does not fit into it
	w.startStep(w.t.Context())
	w.sayParts(firstWindow)
	w.awaitEvent(begun, "the first window is transcribed")
	w.sayParts(parts - firstWindow)
	w.awaitEvent(w.drafted, "the draft is at the end of what was said")
	close(busy)
}

// TestRefineKilled: a run that follows one which was killed repeats no window.
func TestRefineKilled(t *testing.T) {
	t.Parallel()
	w := newLiveFixture(t)
	ctx, kill := context.WithCancel(t.Context())
	w.startStep(ctx)
	w.sayParts(9)
	w.awaitEvent(w.stored, "the first window is stored")
	w.awaitEvent(w.stored, "the second window is stored")
	kill()
	if err := w.awaitEnd(); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}

	w.clock.advance(2 * tidings.LeaseTTL)
	w.startStep(t.Context())
	w.sayParts(3)
	w.sound.end()
	w.expectRefined(12)

	if n := w.recognised.Load(); n != 4 {
		t.Errorf("the engine got %d windows", n)
	}
}

// TestRefineFaulty: an engine that fails during the recording is tried again
// afterwards, from the window on at which it did.
func TestRefineFaulty(t *testing.T) {
	t.Parallel()
	w := newLiveFixture(t)
	w.recognise = func(n int64) error {
		if n == 2 {
			return errors.New("signal: killed")
		}
		return nil
	}

	w.startStep(t.Context())
	w.sayParts(9)
	w.awaitEvent(w.stored, "the first window is stored")
	w.sound.end()
	w.expectRefined(9)

	if n := w.recognised.Load(); n != 4 {
		t.Errorf("the engine got %d windows", n)
	}
}

// TestRefineEditedMeanwhile: a draft that a user edits while it is recorded stays.
func TestRefineEditedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newLiveFixture(t)
	w.startStep(t.Context())
	w.sayParts(9)
	w.awaitEvent(w.drafted, "the draft has a segment")
	w.awaitEvent(w.stored, "the first window is stored")

	got, _ := w.currentTranscript()
	if err := w.editSegment(t.Context(), got.Segments[0], "right"); err != nil {
		t.Fatal(err)
	}

	w.sound.end()
	if err := w.awaitEnd(); err != nil {
		t.Fatal(err)
	}
	w.expectShown("right", "drafter", true)
}
