// Package vector stores vectors of unit length in a byte a number, and compares
// them.
package vector

import (
	"encoding/binary"
	"math"
)

// scaleBytes is the size of what precedes the numbers of a quantised vector.
const scaleBytes = 4

// Size is the number of bytes of a quantised vector of a dimension.
func Size(dimension int) int { return scaleBytes + dimension }

// Quantise appends a vector to b: its largest absolute value divided by 127, and
// then a signed byte for each number.
func Quantise(b []byte, v []float32) []byte {
	var largest float32
	for _, x := range v {
		largest = max(largest, x, -x)
	}

	scale := largest / 127
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(scale))
	for _, x := range v {
		var n int8
		if scale > 0 {
			n = int8(math.RoundToEven(float64(x / scale)))
		}
		b = append(b, byte(n))
	}

	return b
}

// Restore reverses Quantise.
func Restore(b []byte) []float32 {
	scale := quantisedScale(b)
	v := make([]float32, len(b)-scaleBytes)
	for i, n := range b[scaleBytes:] {
		v[i] = scale * float32(int8(n))
	}
	return v
}

func quantisedScale(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }

// Similarity is the cosine of two quantised vectors of unit length.
func Similarity(a, b []byte) float32 {
	return quantisedScale(a) * quantisedScale(b) * float32(dotSigned(a[scaleBytes:], b[scaleBytes:]))
}

// Normalise scales a vector to unit length; false when it has none, or a number
// that is not finite.
func Normalise(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return false
	}

	by := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= by
	}

	return true
}
