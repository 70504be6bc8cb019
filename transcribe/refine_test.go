package transcribe_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// betterEngine is a scripted engine whose transcripts are not drafts; it counts
// its runs.
type betterEngine struct {
	enginetest.Scripted
	runs   int
	during func(ctx context.Context) error // after its words; may be nil
	asked  transcribe.Options
}

// Name implements transcribe.Engine.
func (*betterEngine) Name() string { return "better" }

// Caps implements transcribe.Engine.
func (*betterEngine) Caps() transcribe.Caps { return transcribe.Caps{Punctuation: true} }

// Transcribe implements transcribe.Engine.
func (b *betterEngine) Transcribe(ctx context.Context, pcm io.Reader, opt transcribe.Options, sink func(tidings.TranscriptSegment) error) error {
	b.runs++
	b.asked = opt
	if err := b.Scripted.Transcribe(ctx, pcm, opt, sink); err != nil {
		return err
	}

	opt.OnLanguage("de", 2)
	opt.OnLanguage("fr", 3)

	if b.during != nil {
		return b.during(ctx)
	}

	return nil
}

// newRefineFixture is a fixture with a draft engine that says "rough" and a
// better one that says "fine words".
func newRefineFixture(t *testing.T) (*fixture, *betterEngine, *betterEngine, *transcribe.Transcriber) {
	w := newFixture(t)
	w.source = endedSource(encodeWebM(t, enginetest.Silence(3*time.Second)))
	rough := &betterEngine{Scripted: enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "rough")}}}
	fine := &betterEngine{Scripted: enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "fine"), oneWordSegment(1000, "words")}}}
	draft := &draftEngine{rough}
	return w, rough, fine, transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, PCM: w.media.PCM, Engine: draft, Others: []transcribe.Engine{fine}, Routes: []transcribe.Route{{Engines: []string{"better"}}},
		NoAudio: func(err error) bool { return errors.Is(err, media.ErrNoAudio) }})
}

// draftEngine is an engine that writes drafts, in one language.
type draftEngine struct{ *betterEngine }

// Name implements transcribe.Engine.
func (*draftEngine) Name() string { return "drafter" }

// Caps implements transcribe.Engine.
func (*draftEngine) Caps() transcribe.Caps { return transcribe.Caps{Languages: []string{"en"}} }

// expectShown compares the visible transcript.
func (w *fixture) expectShown(text, engine string, draft bool) {
	w.t.Helper()
	got, state := w.currentTranscript()
	if enginetest.Text(got.Segments) != text || got.Engine != engine || got.Draft != draft || got.State != tidings.StepDone || state != tidings.StepDone {
		w.t.Errorf("%q by %s, draft %v, transcript %s, step %s", enginetest.Text(got.Segments), got.Engine, got.Draft, got.State, state)
	}
}

// TestRefined: the draft is visible, and its step done, until the better
// transcript is finished.
func TestRefined(t *testing.T) {
	t.Parallel()
	w, _, fine, step := newRefineFixture(t)
	fine.during = func(context.Context) error {
		w.expectShown("rough", "drafter", true)
		return nil
	}

	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	w.expectShown("fine words", "better", false)
	c, err := w.Clip(t.Context(), w.clip)
	if got, _ := w.currentTranscript(); err != nil || got.Language != "fr" || c.Language != "fr" || got.Segments[1].Seq != 1 {
		t.Errorf("%v, clip in %q, %+v", err, c.Language, got)
	}

	doc, err := w.Document(t.Context(), w.clip)
	if err != nil || enginetest.Text(doc.Transcript) != "fine words" {
		t.Errorf("to be indexed: %+v, %v", doc, err)
	}

	if fine.asked.Language != "" {
		t.Errorf("asked for %q, which only the draft had said", fine.asked.Language)
	}
}

