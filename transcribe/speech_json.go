package transcribe

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/captions"
)

// speechJSON is the union of the JSON formats of speech engines:
//   - verbose_json of OpenAI's API, and the files of Whisper's own program and
//     its derivatives: text, language, segments, words (of the file, or of each
//     segment), in seconds;
//   - whisper.cpp's -oj and -ojf: transcription, with tokens, in ms;
//   - ours, as transcripts are exported: segments with words, in ms.
//
// Servers and programs imitate these formats, so a field of another type than it
// should have counts as missing, and costs no other field.
type speechJSON struct {
	Language looseText `json:"language"`
	Result   struct {
		Language looseText `json:"language"`
	} `json:"result"`
	Text          looseText                    `json:"text"`
	Segments      looseList[jsonSegment]       `json:"segments"`
	Words         looseList[jsonWord]          `json:"words"`
	Transcription looseList[whisperCPPSegment] `json:"transcription"`
	Error         errorMessage                 `json:"error"`
}

type jsonSegment struct {
	Text         looseText           `json:"text"`
	Speaker      looseName           `json:"speaker"`
	Start        looseNumber         `json:"start"`
	End          looseNumber         `json:"end"`
	StartMS      looseNumber         `json:"start_ms"`
	EndMS        looseNumber         `json:"end_ms"`
	AvgLogprob   looseNumber         `json:"avg_logprob"`
	NoSpeechProb looseNumber         `json:"no_speech_prob"`
	Words        looseList[jsonWord] `json:"words"`
}

type jsonWord struct {
	Word        looseText   `json:"word"`
	Text        looseText   `json:"text"`
	Start       looseNumber `json:"start"`
	End         looseNumber `json:"end"`
	StartMS     looseNumber `json:"start_ms"`
	EndMS       looseNumber `json:"end_ms"`
	Probability looseNumber `json:"probability"`
	P           looseNumber `json:"p"`
}

type whisperCPPSegment struct {
	Offsets jsonOffsets                `json:"offsets"`
	Text    looseText                  `json:"text"`
	Tokens  looseList[whisperCPPToken] `json:"tokens"`
}

type whisperCPPToken struct {
	Text    looseText    `json:"text"`
	Offsets *jsonOffsets `json:"offsets"`
	P       looseNumber  `json:"p"`
}

type jsonOffsets struct{ From, To looseNumber }

// Whisper reports for each segment the probability that it contains no speech. A
// segment beyond both thresholds is most likely a hallucination (Radford et al.
// 2022, section 4.5).
const (
	noSpeechAbove = 0.6
	logprobBelow  = -1.0
)

// parseSpeechJSON parses an engine's output for a piece of lengthMS ms.
func parseSpeechJSON(b []byte, lengthMS int64) (engineResult, error) {
	var in speechJSON
	if err := unmarshalLoosely(cleanJSON(b), &in); err != nil {
		return engineResult{}, err
	}

	h := engineResult{language: cmp.Or(in.Language.text, in.Result.Language.text)}
	switch {
	case in.Error != "":
		return h, errors.New("the engine says: " + captions.Excerpt(string(in.Error)))
	case len(in.Transcription.items) > 0:
		h.addWhisperCPP(in.Transcription.items)
	default:
		h.addSegments(in.Segments.items)
	}

	h.partial = in.Segments.unreadable || in.Transcription.unreadable
	if !h.hasText() && !h.suppressed || h.partial && strings.TrimSpace(in.Text.text) != "" {
		h.useText(in)
	}
	if len(h.words) == 0 && len(h.utterances) > 0 {
		h.addWords(in.Words.items)
	}

	if !h.hasText() && (h.partial || !in.Text.given && !in.Segments.given && !in.Transcription.given) {
		return h, errors.New("there is neither text nor segments nor a transcription in it")
	}

	h.settleTimes(lengthMS)
	return h, nil
}

// hasText reports whether there is anything to read in the result.
func (h *engineResult) hasText() bool {
	return slices.ContainsFunc(h.utterances, func(u utterance) bool { return strings.TrimSpace(u.text) != "" })
}

// useText takes the text of the whole, or else that of the words, in place of
// segments that say nothing: an empty field does not outweigh another one.
func (h *engineResult) useText(in speechJSON) {
	text := in.Text.text
	if strings.TrimSpace(text) == "" {
		text = joinWords(in.Words.items)
	}
	h.utterances = []utterance{{startMS: unknownTime, endMS: unknownTime, text: text}}
}

