package vector

import (
	"math"
	"math/rand"
	"testing"
)

// TestDot compares the kernels with plain sums, at lengths around a lane.
func TestDot(t *testing.T) {
	if !hasKernels {
		t.Log("this processor has no kernels: plain sums alone are tested")
	}
	for n := range 200 {
		a, b := make([]float32, n), make([]float32, n)
		x, y := make([]byte, n), make([]byte, n)
		var sum float64
		var whole int32
		for i := range n {
			a[i], b[i] = rand.Float32()-0.5, rand.Float32()-0.5
			x[i], y[i] = byte(rand.Intn(256)), byte(rand.Intn(256))
			sum += float64(a[i]) * float64(b[i])
			whole += int32(int8(x[i])) * int32(int8(y[i]))
		}
		if got := Dot(a, b); math.Abs(float64(got)-sum) > 1e-4 {
			t.Errorf("%d floats: %v, want %v", n, got, sum)
		}
		if got := dotSigned(x, y); got != whole {
			t.Errorf("%d bytes: %d, want %d", n, got, whole)
		}
	}
}

// TestQuantise: a byte a number keeps the cosine to about a hundredth, and
// quantising again changes nothing.
func TestQuantise(t *testing.T) {
	for range 100 {
		a, b := make([]float32, 384), make([]float32, 384)
		for i := range a {
			a[i] = float32(rand.NormFloat64())
			b[i] = a[i] + float32(rand.NormFloat64())
		}
		if !Normalise(a) || !Normalise(b) {
			t.Fatal("not normalised")
		}
		qa, qb := Quantise(nil, a), Quantise(nil, b)
		if got, want := Similarity(qa, qb), Dot(a, b); math.Abs(float64(got-want)) > 0.01 {
			t.Errorf("similar by %v, want %v", got, want)
		}
		if again := Quantise(nil, Restore(qa)); len(again) != Size(384) || Similarity(again, qb) != Similarity(qa, qb) {
			t.Error("a restored vector differs")
		}
	}
	for _, v := range [][]float32{{0, 0}, {float32(math.NaN()), 1}, {float32(math.Inf(1)), 1}, {}} {
		if Normalise(v) {
			t.Errorf("%v has a direction", v)
		}
	}
}

func BenchmarkSimilarity(b *testing.B) {
	v := make([]float32, 384)
	for i := range v {
		v[i] = float32(i)
	}
	q := Quantise(nil, v)
	for b.Loop() {
		Similarity(q, q)
	}
}
