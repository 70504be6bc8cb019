package transcribe

import (
	"math"
	"math/bits"
)

// spectrum is the detector's Fourier transform of 256 windowed real samples,
// computed as one complex transform of 128 points (radix 2, decimation in time)
// whose halves are then separated: some 2,000 multiplications where the product
// with the model's basis takes 66,000.
type spectrum struct {
	window        [256]float32
	bitReversal   [128]uint8     // bit reversal
	twiddles      [64]complex64  // e^(-2πik/128)
	splitTwiddles [129]complex64 // e^(-2πik/256)
}

// newSpectrum is the transform that a basis (129 rows of cosines, then 129 of
// sines, each times the window) represents; nil when basis is another transform
// and has to be multiplied out.
func newSpectrum(basis []float32) *spectrum {
	s := &spectrum{}
	copy(s.window[:], basis[:256]) // the row of frequency 0 is the window itself
	for k := range 129 {
		for n, w := range s.window {
			sin, cos := math.Sincos(2 * math.Pi * float64(k*n%256) / 256)
			re, im := float64(basis[k*256+n])-float64(w)*cos, math.Abs(float64(basis[(k+129)*256+n]))-math.Abs(float64(w)*sin)
			if math.Abs(re) > 1e-4 || math.Abs(im) > 1e-4 {
				return nil
			}
		}

		s.splitTwiddles[k] = rootOfUnity(k, 256)
	}

	for i := range s.bitReversal {
		s.bitReversal[i] = bits.Reverse8(uint8(i)) >> 1
	}

	for k := range s.twiddles {
		s.twiddles[k] = rootOfUnity(k, 128)
	}

	return s
}

// rootOfUnity is e^(-2πik/n).
func rootOfUnity(k, n int) complex64 {
	sin, cos := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
	return complex(float32(cos), float32(sin))
}

// computeMagnitudes writes the magnitudes of frequencies 0 to 128 of x, 256
// samples, to every fourth element of out.
//
//go:norace
func (s *spectrum) computeMagnitudes(x, out []float32) {
	var z [128]complex64
	x = x[:256]
	for i, from := range s.bitReversal {
		n := 2 * int(from)
		z[i] = complex(x[n]*s.window[n], x[n+1]*s.window[n+1])
	}

	for half := 1; half < 128; half *= 2 {
		step := 64 / half
		for at := 0; at < 128; at += 2 * half {
			for k := range half {
				w := s.twiddles[k*step]
				a, b := z[at+k], z[at+k+half]
				b = complex(real(b)*real(w)-imag(b)*imag(w), real(b)*imag(w)+imag(b)*real(w))
				z[at+k], z[at+k+half] = a+b, a-b
			}
		}
	}

	for k := range 129 {
		a, b := z[k&127], z[(128-k)&127]
		er, ei := (real(a)+real(b))/2, (imag(a)-imag(b))/2 // the even samples'
		or, oi := (imag(a)+imag(b))/2, (real(b)-real(a))/2 // the odd samples'
		w := s.splitTwiddles[k]
		re, im := er+or*real(w)-oi*imag(w), ei+or*imag(w)+oi*real(w)
		out[4*k] = float32(math.Sqrt(float64(re*re + im*im)))
	}
}
