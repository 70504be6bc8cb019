package admin

import (
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestCheckSpeech: doctor says of each engine where the sound goes, and that one
// which knows few languages makes nonsense of others.
func TestCheckSpeech(t *testing.T) {
	const nonsense = "speech in other languages comes out as nonsense"
	for name, c := range map[string]struct {
		engine             tidings.SpeechEngine
		state, says, never string
	}{
		"English alone": {tidings.SpeechEngine{Name: "whisper", Model: "tiny.en", Languages: []string{"en"}}, "ok", "it understands en alone: " + nonsense, "leaves"},
		"two languages": {tidings.SpeechEngine{Name: "command", Model: "m", Languages: []string{"de", "fr"}}, "ok", "it understands de fr alone: " + nonsense, "leaves"},
		"any language":  {tidings.SpeechEngine{Name: "whisper", Model: "base"}, "ok", "whisper, model base; on this machine", "nonsense"},
		"while one speaks": {tidings.SpeechEngine{Name: "vosk", Model: "small", Live: true, Languages: []string{"en"}}, "ok",
			"vosk, model small; on this machine, in /srv/speech", "nonsense"}, // its text is a draft
		"elsewhere": {tidings.SpeechEngine{Name: "openai", Model: "m", Remote: true}, "ok", "the sound of clips leaves this machine", "nonsense"},
		"missing":   {tidings.SpeechEngine{Name: "whisper", Missing: "It has no model.", Languages: []string{"en"}}, "warn", "whisper: It has no model.", "nonsense"},
	} {
		fix := func(e tidings.SpeechEngine) string { return "Install " + e.Name }
		found := CheckSpeech([]tidings.SpeechEngine{c.engine}, "/srv/speech", fix)(t.Context())
		if len(found) != 1 || found[0].State != c.state || !strings.Contains(found[0].Text, c.says) || strings.Contains(found[0].Text, c.never) {
			t.Errorf("%s: %+v", name, found)
		}
		if c.state == "warn" && found[0].Fix != "Install whisper" {
			t.Errorf("%s: the fix is %q", name, found[0].Fix)
		}
	}
}
