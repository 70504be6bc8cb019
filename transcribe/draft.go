package transcribe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// stopPause is the silence, in ms, that ends a sentence of a draft.
const stopPause = 700

// utterance is a segment and what is known of its edges. An engine without
// punctuation knows sentences by their pauses only.
type utterance struct {
	tidings.TranscriptSegment
	continues bool // its first word goes on with the utterance before
	goesOn    bool // it was cut although the speaker did not pause
}

// draft gives bare words the look of sentences: a capital after a pause, a
// full stop before one, and "I" as English writes it. It is a draft and shown
// as one: no pause tells a question.
func draft(u utterance) tidings.TranscriptSegment {
	seg := u.TranscriptSegment
	words := make([]tidings.Word, len(seg.Words))
	texts := make([]string, len(words))
	begins := !u.continues
	for i, w := range seg.Words {
		w.Text = pronoun(w.Text)
		if begins {
			w.Text = capital(w.Text)
		}

		last := i == len(words)-1
		begins = last && !u.goesOn || !last && seg.Words[i+1].StartMS-w.EndMS >= stopPause
		if begins {
			w.Text += "."
		}

		words[i], texts[i] = w, w.Text
	}

	seg.Words, seg.Text = words, strings.Join(texts, " ")
	return seg
}

// pronoun writes "i", "i'm", "i'll" … with their capital.
func pronoun(word string) string {
	if word == "i" || strings.HasPrefix(word, "i'") {
		return "I" + word[1:]
	}
	return word
}

func capital(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[n:]
}
