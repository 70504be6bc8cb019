package media

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"tidings.example/tidings/tidings"
)

// appendTone appends ms milliseconds of a sine at a level in dBFS.
func appendTone(pcm []byte, ms int, db float64) []byte {
	amplitude := 32767 * math.Pow(10, db/20) * math.Sqrt2 // of a sine whose RMS is at db
	for i := range ms * pcmRate / 1000 {
		v := max(-32768, min(32767, amplitude*math.Sin(2*math.Pi*440*float64(i)/pcmRate)))
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(v)))
	}
	return pcm
}

// TestQuiet: the noise floor decides what is quiet, within limits.
func TestQuiet(t *testing.T) {
	type part struct {
		ms int
		db float64
	}

	for name, c := range map[string]struct {
		parts []part
		want  []tidings.Span
	}{
		"a silent room":       {[]part{{1000, -20}, {1000, -100}, {1000, -20}}, []tidings.Span{{StartMS: 1000, EndMS: 2000}}},
		"a humming room":      {[]part{{1000, -20}, {1000, -44}, {1000, -18}, {400, -45}}, []tidings.Span{{StartMS: 1000, EndMS: 2000}, {StartMS: 3000, EndMS: 3400}}},
		"muted for a while":   {[]part{{1000, -20}, {1000, -100}, {1000, -20}, {400, -42}, {600, -20}}, []tidings.Span{{StartMS: 1000, EndMS: 2000}, {StartMS: 3000, EndMS: 3400}}},
		"music all the way":   {[]part{{3000, -24}}, nil},
		"a breath is nothing": {[]part{{1000, -20}, {250, -90}, {1000, -20}}, nil},
		"nothing at all":      {[]part{{1000, -100}}, []tidings.Span{{StartMS: 0, EndMS: 1000}}},
	} {
		var pcm []byte
		for _, p := range c.parts {
			if p.db <= -100 {
				pcm = append(pcm, make([]byte, 2*p.ms*pcmRate/1000)...)
				continue
			}
			pcm = appendTone(pcm, p.ms, p.db)
		}

		var w waveform
		if err := w.readSamples(bytes.NewReader(pcm)); err != nil {
			t.Fatal(err)
		}

		if got := quietRanges(w.levels); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
