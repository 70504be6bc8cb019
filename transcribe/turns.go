package transcribe

import (
	"fmt"
	"slices"

	"tidings.example/tidings/tidings"
)

// Words that are no turn of their own.
const (
	shortTurnMS   = 300 // without a pause before or after them, and shorter than this
	shortTurnRest = 200 // ms of such a pause
)

// side is a channel; 0 = neither is louder.
type side int

const left, right side = -1, 1

// turnWord is a word of a transcript and which channel is louder meanwhile.
type turnWord struct {
	tidings.Word
	lean float64 // dB; negative = left
	side side
}

// divideTurns names the speakers of a clip with a person on each channel, and
// divides segments where another one begins to speak. It reports whether it did:
// where the channels are not apart, or the engine names speakers itself, segments
// stay as they are.
//
// levels are those of the left and of the right channel, in dB below full scale.
func divideTurns(segs []tidings.TranscriptSegment, levels [][2]uint8) (out []tidings.TranscriptSegment, apart bool) {
	if len(levels) == 0 || slices.ContainsFunc(segs, func(s tidings.TranscriptSegment) bool { return s.Speaker != "" }) {
		return segs, false
	}

	var words []turnWord
	for _, s := range segs {
		for _, w := range timedWords(s) {
			words = append(words, turnWord{Word: w})
		}
	}

	measureLeans(words, levels)
	if !channelsApart(words) {
		return segs, false
	}

	chooseSides(words)
	joinShortTurns(words)
	return nameSpeakers(segs, words), true
}

// timedWords are the words of a segment that can be divided, or one for all of
// its text.
func timedWords(s tidings.TranscriptSegment) []tidings.Word {
	if hasItsWords(s) {
		return s.Words
	}
	return []tidings.Word{{StartMS: s.StartMS, EndMS: s.EndMS, Text: s.Text}}
}

// chooseSides gives each word the louder channel. A word without one continues
// the turn before it; at first, the turn after it.
func chooseSides(words []turnWord) {
	last := side(0)
	for i := range words {
		switch w := &words[i]; {
		case w.lean < 0:
			last = left
		case w.lean > 0:
			last = right
		}
		words[i].side = last
	}

	first := slices.IndexFunc(words, func(w turnWord) bool { return w.side != 0 })
	for i := range first {
		words[i].side = words[first].side
	}
}

// joinShortTurns lets a few words that are too short for a turn continue the one
// before them.
func joinShortTurns(words []turnWord) {
	for from := 0; from < len(words); {
		to := turnEnd(words, from)
		if from > 0 && to < len(words) && isShortTurn(words, from, to) {
			for i := from; i < to; i++ {
				words[i].side = words[from-1].side
			}
			to = turnEnd(words, from)
		}
		from = to
	}
}

// turnEnd is the end of the turn that a word is in.
func turnEnd(words []turnWord, from int) int {
	to := from + 1
	for to < len(words) && words[to].side == words[from].side {
		to++
	}
	return to
}

// isShortTurn reports whether words between two turns of the other person are too
// few for a turn, and not said on their own.
func isShortTurn(words []turnWord, from, to int) bool {
	return words[to-1].EndMS-words[from].StartMS < shortTurnMS &&
		words[from].StartMS-words[from-1].EndMS < shortTurnRest && words[to].StartMS-words[to-1].EndMS < shortTurnRest
}

// nameSpeakers divides segments at turns. The speakers have numbers in the order
// in which they begin to speak.
func nameSpeakers(segs []tidings.TranscriptSegment, words []turnWord) (out []tidings.TranscriptSegment) {
	first := words[0].side
	at := 0 // of the segment's words in words
	for _, s := range segs {
		n := len(timedWords(s))
		for from := 0; from < n; {
			to := turnEnd(words[:at+n], at+from) - at
			part := s
			if to-from < n {
				part = withWords(s, slices.Clone(s.Words[from:to]))
			}

			number := 1
			if words[at+from].side != first {
				number = 2
			}
			part.Speaker = fmt.Sprintf("Speaker %d", number)
			out = append(out, part)
			from = to
		}
		at += n
	}
	return out
}
