package transcribe_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// namedEngine is a scripted engine with a name of its own.
type namedEngine struct {
	betterEngine
	name      string
	languages []string // languages
	notReady  error
}

// Name implements transcribe.Engine.
func (n *namedEngine) Name() string { return n.name }

// Caps implements transcribe.Engine.
func (n *namedEngine) Caps() transcribe.Caps {
	return transcribe.Caps{Punctuation: true, Languages: n.languages}
}

// Ready implements the optional method of engines.
func (n *namedEngine) Ready() error { return n.notReady }

func newNamedEngine(name, text string, fail error) *namedEngine {
	return &namedEngine{name: name, betterEngine: betterEngine{Scripted: enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, text)}, Fail: fail}}}
}

// newRoutedFixture is a fixture with the given engines, the first of them the
// draft's.
func newRoutedFixture(t *testing.T, routes []transcribe.Route, draft transcribe.Engine, others ...transcribe.Engine) (*fixture, *transcribe.Transcriber) {
	w := newFixture(t)
	w.source = endedSource(encodeWebM(t, enginetest.Silence(3*1e9)))
	return w, transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, PCM: w.media.PCM, Engine: draft, Others: others, Routes: routes,
		NoAudio: func(err error) bool { return errors.Is(err, media.ErrNoAudio) }})
}

// TestTryEngines: after the failure of an engine the next one is tried;
// undecodable sound is not tried again.
func TestTryEngines(t *testing.T) {
	t.Parallel()
	down := tidings.Errorf(tidings.KindUnavailable, "The engine is down.")
	broken := tidings.Errorf(tidings.KindUnsupported, "The sound is broken.")
	crash := errors.New("signal: killed")
	for name, c := range map[string]struct {
		fails      [2]error // of the first and the second engine
		runs       [2]int
		text, who  string
		draft      bool
		want       tidings.Kind
		draftIsFor bool // the route ends with the draft's engine
	}{
		"the first can":            {runs: [2]int{1, 0}, text: "one", who: "first"},
		"the first is down":        {fails: [2]error{down}, runs: [2]int{1, 1}, text: "two", who: "second"},
		"the first crashes":        {fails: [2]error{crash}, runs: [2]int{2, 1}, text: "two", who: "second"},
		"both are down":            {fails: [2]error{down, down}, runs: [2]int{1, 1}, text: "rough", who: "drafter", draft: true, want: tidings.KindUnavailable},
		"broken sound":             {fails: [2]error{broken}, runs: [2]int{1, 0}, text: "rough", who: "drafter", draft: true, want: tidings.KindUnsupported},
		"both down, draft will do": {fails: [2]error{down, down}, runs: [2]int{1, 1}, text: "rough", who: "drafter", draft: true, draftIsFor: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := newNamedEngine("first", "one", c.fails[0]), newNamedEngine("second", "two", c.fails[1])
			route := transcribe.Route{Engines: []string{"first", "nobody", "second"}}
			if c.draftIsFor {
				route.Engines = append(route.Engines, "drafter")
			}

			w, step := newRoutedFixture(t, []transcribe.Route{route}, &draftEngine{&newNamedEngine("", "rough", nil).betterEngine}, first, second)
			if err := step.Transcribe(t.Context(), w.leaseStep()); tidings.KindOf(err) != c.want {
				t.Errorf("%v", err)
			}

			w.expectShown(c.text, c.who, c.draft)
			if got := [2]int{first.runs, second.runs}; got != c.runs {
				t.Errorf("the engines ran %v times", got)
			}
		})
	}
}

