package transcribe_test

import (
	"reflect"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// TestAutomaticRefine: whisper refines unless the operator chose otherwise.
func TestAutomaticRefine(t *testing.T) {
	whisper := []transcribe.Route{{Engines: []string{"whisper"}, Automatic: true}}
	for name, c := range map[string]struct {
		settings transcribe.Settings
		want     []transcribe.Route
		slots    int
	}{
		"auto":            {transcribe.Settings{Refine: "auto"}, whisper, 3},
		"none":            {transcribe.Settings{Refine: "none"}, nil, 2},
		"empty":           {transcribe.Settings{}, nil, 2},
		"chosen":          {transcribe.Settings{Refine: "whisper"}, []transcribe.Route{{Engines: []string{"whisper"}}}, 3},
		"a route instead": {transcribe.Settings{Refine: "auto", SpeechRoute: "de=openai"}, []transcribe.Route{{Language: "de", Engines: []string{"openai"}}}, 3},
	} {
		c.settings.SpeechSlots, c.settings.RefineSlots = 2, 1
		if got, err := c.settings.Routes(); err != nil || !reflect.DeepEqual(got, c.want) || c.settings.Slots() != c.slots {
			t.Errorf("%s: %v, %d slots, %v", name, got, c.settings.Slots(), err)
		}
	}

	if s := (transcribe.Settings{Refine: "auto"}); !s.Uses("whisper") || s.Uses("openai") || (transcribe.Settings{Refine: "none"}).Uses("whisper") {
		t.Error("which engines are used")
	}
}

// TestAutomaticRoute: what nobody chose and is not there yet does not keep the
// engine that is there from a clip; it refines as soon as it is ready.
func TestAutomaticRoute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		automatic bool
		fails     bool
	}{"automatic": {true, false}, "chosen": {false, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			draft := &lackingEngine{draftEngine{&newNamedEngine("", "rough", nil).betterEngine}, tidings.Errorf(tidings.KindUnavailable, "No model.")}
			awaited, other := newNamedEngine("awaited", "fine", nil), newNamedEngine("other", "good", nil)
			awaited.notReady = draft.notReady
			w, step := newRoutedFixture(t, []transcribe.Route{{Engines: []string{"awaited"}, Automatic: c.automatic}}, draft, awaited, other)
			err := step.Transcribe(t.Context(), w.leaseStep())
			if c.fails {
				if err == nil {
					t.Error("another engine was taken than the one that was chosen")
				}
				return
			}

			if err != nil {
				t.Fatal(err)
			}
			w.expectShown("good", "other", false)

			awaited.notReady = nil
			if err := step.Transcribe(t.Context(), w.requestAgain(tidings.TranscriptRequest{})); err != nil {
				t.Fatal(err)
			}
			w.expectShown("fine", "awaited", false)
		})
	}
}
