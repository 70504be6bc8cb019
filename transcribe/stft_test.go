package transcribe

import (
	"cmp"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// hannBasis is a basis in the layout of the detector's model.
func hannBasis() []float32 {
	basis := make([]float32, 258*256)
	for k := range 129 {
		for n := range 256 {
			w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(n)/256)
			sin, cos := math.Sincos(2 * math.Pi * float64(k*n%256) / 256)
			basis[k*256+n], basis[(k+129)*256+n] = float32(w*cos), float32(-w*sin)
		}
	}
	return basis
}

// TestSpectrum: the fast transform equals the product with the basis.
func TestSpectrum(t *testing.T) {
	basis := hannBasis()
	s := newSpectrum(basis)
	if s == nil {
		t.Fatal("the basis of a windowed transform is not recognised")
	}

	rng := rand.New(rand.NewPCG(3, 4))
	x, got := make([]float32, 256), make([]float32, 129*4)
	for range 20 {
		for i := range x {
			x[i] = 2*rng.Float32() - 1
		}

		s.computeMagnitudes(x, got)
		for k := range 129 {
			re, im := dotProduct(basis[k*256:(k+1)*256], x), dotProduct(basis[(k+129)*256:(k+130)*256], x)
			if want := math.Hypot(float64(re), float64(im)); math.Abs(want-float64(got[4*k])) > 1e-4 {
				t.Fatalf("frequency %d: %v, want %v", k, got[4*k], want)
			}
		}
	}
}

// TestSpectrumOfAnotherBasis: a model with another transform is multiplied out.
func TestSpectrumOfAnotherBasis(t *testing.T) {
	basis := hannBasis()
	basis[7*256+31] += 0.01
	if newSpectrum(basis) != nil {
		t.Error("a basis that is no Fourier transform is taken for one")
	}
}

// BenchmarkTranscribeDetector reports the cost of one frame of 32 ms.
func BenchmarkTranscribeDetector(b *testing.B) {
	weights, err := loadSilero(DetectorFile(cmp.Or(os.Getenv("TIDINGS_SPEECH_DIR"), filepath.Join("..", "bin", "speech"))))
	if errors.Is(err, fs.ErrNotExist) {
		b.Skipf("no detector to measure: %v", err)
	}

	if err != nil {
		b.Fatal(err)
	}

	fast := weights.spectrum
	if fast == nil {
		b.Fatal("the model's transform is not recognised")
	}

	var f [frameSamples]float32
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range f {
		f[i] = rng.Float32() - 0.5
	}

	for _, c := range []struct {
		name     string
		spectrum *spectrum
	}{{"basis", nil}, {"fft", fast}} {
		b.Run(c.name, func(b *testing.B) {
			w := *weights
			w.spectrum = c.spectrum
			s := &silero{sileroWeights: &w}
			b.ReportAllocs()
			for b.Loop() {
				s.speechProbability(&f)
			}
		})
	}
}
