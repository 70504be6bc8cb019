package transcribe

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// sentencePause is the silence, in ms, that ends a sentence of a draft.
const sentencePause = 700

// draftUtterance is a segment and whether its edges are pauses. An engine
// without punctuation finds sentences by their pauses only.
type draftUtterance struct {
	tidings.TranscriptSegment
	continues    bool // its first word continues the previous utterance
	cutMidSpeech bool // it ends without a pause of the speaker
}

// formatDraft formats bare words as sentences: a capital after a pause, a full
// stop before one, and "I" as English writes it. The result is marked as a
// draft: pauses do not distinguish questions.
func formatDraft(u draftUtterance) tidings.TranscriptSegment {
	seg := u.TranscriptSegment
	words := make([]tidings.Word, len(seg.Words))
	texts := make([]string, len(words))
	begins := !u.continues
	for i, w := range seg.Words {
		w.Text = capitalisePronoun(w.Text)
		if begins {
			w.Text = capitaliseFirst(w.Text)
		}

		last := i == len(words)-1
		begins = last && !u.cutMidSpeech || !last && seg.Words[i+1].StartMS-w.EndMS >= sentencePause
		if begins {
			w.Text += "."
		}

		words[i], texts[i] = w, w.Text
	}

	seg.Words, seg.Text = words, strings.Join(texts, " ")
	return seg
}

// formatTurns ends a sentence of a draft where another person begins to speak.
func formatTurns(segs []tidings.TranscriptSegment) {
	for i := 1; i < len(segs); i++ {
		before, after := segs[i-1], segs[i]
		if before.Speaker == after.Speaker || !hasItsWords(before) || !hasItsWords(after) {
			continue
		}

		said, next := slices.Clone(before.Words), slices.Clone(after.Words)
		if last := &said[len(said)-1]; !strings.HasSuffix(last.Text, ".") {
			last.Text += "."
		}
		next[0].Text = capitaliseFirst(next[0].Text)
		segs[i-1], segs[i] = withWords(before, said), withWords(after, next)
	}
}

// capitalisePronoun writes "i", "i'm", "i'll" … with a capital.
func capitalisePronoun(word string) string {
	if word == "i" || strings.HasPrefix(word, "i'") {
		return "I" + word[1:]
	}
	return word
}

func capitaliseFirst(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[n:]
}