// TestRefinedTimes: a word that the draft has as well keeps the time that it had
// there.
func TestRefinedTimes(t *testing.T) {
	t.Parallel()
	w, rough, _, step := newRefineFixture(t)
	rough.Segments = []tidings.TranscriptSegment{oneWordSegment(120, "fine")}
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	w.expectShown("fine words", "better", false)
	got, _ := w.currentTranscript()
	if a, b := got.Segments[0], got.Segments[1]; a.StartMS != 120 || a.Words[0].StartMS != 120 || a.Words[0].EndMS != 620 || b.StartMS != 1000 {
		t.Errorf("%+v", got.Segments)
	}
}

// TestRefineFails: the draft stays, and the next run tries only the better
// engine again.
func TestRefineFails(t *testing.T) {
	t.Parallel()
	down := tidings.Errorf(tidings.KindUnavailable, "The speech engine is down.")
	for name, during := range map[string]func(*fixture) error{
		"engine down": func(*fixture) error { return down },
		"killed":      func(*fixture) error { panic("the process is killed") },
		"lease lost": func(w *fixture) error {
			w.clock.advance(2 * tidings.LeaseTTL)
			w.leaseStep()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, rough, fine, step := newRefineFixture(t)
			fine.during = func(context.Context) error { return during(w) }
			err := simulateDeath(func() error { return step.Transcribe(t.Context(), w.leaseStep()) })
			want := map[string]tidings.Kind{"engine down": tidings.KindUnavailable, "killed": tidings.KindInternal, "lease lost": tidings.KindConflict}[name]
			if tidings.KindOf(err) != want {
				t.Errorf("%v", err)
			}

			if name != "lease lost" { // there the step runs for its new owner
				w.expectShown("rough", "drafter", true)
			}

			w.clock.advance(2 * tidings.LeaseTTL)
			fine.during = nil

			if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
				t.Fatal(err)
			}

			w.expectShown("fine words", "better", false)

			if rough.runs != 1 || fine.runs != 2 {
				t.Errorf("the draft was made %d times, the better one %d times", rough.runs, fine.runs)
			}
		})
	}
}

// simulateDeath runs fn and recovers its panic, which is the end of a process as
// the database sees it: nothing more is written.
func simulateDeath(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("killed")
		}
	}()
	return fn()
}

// TestRefineEdited: edits of a user stay, whether made before or during the
// better engine's run.
func TestRefineEdited(t *testing.T) {
	t.Parallel()
	w, _, fine, step := newRefineFixture(t)
	fine.during = func(ctx context.Context) error {
		got, _ := w.currentTranscript()
		return w.editSegment(ctx, got.Segments[0], "right")
	}

	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	w.expectShown("right", "drafter", true)
	w.clock.advance(2 * tidings.LeaseTTL)
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	w.expectShown("right", "drafter", true)

	if fine.runs != 1 {
		t.Errorf("the better engine ran %d times", fine.runs)
	}
}

// TestRefineBusy: without a free slot the refinement is postponed, with the
// draft done.
func TestRefineBusy(t *testing.T) {
	t.Parallel()
	w, _, fine, step := newRefineFixture(t)
	fine.during = func(ctx context.Context) error {
		w.clock.advance(2 * tidings.LeaseTTL)
		if err := step.Transcribe(ctx, w.leaseStep()); !errors.Is(err, transcribe.ErrBusy) {
			t.Errorf("a second one at once: %v", err)
		}
		w.expectShown("rough", "drafter", true)
		return nil
	}

	if err := step.Transcribe(t.Context(), w.leaseStep()); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("%v", err)
	}
}

// TestRefineAsked: the language that a user chose is passed to the engine.
func TestRefineAsked(t *testing.T) {
	t.Parallel()
	w, _, fine, step := newRefineFixture(t)
	german := "de"
	if _, err := w.UpdateClip(t.Context(), w.clip, tidings.ClipPatch{Language: &german}, nil); err != nil {
		t.Fatal(err)
	}
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	c, err := w.Clip(t.Context(), w.clip)
	if err != nil || fine.asked.Language != "de" || c.Language != "de" {
		t.Errorf("%v: asked for %q, clip in %q", err, fine.asked.Language, c.Language)
	}
}
