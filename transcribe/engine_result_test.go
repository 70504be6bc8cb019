package transcribe

import (
	"fmt"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// formatSegments formats segments on one line: "start-end word …", estimated
// words with "~".
func formatSegments(segs []tidings.TranscriptSegment) string {
	var out []string
	for _, s := range segs {
		var words []string
		for _, w := range s.Words {
			mark := ""
			if w.Estimated {
				mark = "~"
			}
			words = append(words, fmt.Sprintf("%s%s@%d-%d", mark, w.Text, w.StartMS, w.EndMS))
		}

		out = append(out, strings.Join(words, " "))
	}

	return strings.Join(out, " | ")
}

// TestEngineResult: whatever the format of an engine's output, words get their
// times, within the piece (of 10 s, which begins at 1000 ms).
func TestEngineResult(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"words, punctuation from the text": {`{"text":"","segments":[{"start":0,"end":2,"text":" Hello, world."}],
			"words":[{"word":"Hello","start":0.1,"end":0.5},{"word":"world","start":0.6,"end":1}]}`, "Hello,@1100-1500 world.@1600-2000"},
		"words of each segment": {`{"segments":[{"start":0,"end":1,"text":"a","words":[{"word":" a","start":0.2,"end":0.4,"probability":0.5}]},
			{"start":1,"end":2,"text":"b","words":[{"word":" b","start":1.2,"end":1.4,"probability":7}]}]}`, "a@1200-1400 | b@2200-2400"},
		"a number is written otherwise": {`{"segments":[{"start":0,"end":3,"text":"in 20 days"}],
			"words":[{"word":"in","start":0,"end":0.5},{"word":"twenty","start":0.5,"end":1},{"word":"days","start":1,"end":2}]}`, "in@1000-1500 20@1500-2000 days@2000-3000"},
		"more heard than written": {`{"segments":[{"start":0,"end":3,"text":"don't go"}],
			"words":[{"word":"do","start":0,"end":0.2},{"word":"n't","start":0.2,"end":0.5},{"word":"go","start":1,"end":2}]}`, "~don't@1000-1500 go@2000-3000"},
		"written but not heard": {`{"segments":[{"start":0,"end":3,"text":"a bb c"}],"words":[{"word":"a","start":0,"end":0.5},{"word":"c","start":1,"end":2}]}`,
			"a@1000-1500 ~bb@1500-2000 c@2000-3000"},
		"segments only":      {`{"text":"x","segments":[{"start":1,"end":2,"text":"a bbb"}]}`, "~a@2000-2250 ~bbb@2250-3000"},
		"text only":          {`{"text":"ab cd"}`, "~ab@1000-6000 ~cd@6000-11000"},
		"past the end":       {`{"segments":[{"start":9,"end":99,"text":"a b"}]}`, "~a@10000-10500 ~b@10500-11000"},
		"made up":            {`{"segments":[{"start":0,"end":1,"text":"Thank you.","no_speech_prob":0.9,"avg_logprob":-1.2}]}`, ""},
		"made up with words": {`{"segments":[{"start":0,"end":1,"text":"Thank you.","no_speech_prob":0.9,"avg_logprob":-1.2}],"words":[{"word":"Thank","start":0,"end":1}]}`, ""},
		"unsure":             {`{"segments":[{"start":0,"end":1,"text":"a","no_speech_prob":0.9,"avg_logprob":-0.5}]}`, "~a@1000-2000"},
		"a remark":           {`{"segments":[{"start":0,"end":1,"text":" [BLANK_AUDIO]"},{"start":1,"end":2,"text":"(a) b"},{"start":2,"end":3,"text":"♪♪"}]}`, "~(a)@2000-2750 ~b@2750-3000"},
		"whisper.cpp -ojf": {`{"result":{"language":"en"},"transcription":[{"offsets":{"from":0,"to":2000},"text":" And, so","tokens":[
			{"text":"[_BEG_]","offsets":{"from":0,"to":0},"p":0.9},{"text":" An","offsets":{"from":100,"to":200},"p":0.9},{"text":"d","offsets":{"from":200,"to":300},"p":0.4},
			{"text":",","offsets":{"from":300,"to":310},"p":0.8},{"text":" so","offsets":{"from":400,"to":600},"p":0.9},{"text":"[_TT_100]","offsets":{"from":600,"to":600},"p":0.1}]}]}`,
			"And,@1100-1310 so@1400-1600"},
		"whisper.cpp -oj":             {`{"result":{"language":"en"},"transcription":[{"offsets":{"from":500,"to":1500},"text":" ab cd"}]}`, "~ab@1500-2000 ~cd@2000-2500"},
		"ours":                        {`{"language":"de","segments":[{"start_ms":0,"end_ms":900,"text":"ja","words":[{"start_ms":100,"end_ms":300,"text":"ja","p":0.5}]}]}`, "ja@1100-1300"},
		"times go back":               {`{"segments":[{"start":3,"end":1,"text":"a"}]}`, "~a@4000-11000"},
		"nothing":                     {`{"text":"","segments":[]}`, ""},
		"empty segments, a text":      {`{"text":"a bb","segments":[],"words":[{"word":"a","start":0,"end":1},{"word":"bb","start":2,"end":3}]}`, "a@1000-2000 bb@3000-4000"},
		"segments without text":       {`{"text":"a","segments":[{"start":0,"end":1,"text":""}]}`, "~a@1000-11000"},
		"empty text, words":           {`{"text":"","segments":[],"words":[{"word":" a","start":0,"end":1},{"word":" b","start":2,"end":3}]}`, "a@1000-2000 b@3000-4000"},
		"empty transcription, a text": {`{"text":"a","transcription":[]}`, "~a@1000-11000"},
		"empty text of a segment":     {`{"segments":[{"start":0,"end":1,"text":"","words":[{"word":"a","start":0,"end":1}]}]}`, "a@1000-2000"},
		"made up, and in the text":    {`{"text":"Thank you.","segments":[{"start":0,"end":1,"text":"Thank you.","no_speech_prob":0.9,"avg_logprob":-1.2}]}`, ""},
		"beyond the end":              {`{"text":"a Thanks!","segments":[{"start":0,"end":1,"text":"a"},{"start":99,"end":100,"text":"Thanks!"}],"words":[{"word":"a","start":0,"end":1},{"word":"Thanks","start":99,"end":100}]}`, "a@1000-2000"},
		"at the end":                  {`{"segments":[{"start":0,"end":10,"text":"a"},{"start":10,"end":11,"text":"Thanks!"}]}`, "~a@1000-11000"},
		"words beyond the end":        {`{"segments":[{"start":0,"end":10,"text":"a b"}],"words":[{"word":"a","start":0,"end":1},{"word":"b","start":99,"end":100}]}`, "a@1000-2000 ~b@2000-11000"},
		"rounded beyond the end":      {`{"segments":[{"start":9,"end":10.02,"text":"a"}],"words":[{"word":"a","start":9,"end":10.02}]}`, "a@10000-11000"},
		"no end":                      {`{"segments":[{"start":0,"end":null,"text":"a"},{"start":4,"text":"b"}]}`, "~a@1000-5000 | ~b@5000-11000"},
		"no times":                    {`{"segments":[{"start":null,"end":null,"text":"a"},{"text":"bbb"},{"start":8,"end":9,"text":"c"}]}`, "~a@1000-3000 | ~bbb@3000-9000 | ~c@9000-10000"},
		"times before the beginning":  {`{"segments":[{"start":-5,"end":-1,"text":"a"},{"start":4,"end":5,"text":"b"}]}`, "~a@1000-5000 | ~b@5000-6000"},
		"times as text":               {`{"segments":[{"start":"0.5","end":" 1 ","text":"a"}]}`, "~a@1500-2000"},
		"numbers that are not finite": {`{"duration":Infinity,"segments":[{"start":0,"end":1,"text":"NaN \"Infinity","avg_logprob":-Infinity,"no_speech_prob":NaN}]}`, "~NaN@1000-1250 ~\"Infinity@1250-2000"},
		"a numbered speaker":          {`{"segments":[{"start":0,"end":1,"text":"a","speaker":1}]}`, "~a@1000-2000"},
		"a byte order mark":           {"\uFEFF" + `{"text":"a"}`, "~a@1000-11000"},
		"segments are texts":          {`{"text":"a b","segments":["a","b"]}`, "~a@1000-6000 ~b@6000-11000"},
		"one segment is a text":       {`{"text":"a b","segments":[{"start":0,"end":1,"text":"a"},"b"]}`, "~a@1000-6000 ~b@6000-11000"},
		"segments are an object":      {`{"text":"a","segments":{"0":{"text":"b"}}}`, "~a@1000-11000"},
		"other fields of other types": {`{"text":"a","result":"ok","language":7,"words":"none","error":""}`, "~a@1000-11000"},
		"an empty error":              {`{"text":"a","error":{}}`, "~a@1000-11000"},
		"out of order":                {`{"segments":[{"start":4,"end":5,"text":"b","words":[{"word":"b","start":4,"end":5}]},{"start":1,"end":2,"text":"a","words":[{"word":"a","start":1,"end":2}]}]}`, "a@2000-3000 | b@5000-6000"},
	} {
		h, err := parseSpeechJSON([]byte(c.in), 10_000)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := formatSegments(h.placeWords(timesFrom(1_000, 10_000))); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}

	for _, bad := range []string{``, `[]`, `{}`, `{"error":{"message":"no"}}`, `{"error":"no"}`, `{"text":"a","error":"no"}`, `{"text":1}`, `{"text":null}`, `{"segments":7}`, `{"segments":["a"]}`} {
		if h, err := parseSpeechJSON([]byte(bad), 10_000); err == nil {
			t.Errorf("%s: taken for %+v", bad, h)
		}
	}
}