// TestRoutes: workspace, language and readiness decide which engine writes.
func TestRoutes(t *testing.T) {
	t.Parallel()
	elsewhere := tidings.NewID(newFixture(t).clock.Now())
	for name, c := range map[string]struct {
		language string
		routes   []transcribe.Route
		text     string
	}{
		"any language":       {"", []transcribe.Route{{Language: "de", Engines: []string{"second"}}, {Engines: []string{"first"}}}, "one"},
		"its own":            {"de-AT", []transcribe.Route{{Language: "de", Engines: []string{"second"}}, {Engines: []string{"first"}}}, "two"},
		"another workspace":  {"", []transcribe.Route{{Workspace: elsewhere, Engines: []string{"second"}}, {Engines: []string{"first"}}}, "one"},
		"does not know it":   {"fr", []transcribe.Route{{Engines: []string{"second", "first"}}}, "one"},
		"lacks its model":    {"", []transcribe.Route{{Engines: []string{"bare", "first"}}}, "one"},
		"the draft will do":  {"en", []transcribe.Route{{Language: "en", Engines: []string{"drafter"}}, {Engines: []string{"first"}}}, "rough"},
		"no route, no other": {"", nil, "rough"},
		"no route, but one":  {"it", nil, "one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			second := newNamedEngine("second", "two", nil)
			second.languages = []string{"de"}
			bare := newNamedEngine("bare", "nothing", nil)
			bare.notReady = errors.New("no model")
			w, step := newRoutedFixture(t, c.routes, &draftEngine{&newNamedEngine("", "rough", nil).betterEngine}, newNamedEngine("first", "one", nil), second, bare)
			if _, err := w.UpdateClip(t.Context(), w.clip, tidings.ClipPatch{Language: &c.language}, nil); err != nil {
				t.Fatal(err)
			}
			if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
				t.Fatal(err)
			}

			if got, state := w.currentTranscript(); enginetest.Text(got.Segments) != c.text || state != tidings.StepDone {
				t.Errorf("%q, step %s", enginetest.Text(got.Segments), state)
			}
		})
	}
}

// TestNoEngineForLanguage: a clip in an unsupported language gets no transcript.
func TestNoEngineForLanguage(t *testing.T) {
	t.Parallel()
	w, step := newRoutedFixture(t, nil, &draftEngine{&newNamedEngine("", "rough", nil).betterEngine})
	german := "de"
	if _, err := w.UpdateClip(t.Context(), w.clip, tidings.ClipPatch{Language: &german}, nil); err != nil {
		t.Fatal(err)
	}
	err := step.Transcribe(t.Context(), w.leaseStep())
	if got, _ := w.currentTranscript(); tidings.KindOf(err) != tidings.KindUnsupported || len(got.Segments) > 0 {
		t.Errorf("%v, %+v", err, got)
	}
	if says := tidings.Sentence(err); !strings.Contains(says, "language (de)") || !strings.Contains(says, "(drafter script/1: en)") {
		t.Errorf("it says %q", says)
	}
}

// lackingEngine is a draft engine that is not ready.
type lackingEngine struct {
	draftEngine
	notReady error
}

// Ready implements the optional method of engines.
func (l *lackingEngine) Ready() error { return l.notReady }

// TestEngineBecomesReady: what an engine lacks may be installed at any time.
func TestEngineBecomesReady(t *testing.T) {
	t.Parallel()
	draft := &lackingEngine{draftEngine{&newNamedEngine("", "rough", nil).betterEngine}, tidings.Errorf(tidings.KindUnavailable, "No model.")}
	other := newNamedEngine("other", "fine", nil)
	other.notReady = draft.notReady
	w, step := newRoutedFixture(t, nil, draft, other)
	if err := step.Transcribe(t.Context(), w.leaseStep()); tidings.KindOf(err) != tidings.KindUnsupported || !errors.Is(err, draft.notReady) {
		t.Errorf("%v", err)
	}

	w.clock.advance(2 * tidings.LeaseTTL)
	other.notReady = nil

	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	w.expectShown("fine", "other", false)
	draft.notReady = nil

	if err := step.Transcribe(t.Context(), w.requestAgain(tidings.TranscriptRequest{})); err != nil {
		t.Fatal(err)
	}

	w.expectShown("rough", "drafter", true)
}

// requestAgain requests a new transcript and leases the step.
func (w *fixture) requestAgain(r tidings.TranscriptRequest) tidings.StepRun {
	w.t.Helper()
	r.ClipID = w.clip
	if err := w.RetryTranscript(w.t.Context(), r); err != nil {
		w.t.Fatal(err)
	}
	return w.leaseStep()
}

