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

// better is a scripted engine that is no draft, and counts its runs.
type better struct {
	enginetest.Scripted
	runs   int
	during func(ctx context.Context) error // after its words; may be nil
	asked  transcribe.Options
}

// Name implements transcribe.Engine.
func (*better) Name() string { return "better" }

// Caps implements transcribe.Engine.
func (*better) Caps() transcribe.Caps { return transcribe.Caps{Punctuation: true} }

// Transcribe implements transcribe.Engine.
func (b *better) Transcribe(ctx context.Context, pcm io.Reader, opt transcribe.Options, sink func(tidings.TranscriptSegment) error) error {
	b.runs++
	b.asked = opt
	if err := b.Scripted.Transcribe(ctx, pcm, opt, sink); err != nil {
		return err
	}

	opt.Detected("de", 2)
	opt.Detected("fr", 3)

	if b.during != nil {
		return b.during(ctx)
	}

	return nil
}

// refined is a world with a draft engine that says "rough" and a better one
// that says "fine words".
func refined(t *testing.T) (*world, *better, *better, *transcribe.Transcriber) {
	w := newWorld(t)
	w.source = whole(webm(t, enginetest.Silence(3*time.Second)))
	rough := &better{Scripted: enginetest.Scripted{Says: []tidings.TranscriptSegment{segment(0, "rough")}}}
	fine := &better{Scripted: enginetest.Scripted{Says: []tidings.TranscriptSegment{segment(0, "fine"), segment(1000, "words")}}}
	draft := &drafter{rough}
	return w, rough, fine, transcribe.New(transcribe.Config{Rows: w, Source: w, PCM: w.media.PCM, Engine: draft, Others: []transcribe.Engine{fine}, Routes: []transcribe.Route{{Engines: []string{"better"}}},
		NoAudio: func(err error) bool { return errors.Is(err, media.ErrNoAudio) }})
}

// drafter is an engine whose words are a draft, in the one language it knows.
type drafter struct{ *better }

// Name implements transcribe.Engine.
func (*drafter) Name() string { return "drafter" }

// Caps implements transcribe.Engine.
func (*drafter) Caps() transcribe.Caps { return transcribe.Caps{Languages: []string{"en"}} }

// expect compares what is shown.
func (w *world) expect(text, engine string, draft bool) {
	w.t.Helper()
	got, state := w.transcript()
	if enginetest.Text(got.Segments) != text || got.Engine != engine || got.Draft != draft || got.State != tidings.StepDone || state != tidings.StepDone {
		w.t.Errorf("%q by %s, draft %v, transcript %s, step %s", enginetest.Text(got.Segments), got.Engine, got.Draft, got.State, state)
	}
}

// TestRefined: the draft is shown, and done, until the better one is whole.
func TestRefined(t *testing.T) {
	t.Parallel()
	w, _, fine, step := refined(t)
	fine.during = func(context.Context) error {
		w.expect("rough", "drafter", true)
		return nil
	}

	if err := step.Transcribe(t.Context(), w.lease()); err != nil {
		t.Fatal(err)
	}

	w.expect("fine words", "better", false)
	c, err := w.Clip(t.Context(), w.clip)
	if got, _ := w.transcript(); err != nil || got.Language != "fr" || c.Language != "fr" || got.Segments[1].Seq != 1 {
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

// TestRefineFails: the draft stays, and the next run tries the better engine
// again, that alone.
func TestRefineFails(t *testing.T) {
	t.Parallel()
	down := tidings.Errorf(tidings.KindUnavailable, "The speech engine is down.")
	for name, during := range map[string]func(*world) error{
		"engine down": func(*world) error { return down },
		"killed":      func(*world) error { panic("the process is killed") },
		"lease lost": func(w *world) error {
			w.clock.pass(2 * tidings.LeaseTTL)
			w.lease()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, rough, fine, step := refined(t)
			fine.during = func(context.Context) error { return during(w) }
			err := dies(func() error { return step.Transcribe(t.Context(), w.lease()) })
			want := map[string]tidings.Kind{"engine down": tidings.KindUnavailable, "killed": tidings.KindInternal, "lease lost": tidings.KindConflict}[name]
			if tidings.KindOf(err) != want {
				t.Errorf("%v", err)
			}

			if name != "lease lost" { // there the step runs for its new owner
				w.expect("rough", "drafter", true)
			}

			w.clock.pass(2 * tidings.LeaseTTL)
			fine.during = nil

			if err := step.Transcribe(t.Context(), w.lease()); err != nil {
				t.Fatal(err)
			}

			w.expect("fine words", "better", false)

			if rough.runs != 1 || fine.runs != 2 {
				t.Errorf("the draft was made %d times, the better one %d times", rough.runs, fine.runs)
			}
		})
	}
}

// dies runs fn, whose panic is the end of a process as the database sees it:
// nothing more is written.
func dies(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("killed")
		}
	}()
	return fn()
}

// TestRefineEdited: what a person has edited stays, whether before or while
// the better engine was at work.
func TestRefineEdited(t *testing.T) {
	t.Parallel()
	w, _, fine, step := refined(t)
	fine.during = func(ctx context.Context) error {
		got, _ := w.transcript()
		return w.correct(ctx, got.Segments[0], "right")
	}

	if err := step.Transcribe(t.Context(), w.lease()); err != nil {
		t.Fatal(err)
	}

	w.expect("right", "drafter", true)
	w.clock.pass(2 * tidings.LeaseTTL)
	if err := step.Transcribe(t.Context(), w.lease()); err != nil {
		t.Fatal(err)
	}

	w.expect("right", "drafter", true)

	if fine.runs != 1 {
		t.Errorf("the better engine ran %d times", fine.runs)
	}
}

// TestRefineBusy: with no place free a clip is told to come again, with its
// draft done.
func TestRefineBusy(t *testing.T) {
	t.Parallel()
	w, _, fine, step := refined(t)
	fine.during = func(ctx context.Context) error {
		w.clock.pass(2 * tidings.LeaseTTL)
		if err := step.Transcribe(ctx, w.lease()); !errors.Is(err, transcribe.ErrBusy) {
			t.Errorf("a second one at once: %v", err)
		}
		w.expect("rough", "drafter", true)
		return nil
	}

	if err := step.Transcribe(t.Context(), w.lease()); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("%v", err)
	}
}

// TestRefineAsked: a language that a person chose is asked for.
func TestRefineAsked(t *testing.T) {
	t.Parallel()
	w, _, fine, step := refined(t)
	german := "de"
	if _, err := w.UpdateClip(t.Context(), w.clip, tidings.ClipPatch{Language: &german}, nil); err != nil {
		t.Fatal(err)
	}
	if err := step.Transcribe(t.Context(), w.lease()); err != nil {
		t.Fatal(err)
	}

	c, err := w.Clip(t.Context(), w.clip)
	if err != nil || fine.asked.Language != "de" || c.Language != "de" {
		t.Errorf("%v: asked for %q, clip in %q", err, fine.asked.Language, c.Language)
	}
}
