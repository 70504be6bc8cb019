package transcribe

import (
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// draftOf makes a segment of words; "…" before a word is a pause of 0.8 s.
func draftOf(text string) draftUtterance {
	var u draftUtterance
	at := int64(0)
	for _, f := range strings.Fields(text) {
		if rest, paused := strings.CutPrefix(f, "…"); paused {
			f, at = rest, at+800
		}
		u.Words = append(u.Words, tidings.Word{StartMS: at, EndMS: at + 100, Text: f})
		at += 150
	}

	u.Text = strings.ReplaceAll(text, "…", "")
	return u
}

func TestDraft(t *testing.T) {
	for _, c := range []struct {
		said              string
		continues, goesOn bool
		want              string
	}{
		{"hello world", false, false, "Hello world."},
		{"yes …i think i'm late", false, false, "Yes. I think I'm late."},
		{"it is", false, true, "It is"},
		{"cut in two", true, false, "cut in two."},
		{"in …the middle", true, true, "in. The middle"},
		{"été …ça va", false, false, "Été. Ça va."},
		{"in icy ink", false, false, "In icy ink."},
		{"", false, false, ""},
	} {
		u := draftOf(c.said)
		u.continues, u.cutMidSpeech = c.continues, c.goesOn
		seg := formatDraft(u)
		var words []string
		for _, w := range seg.Words {
			words = append(words, w.Text)
		}

		if seg.Text != c.want || strings.Join(words, " ") != c.want {
			t.Errorf("%q: text %q, words %q, not %q", c.said, seg.Text, words, c.want)
		}

		if len(u.Words) > 0 && u.Words[0].Text != strings.TrimPrefix(strings.Fields(c.said)[0], "…") {
			t.Error("draft changed what it was given")
		}
	}
}