// FuzzEngineResult: no output makes times that leave the piece or go back.
func FuzzEngineResult(f *testing.F) {
	f.Add([]byte(`{"segments":[{"start":1e300,"end":-5,"text":"a b","words":[{"word":"b","start":0,"end":1}]}],"words":[]}`))
	f.Add([]byte(`{"transcription":[{"offsets":{"from":-1,"to":9e18},"text":"x","tokens":[{"text":" \ufffd","offsets":{"from":5,"to":4},"p":2}]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, err := parseSpeechJSON(in, 5_000)
		if err != nil {
			return
		}

		o := orderedSink{sink: func(s tidings.TranscriptSegment) error {
			if s.Text == "" || s.EndMS <= s.StartMS {
				t.Errorf("%+v", s)
			}
			return nil
		}}
		for _, s := range h.placeWords(timesFrom(700, 5_000)) {
			for _, w := range s.Words {
				if w.StartMS < 700 || w.EndMS > 5_700 {
					t.Errorf("%+v", w)
				}
			}

			if err := o.emitSegments([]tidings.TranscriptSegment{s}); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestStitch: of two pieces that share the sound from 10 to 12 s no word is lost
// and none appears twice.
func TestStitch(t *testing.T) {
	say := func(at int64, text string) []tidings.TranscriptSegment {
		h := engineResult{utterances: []utterance{{startMS: 0, endMS: 1, text: text}}}
		for i, f := range strings.Fields(text) {
			h.words = append(h.words, tidings.Word{StartMS: at + int64(i)*500, EndMS: at + int64(i)*500 + 400, Text: f})
		}
		return h.placeWords(timesFrom(0, 100_000))
	}

	text := func(segs []tidings.TranscriptSegment) string {
		var all []string
		for _, s := range segs {
			all = append(all, s.Text)
		}
		return strings.Join(all, " ")
	}
	for name, c := range map[string]struct {
		a, b []tidings.TranscriptSegment
		want string
	}{
		"the same words":         {say(9_000, "x y one two three four"), say(10_000, "one two three four five six"), "x y one two three four five six"},
		"a half word at a seam":  {say(9_000, "x y one two thr"), say(10_000, "one two three four"), "x y one two three four"},
		"a half word at both":    {say(9_000, "x y one two thr"), say(9_900, "ne two three four"), "x y one two three four"},
		"a little later":         {say(9_000, "x y one two three"), say(10_300, "One, two, three, four"), "x y one two, three, four"},
		"nothing in common":      {say(10_000, "a b c d"), say(10_000, "e f g h"), "a b g h"},
		"the same word, far off": {say(9_000, "the b c d e"), say(11_500, "the z"), "the b c d the z"},
		"silence before":         {nil, say(11_500, "y z"), "y z"},
		"silence after":          {say(8_000, "a b"), nil, "a b"},
	} {
		before, after := stitchSegments(c.a, c.b, 10_000, 12_000)
		if got := text(append(before, after...)); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

func TestLanguageCode(t *testing.T) {
	for in, want := range map[string]string{"english": "en", "German": "de", "en": "en", "pt-BR": "pt-br", "yue": "yue", "unknown": "", "auto": "", "": "", "no such language": "", "yoruba": "yo", "afrikaans": "af"} {
		if got := languageCode(in); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
}

// timesFrom is the conversion of times in a piece without cut pauses.
func timesFrom(startMS, lengthMS int64) timeMap {
	return timeMap{{start: startMS * Rate / 1000, length: lengthMS * Rate / 1000}}
}
