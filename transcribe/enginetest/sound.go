package enginetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"tidings.example/tidings/transcribe"
)

// WAV reads the samples of a WAV file (RIFF, PCM, 16 bits, mono, 16 kHz).
func WAV(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, fmt.Errorf("%s is no WAV file", path)
	}

	for chunk := b[12:]; len(chunk) >= 8; {
		size := int(binary.LittleEndian.Uint32(chunk[4:]))
		body := chunk[8:min(len(chunk), 8+size)]
		switch string(chunk[:4]) {
		case "fmt ":
			if len(body) < 16 || binary.LittleEndian.Uint16(body[2:]) != 1 || binary.LittleEndian.Uint32(body[4:]) != transcribe.Rate || binary.LittleEndian.Uint16(body[14:]) != 16 {
				return nil, fmt.Errorf("%s is not 16 kHz mono of 16 bits", path)
			}
		case "data":
			return body, nil
		}

		chunk = chunk[min(len(chunk), 8+size+size%2):]
	}

	return nil, fmt.Errorf("%s has no samples", path)
}

// Millis is the length of samples in ms.
func Millis(pcm []byte) int64 { return int64(len(pcm)) / 2 * 1000 / transcribe.Rate }

// Silence is digital silence.
func Silence(d time.Duration) []byte { return renderSamples(d, func(int) float64 { return 0 }) }

// White is white noise with the given root mean square (1 = full scale).
func White(d time.Duration, rms float64) []byte {
	rng := rand.New(rand.NewPCG(7, 1))
	return renderSamples(d, func(int) float64 { return rms * rng.NormFloat64() })
}

// Pink is noise that falls by 3 dB an octave, like the background noise of rooms
// and streets (Paul Kellet's filter).
func Pink(d time.Duration, rms float64) []byte {
	rng := rand.New(rand.NewPCG(7, 2))
	var a, b, c float64
	return renderSamples(d, func(int) float64 {
		w := rng.NormFloat64()
		a, b, c = 0.99765*a+w*0.0990460, 0.96300*b+w*0.2965164, 0.57000*c+w*1.0526913
		return rms * (a + b + c + w*0.1848) / 2.6
	})
}

// Music is a tune: plucked chords with overtones, a lead with vibrato over
// them, and a drum.
func Music(d time.Duration) []byte {
	rng := rand.New(rand.NewPCG(7, 3))
	chords := [][]float64{{220, 261.63, 329.63}, {174.61, 220, 261.63}, {196, 246.94, 293.66}, {164.81, 207.65, 246.94}}
	scale := []float64{440, 493.88, 523.25, 587.33, 659.26, 587.33, 523.25, 493.88}
	return renderSamples(d, func(i int) float64 {
		t := float64(i) / transcribe.Rate
		beat, into := int(t*2), math.Mod(t, 0.5)
		s := 0.0
		for _, f := range chords[beat/4%len(chords)] {
			for h := 1.0; h <= 4; h++ {
				s += math.Sin(2*math.Pi*f*h*t) * math.Exp(-3*into*h) / h
			}
		}

		lead := scale[(beat*5+beat/8)%len(scale)]
		s += math.Sin(2*math.Pi*lead*t+3*math.Sin(2*math.Pi*5*t)) * min(1, into*20)
		s += 2 * rng.NormFloat64() * math.Exp(-40*math.Mod(t, 1))
		return 0.06 * s
	})
}

func renderSamples(d time.Duration, at func(i int) float64) []byte {
	n := int(d.Seconds() * transcribe.Rate)
	out := make([]byte, 0, 2*n)
	for i := range n {
		v := math.Round(32767 * max(-1, min(1, at(i))))
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(v)))
	}
	return out
}

// Repeat is pcm n times over, without n copies of it.
func Repeat(pcm []byte, n int) io.Reader {
	all := make([]io.Reader, n)
	for i := range all {
		all[i] = bytes.NewReader(pcm)
	}
	return io.MultiReader(all...)
}
