package transcribe

import (
	"fmt"
	"math"
	"os"
	"strings"
)

// frameSamples is the number of samples that the detector evaluates at once: 32
// ms.
const frameSamples = 512

// silero is the Silero VAD v5/v6 network for 16 kHz
// (https://github.com/snakers4/silero-vad, MIT): a short-time Fourier transform,
// four convolutions, an LSTM and one output, in plain Go. The weights are read
// from the published .onnx file. One value serves one stream of sound.
type silero struct {
	*sileroWeights
	h, c     [128]float32 // LSTM state
	previous [64]float32  // the end of the previous frame
	x        [640]float32
	mag      [129 * 4]float32
	gate     [512]float32
	col      [129 * 3]float32    // one unfolded column of a convolution
	out      [4][128 * 4]float32 // output of each convolution
}

// sileroWeights are shared by all streams.
type sileroWeights struct {
	basis    []float32 // 258 × 256: the transform's real and imaginary rows
	spectrum *spectrum // fast version of basis; nil when basis is another transform
	conv     [4]convolution
	wih, whh []float32 // 512 × 128
	bih, bhh []float32
	dw       []float32
	db       float32
}

type convolution struct {
	w, b            []float32
	in, out, stride int
}

func loadSilero(path string) (*sileroWeights, error) {
	model, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}

	s := &sileroWeights{conv: [4]convolution{{in: 129, out: 128, stride: 1}, {in: 128, out: 64, stride: 2}, {in: 64, out: 64, stride: 2}, {in: 64, out: 128, stride: 1}}}
	floatTensors(model, func(branch string, t tensor) {
		if strings.Contains(branch, "then_branch") { // the branch for 16 kHz
			s.assignTensor(t)
		}
	})
	if !s.isComplete() {
		return nil, fmt.Errorf("%s is not a Silero VAD model of version 5 or 6", path)
	}

	s.spectrum = newSpectrum(s.basis)
	return s, nil
}

func (s *sileroWeights) assignTensor(t tensor) {
	is := func(suffix string) bool { return strings.HasSuffix(t.name, suffix) }
	switch {
	case is("forward_basis_buffer") && len(t.f) == 258*256:
		s.basis = t.f
	case is("decoder.rnn.weight_ih") && len(t.f) == 512*128:
		s.wih = t.f
	case is("decoder.rnn.weight_hh") && len(t.f) == 512*128:
		s.whh = t.f
	case is("decoder.rnn.bias_ih") && len(t.f) == 512:
		s.bih = t.f
	case is("decoder.rnn.bias_hh") && len(t.f) == 512:
		s.bhh = t.f
	case is("decoder.decoder.2.weight") && len(t.f) == 128:
		s.dw = t.f
	case is("decoder.decoder.2.bias") && len(t.f) == 1:
		s.db = t.f[0]
	}

	for i := range s.conv {
		c := &s.conv[i]
		if is(fmt.Sprintf("encoder.%d.reparam_conv.weight", i)) && len(t.f) == c.in*c.out*3 {
			c.w = t.f
		}
		if is(fmt.Sprintf("encoder.%d.reparam_conv.bias", i)) && len(t.f) == c.out {
			c.b = t.f
		}
	}
}

func (s *sileroWeights) isComplete() bool {
	for _, c := range s.conv {
		if c.w == nil || c.b == nil {
			return false
		}
	}
	return s.basis != nil && s.wih != nil && s.whh != nil && s.bih != nil && s.bhh != nil && s.dw != nil
}

// dotProduct is most of the detector's work. Like the functions around it, it
// uses only the constant weights and the state of one stream; without the race
// detector's instrumentation the engine's tests run ten times faster.
//
//go:norace
func dotProduct(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}

	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}

	return s0 + s1 + s2 + s3
}

// convolve is a convolution over time with three taps, padding 1 and ReLU. The
// input is [in][T]; columns are unfolded into col for long dot products. It
// writes [c.out][steps] to out and returns steps.
//
//go:norace
func (c *convolution) convolve(x []float32, T int, col, out []float32) int {
	steps := (T-1)/c.stride + 1
	col = col[:c.in*3]
	for t := range steps {
		for i := range c.in {
			for k := range 3 {
				col[i*3+k] = 0
				if p := t*c.stride + k - 1; p >= 0 && p < T {
					col[i*3+k] = x[i*T+p]
				}
			}
		}

		for o := range c.out {
			out[o*steps+t] = max(0, c.b[o]+dotProduct(c.w[o*c.in*3:(o+1)*c.in*3], col))
		}
	}

	return steps
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

// speechProbability is the probability that a frame (samples from -1 to 1)
// contains speech.
//
//go:norace
func (s *silero) speechProbability(chunk *[frameSamples]float32) float32 {
	copy(s.x[:64], s.previous[:])
	copy(s.x[64:576], chunk[:])
	copy(s.previous[:], chunk[448:])
	for i := range 64 { // reflected padding
		s.x[576+i] = s.x[574-i]
	}

	for t := range 4 {
		w := s.x[t*128 : t*128+256]
		if s.spectrum != nil {
			s.spectrum.computeMagnitudes(w, s.mag[t:])
			continue
		}

		for k := range 129 {
			re, im := dotProduct(s.basis[k*256:(k+1)*256], w), dotProduct(s.basis[(k+129)*256:(k+130)*256], w)
			s.mag[k*4+t] = float32(math.Sqrt(float64(re*re + im*im)))
		}
	}

	cur, T := s.mag[:], 4
	for i := range s.conv {
		T = s.conv[i].convolve(cur, T, s.col[:], s.out[i][:])
		cur = s.out[i][:]
	}

	return s.runLSTM(cur)
}

// runLSTM is the LSTM cell and the output layer.
//
//go:norace
func (s *silero) runLSTM(x []float32) float32 {
	for j := range s.gate {
		s.gate[j] = s.bih[j] + s.bhh[j] + dotProduct(s.wih[j*128:(j+1)*128], x[:128]) + dotProduct(s.whh[j*128:(j+1)*128], s.h[:])
	}

	out := s.db
	for j := range 128 {
		in, forget := sigmoid(s.gate[j]), sigmoid(s.gate[128+j])
		cell, gate := float32(math.Tanh(float64(s.gate[256+j]))), sigmoid(s.gate[384+j])
		s.c[j] = forget*s.c[j] + in*cell
		s.h[j] = gate * float32(math.Tanh(float64(s.c[j])))
		out += s.dw[j] * max(0, s.h[j])
	}

	return sigmoid(out)
}
