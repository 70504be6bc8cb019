package transcribe

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/libwhisper"
)

// tokens are tokens of text with the ends of their alignment.
func tokens(parts ...any) (out libwhisper.Result) {
	for i := 0; i < len(parts); i += 2 {
		out.Tokens = append(out.Tokens, libwhisper.Token{Text: []byte(parts[i].(string)), EndMS: int64(parts[i+1].(int)), P: 0.5})
	}
	return out
}

// TestWhisperWords: tokens become words, also when a character is divided, with
// times that never go back.
func TestWhisperWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		result libwhisper.Result
		quiet  []quietRange
		want   string
	}{
		"after the word before":    {tokens(" It", 500, " was", 700, " so", 900), nil, "It 300-550 was 550-750 so 750-1450"},
		"parts and punctuation":    {tokens(" inc", 400, "red", 500, "ulity", 900, ",", 1200, " it", 1400), nil, "incredulity, 200-1250 it 1250-1950"},
		"a divided character":      {tokens(" sch\xc3", 400, "\xb6n", 500, " \xe2", 600, "\x82", 700, "\xac", 800), nil, "schön 200-550 € 550-1150"},
		"a broken character":       {tokens(" a\xff", 400, " \xfe", 500, " b", 600), nil, "a 200-550 b 550-1150"},
		"a pause":                  {tokens(" not", 800, " what", 2500), []quietRange{{0, 500}, {1000, 2100}}, "not 480-1000 what 2080-2980"},
		"the longest pause":        {tokens(" a", 500, " b", 2000), []quietRange{{600, 700}, {900, 1500}, {1600, 1700}}, "a 300-900 b 1480-2080"},
		"a pause after the end":    {tokens(" end.", 1200), []quietRange{{1500, 3000}}, "end. 1000-1500"},
		"times that go back":       {tokens(" a", 2000, " b", 900, " c", 2500), nil, "a 1800-2050 b 2050-2050 c 2050-2650"},
		"a squeezed word":          {tokens(" best", 500, " of", 1500, " times", 1500, " it", 1700), nil, "best 300-550 of 550-883 times 883-1550 it 1550-2250"},
		"squeezed by a comma":      {tokens(" can", 400, " you", 500, ",", 2000, " ask", 2000), []quietRange{{700, 1800}}, "can 200-450 you, 450-700 ask 1780-2580"},
		"unknown times":            {tokens(" a", -1, " b", -1, " c", 900), nil, "a 0-0 b 0-600 c 700-1300"},
		"beyond the end":           {tokens(" a", 2900, " b", 9000, " c", 9900), nil, "a 2700-2950 b 2950-3000 c 3000-3000"},
		"without spaces":           {tokens("今", 500, "日", 700, "は", 900), nil, "今日は 300-1100"},
		"nothing":                  {libwhisper.Result{}, nil, ""},
		"a word without end of it": {tokens(" a", 500), nil, "a 300-900"},
	} {
		var got []string
		for _, w := range timeWords(joinTokens(c.result), c.quiet, 3000, 50) {
			if w.P == nil || *w.P != 0.5 {
				t.Errorf("%s: the probability of %q", name, w.Text)
			}
			got = append(got, fmt.Sprintf("%s %d-%d", w.Text, w.StartMS, w.EndMS))
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// TestQuietRanges: pauses are found above the noise of a room and in digital
// silence, and gaps within words are not.
func TestQuietRanges(t *testing.T) {
	t.Parallel()
	sound := func(noise float64, parts ...int) (pcm []byte) { // ms of speech, pause, speech …
		seed := uint32(1)
		for i, ms := range parts {
			level := noise
			if i%2 == 0 {
				level = 8000
			}
			for n := range ms * Rate / 1000 {
				seed = seed*1664525 + 1013904223
				v := level * math.Sin(float64(n)) * (0.5 + float64(seed>>16)/65536)
				pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(v)))
			}
		}
		return pcm
	}

	for name, c := range map[string]struct {
		pcm  []byte
		want string
	}{
		"digital silence": {sound(0, 500, 300, 500, 200, 500), "[{500 800} {1300 1500}]"},
		"a quiet room":    {sound(30, 500, 300, 500, 200, 500), "[{500 800} {1300 1500}]"},
		"a loud room":     {sound(600, 500, 300, 500, 200, 500), "[{500 800} {1300 1500}]"},
		"cut-out silence": {append(sound(600, 500, 300, 500, 300), make([]byte, Rate*2)...), "[{500 800} {1300 2600}]"},
		"nothing but it":  {make([]byte, Rate), "[{0 500}]"},
		"within a word":   {sound(0, 500, 80, 500), "[]"},
		"no pause":        {sound(0, 1000), "[]"},
		"at both ends":    {sound(0, 0, 400, 500, 400), "[{0 400} {900 1300}]"},
		"nothing":         {nil, "[]"},
	} {
		if got := fmt.Sprint(quietRanges(c.pcm)); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// TestUtterances: a row is a sentence, and a long one is divided at a comma.
func TestUtterances(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hello there. How are you? Fine!":               "Hello there. | How are you? | Fine!",
		"Mr. Smith paid 3.50 to Dr. Jones.":             "Mr. Smith paid 3.50 to Dr. Jones.",
		"He said \"Go.\" Then he went.":                 "He said \"Go.\" | Then he went.",
		"well... maybe so":                              "well... maybe so",
		"今日は。 明日も。":                                     "今日は。 | 明日も。",
		"one two three, four five six seven.":           "one two three, four five six seven.",
		"a b c d e f g h i j k l, m n o p q r s t u v.": "a b c d e f g h i j k l, | m n o p q r s t u v.",
		"": "",
	} {
		var words []tidings.Word
		for i, f := range strings.Fields(text) {
			words = append(words, tidings.Word{Text: f, StartMS: int64(i) * 600, EndMS: int64(i+1) * 600})
		}
		var got []string
		for _, u := range splitUtterances(words) {
			if u.endMS <= u.startMS {
				t.Errorf("%+v", u)
			}
			got = append(got, u.text)
		}
		if got := strings.Join(got, " | "); got != want {
			t.Errorf("%s: %s, not %s", text, got, want)
		}
	}
}
