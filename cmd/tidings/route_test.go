package main

import (
	"io"
	"strings"
	"testing"

	"tidings.example/tidings/transcribe"
)

// TestSpeechRoute: rules are read in their order; mistakes are named at start.
func TestSpeechRoute(t *testing.T) {
	c := transcribe.Settings{Refine: "openai", SpeechRoute: " de=openai, command ;01ARZ3NDEKTSV4RRFFQ69G5FAV/pt-BR=worker;*=whisper,vosk; "}
	routes, err := c.Routes()
	if err != nil || len(routes) != 3 {
		t.Fatalf("%v, %+v", err, routes)
	}

	var all []string
	for _, r := range routes {
		all = append(all, r.String())
	}

	want := "clips in de: openai, then command | clips in pt-BR of workspace 01ARZ3NDEKTSV4RRFFQ69G5FAV: worker | clips: whisper, then vosk"
	if got := strings.Join(all, " | "); got != want {
		t.Errorf("%s", got)
	}

	if !c.Uses("worker") || !(transcribe.Settings{Refine: "command"}).Uses("command") || c.Uses("nobody") {
		t.Error("the engines that are named")
	}

	for rule, says := range map[string]string{"openai": "no =", "german=openai": "nor a language", "us/de=openai": "id of a workspace", "*=watson": `"watson" is not one of`,
		"*=": `"" is not one of`, "*=openai,openai": "twice"} {
		_, _, err := loadConfig("serve", []string{"--speech-route", rule, "--openai-url", "http://localhost:1"}, envFrom(nil), io.Discard)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "speech-route") {
			t.Errorf("%s: %v", rule, err)
		}
	}

	if _, _, err := loadConfig("serve", []string{"--speech-route", "*=command"}, envFrom(nil), io.Discard); err == nil || !strings.Contains(err.Error(), "command") {
		t.Errorf("an engine without its settings: %v", err)
	}

	if _, _, err := loadConfig("serve", []string{"--refine", "vosk"}, envFrom(nil), io.Discard); err == nil || !strings.Contains(err.Error(), "refine") {
		t.Errorf("drafts refined by the draft's engine: %v", err)
	}
}
