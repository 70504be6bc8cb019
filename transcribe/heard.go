package transcribe

import (
	"math"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
)

// heard is what an engine says of a piece, before it is held against the rules
// of the product. Times are ms from the beginning of the piece.
type heard struct {
	language string // as the engine names it; "" = it did not
	said     []saying
	words    []tidings.Word // of all sayings, in order; none = the engine has only sayings
}

// saying is one utterance.
type saying struct {
	startMS, endMS int64
	text           string
	speaker        string
}

// place gives each word of a piece its time in the clip. A written word that
// the engine heard as such (the longest common subsequence of written and
// timed words, without case and punctuation) has the time it was heard at. One
// that was written otherwise takes the time of the word heard in its place;
// of several they share the time, by their letters. Those, and all words of an
// engine that has no word times, are marked as estimated. Nothing lies outside
// of the piece, and what is no speech ("[music]") is left out.
func (h heard) place(fromMS, lengthMS int64) []tidings.TranscriptSegment {
	var tokens []token
	for i, s := range h.said {
		if annotation(s.text) {
			continue
		}
		for _, f := range strings.Fields(captions.PlainText(s.text)) {
			tokens = append(tokens, token{text: f, saying: i})
		}
	}

	h.anchor(tokens)
	h.estimate(tokens)
	return h.segments(tokens, fromMS, lengthMS)
}

// token is a written word.
type token struct {
	text   string
	saying int
	word   *tidings.Word // its time; nil = not known yet
}

// anchor gives tokens the times of the words they are.
func (h heard) anchor(tokens []token) {
	if len(h.words) == 0 {
		return
	}

	i, j := 0, 0
	settle := func(to, upTo int) {
		h.between(tokens[i:to], h.words[j:upTo])
		i, j = to, upTo
	}
	for _, m := range matches(tokens, h.words) {
		settle(m[0], m[1])
		w := h.words[m[1]]
		w.Text = tokens[m[0]].text
		tokens[m[0]].word = &w
		i, j = m[0]+1, m[1]+1
	}

	settle(len(tokens), len(h.words))
}

// between gives written words the times of the other words that were heard in
// their place.
func (h heard) between(tokens []token, words []tidings.Word) {
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

	share(tokens, words[0].StartMS, words[len(words)-1].EndMS)
}

// estimate gives tokens without a time a share of what is left of their saying.
func (h heard) estimate(tokens []token) {
	for i := 0; i < len(tokens); {
		if tokens[i].word != nil {
			i++
			continue
		}

		s, to := h.said[tokens[i].saying], i
		for to < len(tokens) && tokens[to].word == nil && tokens[to].saying == tokens[i].saying {
			to++
		}

		from, end := s.startMS, s.endMS
		if i > 0 && tokens[i-1].word != nil && tokens[i-1].saying == tokens[i].saying {
			from = max(from, tokens[i-1].word.EndMS)
		}

		if to < len(tokens) && tokens[to].word != nil && tokens[to].saying == tokens[i].saying {
			end = min(end, tokens[to].word.StartMS)
		}

		share(tokens[i:to], from, max(from, end))
		i = to
	}
}

// share divides a stretch of time among tokens by their letters.
func share(tokens []token, from, to int64) {
	var total, sum int64
	for _, t := range tokens {
		total += int64(utf8.RuneCountInString(t.text))
	}

	at := func() int64 { return from + (to-from)*sum/max(1, total) }
	for i := range tokens {
		w := tidings.Word{Text: tokens[i].text, StartMS: at(), Estimated: true}
		sum += int64(utf8.RuneCountInString(w.Text))
		w.EndMS = at()
		tokens[i].word = &w
	}
}

// segments sets the words together again.
func (h heard) segments(tokens []token, fromMS, lengthMS int64) []tidings.TranscriptSegment {
	var out []tidings.TranscriptSegment
	at := func(ms int64) int64 { return fromMS + min(max(ms, 0), lengthMS) }
	for i := 0; i < len(tokens); {
		s := h.said[tokens[i].saying]
		seg := tidings.TranscriptSegment{Speaker: captions.PlainText(s.speaker)}
		var words []tidings.Word
		for from := tokens[i].saying; i < len(tokens) && tokens[i].saying == from; i++ {
			w := *tokens[i].word
			w.StartMS, w.EndMS = at(w.StartMS), at(w.EndMS)
			if w.P != nil && !(*w.P >= 0 && *w.P <= 1) {
				w.P = nil
			}
			words = append(words, w)
		}

		out = append(out, withWords(seg, words))
	}

	return out
}

// matches is the longest common subsequence of written and heard words, as
// pairs of their places.
func matches(tokens []token, words []tidings.Word) (pairs [][2]int) {
	a, b := make([]string, len(tokens)), make([]string, len(words))
	for i, t := range tokens {
		a[i] = plainWord(t.text)
	}
	for j, w := range words {
		b[j] = plainWord(w.Text)
	}
	return tidings.CommonWords(a, b)
}

// annotation reports whether a text is a remark of the engine, such as
// "[BLANK_AUDIO]", "(laughs)" or "♪ ♪", and no speech.
func annotation(text string) bool {
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

// inMS is a time in seconds as ms; 0 for what is no time.
func inMS(seconds float64) int64 {
	if !(seconds > 0) { // NaN too
		return 0
	}
	return int64(math.Round(min(seconds, 1e9) * 1000))
}
