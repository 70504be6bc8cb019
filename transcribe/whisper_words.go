package transcribe

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/libwhisper"
)

// The alignment of tokens says when the model has found the next one. That is
// when a word begins, less a delay, unless there is a pause before it: then the
// sound shows where the pause ends.
const (
	pauseNearMS   = 50  // a pause may end so much before the alignment says
	onsetMS       = 20  // speech begins before it is louder than the noise
	firstDelayMS  = 200 // of the first word, when no pause precedes it
	wordMS        = 500 // a word takes at most that,
	letterMS      = 100 // and that for each letter
	shortestWord  = 50
	pauseAtNextMS = 50
)

// alignmentDelayMS is how much later than its alignment a word begins, measured
// for base-q8_0 and tiny.en-q8_0 (BenchmarkTranscribeAccuracy). Models of other
// sizes take that of base.
func alignmentDelayMS(model string) int64 {
	if strings.HasPrefix(model, "tiny") {
		return -100
	}
	return 50
}

// tokenWord is a word made of tokens.
type tokenWord struct {
	text         []byte
	sum          float64 // of the tokens' probabilities
	tokens       int
	fromMS, toMS int64 // it begins between them, or unknownTime
	lettersEndMS int64 // end of its last token that is not punctuation
}

// squeezedMS is the width below which the alignment has left a word no time: that
// was given to the word before, whose width is then above stretchedMS.
const (
	squeezedMS  = 40
	stretchedMS = 300
)

// widenSqueezed gives words without a width of their own a part of the word
// before: its punctuation, or a share by their letters.
func widenSqueezed(words []tokenWord) {
	for i := 1; i < len(words); i++ {
		before, w := words[i-1], &words[i]
		width := w.toMS - before.fromMS
		if before.fromMS < 0 || w.toMS-w.fromMS > squeezedMS || width < stretchedMS {
			continue
		}

		if before.lettersEndMS >= 0 && before.lettersEndMS < w.fromMS-squeezedMS {
			w.fromMS = before.lettersEndMS
			continue
		}

		letters, all := utf8.RuneCount(before.text), utf8.RuneCount(before.text)+utf8.RuneCount(w.text)
		w.fromMS = before.fromMS + width*int64(letters)/int64(all)
	}
}

// whisperResult makes words with times of tokens.
func whisperResult(r libwhisper.Result, pcm []byte, delayMS int64) engineResult {
	lengthMS := int64(len(pcm)) / 2 * 1000 / Rate
	words := timeWords(joinTokens(r), quietRanges(pcm), lengthMS, delayMS)
	return engineResult{language: r.Language, words: words, utterances: splitUtterances(words)}
}

// joinTokens makes words of tokens, whose bytes may be parts of characters. A
// token that begins with a space begins a word.
func joinTokens(r libwhisper.Result) (words []tokenWord) {
	before := int64(unknownTime)
	for _, t := range r.Tokens {
		if len(words) == 0 || bytes.HasPrefix(t.Text, []byte(" ")) {
			words = append(words, tokenWord{fromMS: before, toMS: t.EndMS, lettersEndMS: unknownTime})
		}

		w := &words[len(words)-1]
		w.text = append(w.text, t.Text...)
		w.sum += float64(t.P)
		w.tokens++
		before = t.EndMS
		if bytes.ContainsFunc(t.Text, func(r rune) bool { return !unicode.IsPunct(r) && r != ' ' }) {
			w.lettersEndMS = t.EndMS
		}
	}

	widenSqueezed(words)
	return words
}

// timeWords gives words their times, which never go back.
func timeWords(words []tokenWord, quiet []quietRange, lengthMS, delayMS int64) []tidings.Word {
	var out []tidings.Word
	var at int64
	for _, w := range words {
		text := strings.TrimSpace(strings.ToValidUTF8(string(w.text), ""))
		if text == "" {
			continue
		}
		p := w.sum / float64(w.tokens)
		at = min(max(w.startMS(quiet, delayMS), at), lengthMS)
		out = append(out, tidings.Word{Text: text, StartMS: at, P: &p})
	}

	for i := range out {
		next := lengthMS
		if i+1 < len(out) {
			next = out[i+1].StartMS
		}
		out[i].EndMS = wordEnd(out[i], quiet, next)
	}

	return out
}

// startMS is when the word begins.
func (w tokenWord) startMS(quiet []quietRange, delayMS int64) int64 {
	from := max(0, w.fromMS)
	if pause, ok := longestBetween(quiet, from-pauseNearMS, w.toMS); ok {
		return max(0, pause.endMS-onsetMS)
	}

	if w.fromMS == unknownTime {
		return max(0, w.toMS-firstDelayMS)
	}

	return max(0, from+delayMS)
}

// wordEnd is when a word ends: where the pause before the next one begins, or
// when the next one begins.
func wordEnd(w tidings.Word, quiet []quietRange, nextMS int64) int64 {
	end := min(nextMS, w.StartMS+wordMS+letterMS*int64(utf8.RuneCountInString(w.Text)))
	for _, q := range quiet {
		if q.startMS >= w.StartMS+shortestWord && q.startMS < end && q.endMS >= nextMS-pauseAtNextMS {
			return q.startMS
		}
	}
	return max(w.StartMS, end)
}

// maxUtteranceMS is how long an utterance is at most when a sentence can be
// divided.
const maxUtteranceMS = 12_000

// splitUtterances makes an utterance of each sentence. Long ones are divided at a
// comma or a pause near their middle.
func splitUtterances(words []tidings.Word) (out []utterance) {
	from := 0
	for i := range words {
		if i+1 == len(words) || endsSentence(words[i].Text, words[i+1].Text) {
			out = append(out, divideSentence(words[from:i+1])...)
			from = i + 1
		}
	}
	return out
}

// abbreviations end with a full stop that ends no sentence.
var abbreviations = map[string]bool{"mr.": true, "mrs.": true, "ms.": true, "dr.": true, "st.": true, "prof.": true, "vs.": true, "e.g.": true, "i.e.": true, "no.": true}

// endsSentence reports whether a word is the last one of its sentence.
func endsSentence(word, next string) bool {
	word = strings.TrimRight(word, `"'”’»)]`)
	last, _ := utf8.DecodeLastRuneInString(word)
	if !strings.ContainsRune(".?!…。？！।؟", last) || abbreviations[strings.ToLower(word)] {
		return false
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(next, `"'“‘«([¿¡-–— `))
	return last != '.' || !unicode.IsLower(first)
}

// divideSentence makes utterances of one sentence.
func divideSentence(words []tidings.Word) []utterance {
	from, to := words[0].StartMS, words[len(words)-1].EndMS
	if at := dividePoint(words); to-from > maxUtteranceMS && at > 0 {
		return append(divideSentence(words[:at]), divideSentence(words[at:])...)
	}

	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}

	return []utterance{{startMS: from, endMS: max(to, from+1), text: strings.Join(texts, " ")}}
}

// dividePoint is the word with which the second half of a sentence begins: after
// the comma or the pause that is nearest to its middle; 0 = none.
func dividePoint(words []tidings.Word) (at int) {
	middle := (words[0].StartMS + words[len(words)-1].EndMS) / 2
	best := int64(-1)
	for i := 1; i < len(words); i++ {
		gap := words[i].StartMS - words[i-1].EndMS
		if !strings.ContainsAny(words[i-1].Text[len(words[i-1].Text)-1:], ",;:") && gap < minQuietMS {
			continue
		}
		off := max(words[i].StartMS-middle, middle-words[i].StartMS)
		if best < 0 || off < best {
			at, best = i, off
		}
	}
	return at
}