// joinWords is the text of words, which some engines write with the spaces
// between them.
func joinWords(words []jsonWord) string {
	var all []string
	spaced := false
	for _, w := range words {
		text := w.Word.text + w.Text.text
		spaced = spaced || strings.HasPrefix(text, " ")
		all = append(all, text)
	}
	if spaced {
		return strings.TrimSpace(strings.Join(all, ""))
	}
	return strings.Join(all, " ")
}

func (h *engineResult) addSegments(segments []jsonSegment) {
	for _, s := range segments {
		if s.isHallucinated() {
			h.suppressed = true
			continue
		}

		start, end := parseTimes(s.Start, s.End, s.StartMS, s.EndMS)
		text := s.Text.text
		if strings.TrimSpace(text) == "" {
			text = joinWords(s.Words.items)
		}

		h.utterances = append(h.utterances, utterance{startMS: start, endMS: end, text: text, speaker: string(s.Speaker)})
		h.addWords(s.Words.items)
	}
}

// isHallucinated reports whether the segment is most likely a hallucination.
func (s jsonSegment) isHallucinated() bool {
	return s.NoSpeechProb.given && s.AvgLogprob.given && s.NoSpeechProb.value > noSpeechAbove && s.AvgLogprob.value < logprobBelow
}

// addWords adds the words that have times.
func (h *engineResult) addWords(words []jsonWord) {
	for _, w := range words {
		start, end := parseTimes(w.Start, w.End, w.StartMS, w.EndMS)
		text := strings.TrimSpace(w.Word.text + w.Text.text)
		if start == unknownTime || end < start || text == "" {
			continue
		}

		p := w.Probability
		if !p.given {
			p = w.P
		}

		h.words = append(h.words, tidings.Word{StartMS: start, EndMS: end, Text: text, P: p.pointerOrNil()})
	}
}

// addWhisperCPP joins tokens to words: a token that begins with a space begins a
// word. Tokens such as [_BEG_] are markers of the model.
func (h *engineResult) addWhisperCPP(all []whisperCPPSegment) {
	for _, s := range all {
		start, end := s.Offsets.parseOffsets()
		h.utterances = append(h.utterances, utterance{startMS: start, endMS: end, text: s.Text.text})
		open := false
		for _, t := range s.Tokens.items {
			if t.Offsets == nil || strings.HasPrefix(t.Text.text, "[_") || t.Text.text == "" {
				continue
			}

			start, end := t.Offsets.parseOffsets()
			if start == unknownTime {
				continue
			}

			if last := len(h.words) - 1; open && !strings.HasPrefix(t.Text.text, " ") {
				h.words[last] = extendWord(h.words[last], t, end)
				continue
			}

			if text := strings.TrimSpace(t.Text.text); text != "" {
				h.words = append(h.words, tidings.Word{StartMS: start, EndMS: max(start, end), Text: text, P: t.P.pointerOrNil()})
				open = true
			}
		}
	}
}

// extendWord is a word with one more token. Its probability is that of its least
// likely token.
func extendWord(w tidings.Word, t whisperCPPToken, end int64) tidings.Word {
	w.Text, w.EndMS = w.Text+t.Text.text, max(w.EndMS, end)
	if w.P != nil && t.P.given && t.P.value < *w.P {
		w.P = t.P.pointerOrNil()
	}
	return w
}

// parseOffsets are the times of offsets in ms.
func (o jsonOffsets) parseOffsets() (from, to int64) {
	return parseTimes(looseNumber{}, looseNumber{}, o.From, o.To)
}

// parseTimes are the times of a segment or word, in whichever unit they are
// given; unknownTime for those that are missing or before the beginning.
func parseTimes(start, end, startMS, endMS looseNumber) (from, to int64) {
	return parseTime(start, startMS), parseTime(end, endMS)
}

func parseTime(seconds, ms looseNumber) int64 {
	switch {
	case seconds.given && seconds.value >= 0:
		return secondsToMS(seconds.value)
	case ms.given && ms.value >= 0:
		return secondsToMS(ms.value / 1000)
	}
	return unknownTime
}
