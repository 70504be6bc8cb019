package transcribe_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// conversation is two people who take turns, each with samples of their own,
// which are equally long.
type conversation struct {
	sides [2][]int16
	words []spokenWord
}

// spokenWord is a word, who says it (0 or 1), when, and whether it begins a turn.
type spokenWord struct {
	word    string
	side    int
	startMS int64
	turn    bool
}

// joinConversation makes a conversation of two recordings: twelve turns with
// hardly a pause between them.
func joinConversation(t testing.TB) *conversation {
	t.Helper()
	const lead = 80 // ms of a turn before its first word
	files := [2]string{"two_cities.wav", "jfk.wav"}
	cuts := [2][]int64{{1190, 5030, 8820, 13480, 17570, 21250, 24650}, {310, 3270, 8170, 10_920}} // where clauses begin
	starts, sound := referenceStarts(t), [2][]int16{}
	for side, file := range files {
		pcm := readSamples(t, file)
		for i := 0; i < len(pcm); i += 2 {
			sound[side] = append(sound[side], int16(binary.LittleEndian.Uint16(pcm[i:])))
		}
	}

	c := &conversation{}
	for turn := range 12 {
		side := turn % 2
		part := turn / 2 % (len(cuts[side]) - 1)
		from, to, at := cuts[side][part]-lead, cuts[side][part+1]-lead, int64(len(c.sides[0]))*1000/transcribe.Rate
		for _, w := range starts[files[side]] {
			if w.ms >= from && w.ms < to {
				c.words = append(c.words, spokenWord{w.word, side, at + w.ms - from, w.ms-lead == from})
			}
		}
		said := sound[side][from*transcribe.Rate/1000 : to*transcribe.Rate/1000]
		c.sides[side] = append(c.sides[side], said...)
		c.sides[1-side] = append(c.sides[1-side], make([]int16, len(said))...)
	}

	return c
}

func (c *conversation) length() time.Duration {
	return time.Duration(len(c.sides[0])) * time.Second / transcribe.Rate
}

// mix is what the two channels have of two people.
type mix func(a, b float64) (left, right float64)

// crosstalk is a channel for each person, on which the other one is heard as well.
func crosstalk(other float64) mix {
	return func(a, b float64) (float64, float64) { return a + other*b, b + other*a }
}

// record is the conversation with some noise, as a browser records two channels.
func (c *conversation) record(t testing.TB, m mix) []byte {
	t.Helper()
	noise := [2][]byte{enginetest.Pink(c.length(), 0.0015), enginetest.White(c.length(), 0.001)}
	var pcm []byte
	for i := range c.sides[0] {
		l, r := m(float64(c.sides[0][i])+sampleAt(noise[0], i), float64(c.sides[1][i])+sampleAt(noise[1], i))
		for _, v := range [2]float64{l, r} {
			pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(max(-32768, min(32767, math.Round(v))))))
		}
	}
	return encodeChannels(t, pcm, 2)
}

func sampleAt(pcm []byte, i int) float64 {
	return float64(int16(binary.LittleEndian.Uint16(pcm[2*i:])))
}

// recogniseAll is the words as an engine returns them, in one segment each five,
// whoever says them.
func (c *conversation) recogniseAll() (out []tidings.TranscriptSegment) {
	for i, w := range c.words {
		end := w.startMS + 200
		if i < len(c.words)-1 {
			end = min(end, c.words[i+1].startMS)
		}
		if i%5 == 0 {
			out = append(out, tidings.TranscriptSegment{StartMS: w.startMS})
		}
		s := &out[len(out)-1]
		s.Words = append(s.Words, tidings.Word{StartMS: w.startMS, EndMS: end, Text: w.word})
		s.Text, s.EndMS = strings.TrimSpace(s.Text+" "+w.word), end
	}
	return out
}
