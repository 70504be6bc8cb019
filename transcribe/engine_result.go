package transcribe

import (
	"math"
	"strings"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
)

// engineResult is the output of an engine for a piece, before it is normalised.
// Times are ms from the beginning of the piece.
type engineResult struct {
	language   string // as the engine names it; "" = not reported
	utterances []utterance
	words      []tidings.Word // of all utterances, in order; empty = the engine reports no words
	partial    bool           // there were segments that could not be read, but a text
	suppressed bool           // utterances were left out as made up
}

// utterance is what an engine reports as final.
type utterance struct {
	startMS, endMS int64
	text           string
	speaker        string
}

// placeWords gives each word of a piece its time in the clip. A written word
// that the engine has also timed (the longest common subsequence of written and
// timed words, without case and punctuation) has that time. A word that is
// written differently takes the time of the timed word in its place; several
// such words share the time, in proportion to their letters. Those, and all
// words of an engine without word times, are marked as estimated. All times are
// within the piece, annotations such as "[music]" are dropped, and no segment
// goes over a long pause that was cut out of the piece.
func (h engineResult) placeWords(m timeMap) []tidings.TranscriptSegment {
	var tokens []token
	for i, s := range h.utterances {
		if isAnnotation(s.text) {
			continue
		}
		for _, f := range strings.Fields(captions.PlainText(s.text)) {
			tokens = append(tokens, token{text: f, utterance: i})
		}
	}

	h.anchorTokens(tokens)
	h.estimateTimes(tokens)
	return h.buildSegments(tokens, m)
}

// token is a written word.
type token struct {
	text      string
	utterance int
	word      *tidings.Word // with its time; nil = not known yet
}

// anchorTokens gives tokens the times of the timed words that equal them.
func (h engineResult) anchorTokens(tokens []token) {
	if len(h.words) == 0 {
		return
	}

	i, j := 0, 0
	anchorUpTo := func(to, upTo int) {
		h.anchorBetween(tokens[i:to], h.words[j:upTo])
		i, j = to, upTo
	}
	for _, m := range matchWords(tokens, h.words) {
		anchorUpTo(m[0], m[1])
		w := h.words[m[1]]
		w.Text = tokens[m[0]].text
		tokens[m[0]].word = &w
		i, j = m[0]+1, m[1]+1
	}

	anchorUpTo(len(tokens), len(h.words))
}

// anchorBetween gives written words the times of the different words that were
// timed in their place.
func (h engineResult) anchorBetween(tokens []token, words []tidings.Word) {
	if len(tokens) == 0 || len(words) == 0 {
		return
	}
	if len(tokens) == len(words) {
		for i := range tokens {
			w := words[i]
			w.Text = tokens[i].text
			tokens[i].word = &w
		}
		return
	}

	shareTime(tokens, words[0].StartMS, words[len(words)-1].EndMS)
}

// estimateTimes gives tokens without a time a share of the remaining time of
// their utterance.
func (h engineResult) estimateTimes(tokens []token) {
	for i := 0; i < len(tokens); {
		if tokens[i].word != nil {
			i++
			continue
		}

		s, to := h.utterances[tokens[i].utterance], i
		for to < len(tokens) && tokens[to].word == nil && tokens[to].utterance == tokens[i].utterance {
			to++
		}

		from, end := s.startMS, s.endMS
		if i > 0 && tokens[i-1].word != nil && tokens[i-1].utterance == tokens[i].utterance {
			from = max(from, tokens[i-1].word.EndMS)
		}

		if to < len(tokens) && tokens[to].word != nil && tokens[to].utterance == tokens[i].utterance {
			end = min(end, tokens[to].word.StartMS)
		}

		shareTime(tokens[i:to], from, max(from, end))
		i = to
	}
}

// shareTime divides a time range among tokens in proportion to their letters.
func shareTime(tokens []token, from, to int64) {
	text := func(i int) string { return tokens[i].text }
	shareByLetters(len(tokens), text, from, to, func(i int, startMS, endMS int64) {
		tokens[i].word = &tidings.Word{Text: tokens[i].text, StartMS: startMS, EndMS: endMS, Estimated: true}
	})
}

// buildSegments makes a segment of each utterance's tokens, or several when the
// clip has long pauses between them.
func (h engineResult) buildSegments(tokens []token, m timeMap) []tidings.TranscriptSegment {
	var out []tidings.TranscriptSegment
	var words []tidings.Word // of the next segment
	utterance, span := 0, 0  // of the last one of them
	end := func() {
		if len(words) > 0 {
			seg := tidings.TranscriptSegment{Speaker: captions.PlainText(h.utterances[utterance].speaker)}
			out = append(out, withWords(seg, words))
		}
		words = nil
	}

	for _, t := range tokens {
		w := *t.word
		var at int
		w.StartMS, w.EndMS, at = m.placeTime(w.StartMS, w.EndMS)
		if w.P != nil && !(*w.P >= 0 && *w.P <= 1) {
			w.P = nil
		}
		if t.utterance != utterance || m.isSplit(span, at) {
			end()
		}
		words, utterance, span = append(words, w), t.utterance, at
	}

	end()
	return out
}

// matchWords is the longest common subsequence of written and timed words, as
// pairs of their indexes.
func matchWords(tokens []token, words []tidings.Word) (pairs [][2]int) {
	a, b := make([]string, len(tokens)), make([]string, len(words))
	for i, t := range tokens {
		a[i] = plainWord(t.text)
	}
	for j, w := range words {
		b[j] = plainWord(w.Text)
	}
	return tidings.CommonWords(a, b)
}

// isAnnotation reports whether a text is a remark of the engine, such as
// "[BLANK_AUDIO]", "(laughs)" or "♪ ♪", and not speech.
func isAnnotation(text string) bool {
	text = strings.TrimSpace(text)
	for _, pair := range []struct{ open, close string }{{"[", "]"}, {"(", ")"}, {"*", "*"}, {"♪", "♪"}} {
		inner, ok := strings.CutPrefix(text, pair.open)
		if !ok {
			continue
		}
		if inner, ok = strings.CutSuffix(inner, pair.close); ok && !strings.Contains(inner, pair.close) {
			return true
		}
	}

	return strings.Trim(text, "♪ .…-–—") == ""
}

// secondsToMS converts seconds to ms; 0 for negative values and NaN.
func secondsToMS(seconds float64) int64 {
	if !(seconds > 0) { // NaN too
		return 0
	}
	return int64(math.Round(min(seconds, 1e9) * 1000))
}