// TestAskedAgain: a user chooses the engine; the old transcript is shown until
// the new one is finished, and failures before that leave it unchanged.
func TestAskedAgain(t *testing.T) {
	t.Parallel()
	first, second := newNamedEngine("first", "one", nil), newNamedEngine("second", "two", nil)
	w, step := newRoutedFixture(t, []transcribe.Route{{Engines: []string{"first"}}}, &draftEngine{&newNamedEngine("", "rough", nil).betterEngine}, first, second)
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	w.expectShown("one", "first", false)
	old := func(ctx context.Context) error {
		if got, _ := w.currentTranscript(); enginetest.Text(got.Segments) != "one" || got.State != tidings.StepDone {
			t.Errorf("meanwhile: %+v", got)
		}
		return nil
	}
	for name, during := range map[string]func(context.Context) error{
		"killed":      func(context.Context) error { panic("the process is killed") },
		"crashed":     func(context.Context) error { return errors.New("signal: killed") },
		"broken":      func(context.Context) error { return tidings.Errorf(tidings.KindUnsupported, "Broken.") },
		"another one": func(context.Context) error { w.requestAgain(tidings.TranscriptRequest{Engine: "first"}); return nil },
	} {
		second.during = func(ctx context.Context) error { return errors.Join(old(ctx), during(ctx)) }
		run := w.requestAgain(tidings.TranscriptRequest{Engine: "second", Language: "pt-BR"})
		if err := simulateDeath(func() error { return step.Transcribe(t.Context(), run) }); err == nil {
			t.Errorf("%s: no error", name)
		}

		if err := old(t.Context()); err != nil || second.asked.Language != "pt-BR" {
			t.Errorf("%s: %v, asked for %q", name, err, second.asked.Language)
		}
	}

	second.during = old

	if err := step.Transcribe(t.Context(), w.requestAgain(tidings.TranscriptRequest{Engine: "second"})); err != nil {
		t.Fatal(err)
	}

	w.expectShown("two", "second", false)
	if _, err := w.TranscriptRequest(t.Context(), w.clip); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("the request stands: %v", err)
	}

	if err := step.Transcribe(t.Context(), w.requestAgain(tidings.TranscriptRequest{})); err != nil {
		t.Fatal(err)
	}

	w.expectShown("one", "first", false)
	if err := step.Transcribe(t.Context(), w.requestAgain(tidings.TranscriptRequest{Engine: "gone"})); tidings.KindOf(err) != tidings.KindInvalid {
		t.Errorf("an engine that is not there: %v", err)
	}
}

// TestAskedAgainEdited: only edits that existed when the user agreed to lose
// them are replaced.
func TestAskedAgainEdited(t *testing.T) {
	t.Parallel()
	second := newNamedEngine("second", "two", nil)
	w, step := newRoutedFixture(t, nil, &draftEngine{&newNamedEngine("", "rough", nil).betterEngine}, second)
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	edit := func(context.Context) error {
		w.clock.advance(1e9)
		got, _ := w.currentTranscript()
		return w.editSegment(context.Background(), got.Segments[0], "right")
	}
	if err := edit(t.Context()); err != nil {
		t.Fatal(err)
	}

	if err := w.RetryTranscript(t.Context(), tidings.TranscriptRequest{ClipID: w.clip, Engine: "second"}); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("without a word about the corrections: %v", err)
	}

	second.during = edit

	if err := step.Transcribe(t.Context(), w.requestAgain(tidings.TranscriptRequest{Engine: "second", ReplaceEdits: true})); err != nil {
		t.Fatal(err)
	}

	w.expectShown("right", "drafter", true)
	second.during = nil

	if err := step.Transcribe(t.Context(), w.requestAgain(tidings.TranscriptRequest{Engine: "second", ReplaceEdits: true})); err != nil {
		t.Fatal(err)
	}

	w.expectShown("two", "second", false)
}

// TestDiskFull: rows that cannot be written are not a fault of the engine and
// leave the old transcript unchanged.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	w.source = endedSource(encodeWebM(t, enginetest.Silence(3*1e9)))
	first, second := newNamedEngine("first", "one", nil), newNamedEngine("second", "two", nil)
	rows := &fullDisk{fixture: w}
	step := transcribe.New(transcribe.Config{Rows: rows, Pieces: rows, Source: w, PCM: w.media.PCM, Engine: first, Others: []transcribe.Engine{second},
		Routes: []transcribe.Route{{Engines: []string{"second"}}}})
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	rows.full = true

	for _, r := range []tidings.TranscriptRequest{{Engine: "first"}, {Engine: "second"}, {}} {
		runs := first.runs + second.runs
		if err := step.Transcribe(t.Context(), w.requestAgain(r)); !errors.Is(err, errFull) {
			t.Errorf("%+v: %v", r, err)
		}
		if got, _ := w.currentTranscript(); enginetest.Text(got.Segments) != "two" || got.State != tidings.StepDone || first.runs+second.runs != runs+1 {
			t.Errorf("%+v: %+v after %d runs", r, got, first.runs+second.runs-runs)
		}
	}
}

var errFull = errors.New("database or disk is full (13)")

// fullDisk fails to store transcripts once it is full.
type fullDisk struct {
	*fixture
	full bool
}

// ReplaceTranscript implements transcribe.Rows.
func (f *fullDisk) ReplaceTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (bool, error) {
	if f.full {
		return false, errFull
	}
	return f.fixture.ReplaceTranscript(ctx, run, t)
}
