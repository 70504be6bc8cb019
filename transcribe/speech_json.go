package transcribe

import (
	"encoding/json"
	"errors"
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
type speechJSON struct {
	Language string `json:"language"`
	Result   struct {
		Language string `json:"language"`
	} `json:"result"`
	Text          *string             `json:"text"`
	Segments      []jsonSegment       `json:"segments"`
	Words         []jsonWord          `json:"words"`
	Transcription []whisperCPPSegment `json:"transcription"`
	Error         *errorMessage       `json:"error"`
}

type jsonSegment struct {
	Text         string     `json:"text"`
	Speaker      string     `json:"speaker"`
	Start        *float64   `json:"start"`
	End          *float64   `json:"end"`
	StartMS      *float64   `json:"start_ms"`
	EndMS        *float64   `json:"end_ms"`
	AvgLogprob   *float64   `json:"avg_logprob"`
	NoSpeechProb *float64   `json:"no_speech_prob"`
	Words        []jsonWord `json:"words"`
}

type jsonWord struct {
	Word        string   `json:"word"`
	Text        string   `json:"text"`
	Start       *float64 `json:"start"`
	End         *float64 `json:"end"`
	StartMS     *float64 `json:"start_ms"`
	EndMS       *float64 `json:"end_ms"`
	Probability *float64 `json:"probability"`
	P           *float64 `json:"p"`
}

type whisperCPPSegment struct {
	Offsets jsonOffsets `json:"offsets"`
	Text    string      `json:"text"`
	Tokens  []struct {
		Text    string       `json:"text"`
		Offsets *jsonOffsets `json:"offsets"`
		P       *float64     `json:"p"`
	} `json:"tokens"`
}

type jsonOffsets struct{ From, To float64 }

// errorMessage is an engine's error: {"message": …}, or a string.
type errorMessage string

// UnmarshalJSON implements json.Unmarshaler.
func (e *errorMessage) UnmarshalJSON(b []byte) error {
	var long struct{ Message string }
	var short string
	if json.Unmarshal(b, &long) == nil {
		short = long.Message
	} else if err := json.Unmarshal(b, &short); err != nil {
		return err
	}
	*e = errorMessage(short)
	return nil
}

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
	if err := json.Unmarshal(b, &in); err != nil {
		return engineResult{}, err
	}

	h := engineResult{language: in.Language}
	switch {
	case in.Error != nil:
		return h, errors.New("the engine says: " + captions.Excerpt(string(*in.Error)))
	case in.Transcription != nil:
		h.language = in.Result.Language
		h.addWhisperCPP(in.Transcription)
		return h, nil
	case in.Segments != nil:
		return h, h.addSegments(in)
	case in.Text != nil:
		h.utterances = []utterance{{startMS: 0, endMS: lengthMS, text: *in.Text}}
		h.addWords(in.Words)
		return h, nil
	}

	return h, errors.New("there is neither text nor segments nor a transcription in it")
}

func (h *engineResult) addSegments(in speechJSON) error {
	spoken := 0
	for _, s := range in.Segments {
		if s.NoSpeechProb != nil && s.AvgLogprob != nil && *s.NoSpeechProb > noSpeechAbove && *s.AvgLogprob < logprobBelow {
			continue
		}

		start, end, ok := parseTimes(s.Start, s.End, s.StartMS, s.EndMS)
		if !ok {
			return errors.New("a segment has no times")
		}

		h.utterances = append(h.utterances, utterance{startMS: start, endMS: end, text: s.Text, speaker: s.Speaker})
		h.addWords(s.Words)
		spoken++
	}

	if len(h.words) == 0 && spoken > 0 {
		h.addWords(in.Words)
	}

	return nil
}

func (h *engineResult) addWords(words []jsonWord) {
	for _, w := range words {
		start, end, ok := parseTimes(w.Start, w.End, w.StartMS, w.EndMS)
		text := strings.TrimSpace(w.Word + w.Text)
		if !ok || text == "" {
			continue
		}

		p := w.Probability
		if p == nil {
			p = w.P
		}

		h.words = append(h.words, tidings.Word{StartMS: start, EndMS: end, Text: text, P: p})
	}
}

// addWhisperCPP joins tokens to words: a token that begins with a space begins a
// word. Tokens such as [_BEG_] are markers of the model.
func (h *engineResult) addWhisperCPP(all []whisperCPPSegment) {
	for _, s := range all {
		h.utterances = append(h.utterances, utterance{startMS: secondsToMS(s.Offsets.From / 1000), endMS: secondsToMS(max(s.Offsets.From, s.Offsets.To) / 1000), text: s.Text})
		open := false
		for _, t := range s.Tokens {
			if t.Offsets == nil || strings.HasPrefix(t.Text, "[_") || t.Text == "" {
				continue
			}

			start, end := secondsToMS(t.Offsets.From/1000), secondsToMS(max(t.Offsets.From, t.Offsets.To)/1000)
			if last := len(h.words) - 1; open && !strings.HasPrefix(t.Text, " ") {
				w := &h.words[last]
				w.Text, w.EndMS = w.Text+t.Text, max(w.EndMS, end)
				if w.P != nil && t.P != nil && *t.P < *w.P { // the probability of a word is that of its least likely token
					w.P = t.P
				}
				continue
			}

			if text := strings.TrimSpace(t.Text); text != "" {
				h.words = append(h.words, tidings.Word{StartMS: start, EndMS: end, Text: text, P: t.P})
				open = true
			}
		}
	}
}

// parseTimes are the times of a segment or word, in whichever unit they are
// given.
func parseTimes(start, end, startMS, endMS *float64) (from, to int64, ok bool) {
	switch {
	case start != nil && end != nil:
		from, to = secondsToMS(*start), secondsToMS(*end)
	case startMS != nil && endMS != nil:
		from, to = secondsToMS(*startMS/1000), secondsToMS(*endMS/1000)
	default:
		return 0, 0, false
	}
	return from, max(from, to), true
}
