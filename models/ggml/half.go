package ggml

import "math"

// halfToFloat converts an IEEE 754 binary16 number.
func halfToFloat(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&0x1F), uint32(h&0x3FF)
	switch exponent {
	case 0: // zero, or below the smallest normal number: fraction × 2^-24
		v := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1F:
		return math.Float32frombits(sign | 0xFF<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// floatToHalf rounds to the nearest IEEE 754 binary16 number, ties to even.
func floatToHalf(f float32) uint16 {
	bits := math.Float32bits(f)
	sign, size := uint16(bits>>16&0x8000), bits&0x7FFFFFFF
	switch {
	case size > 0x7F800000: // not a number
		return sign | 0x7E00
	case size >= 0x477FF000: // rounds to 65,536 or more
		return sign | 0x7C00
	case size < 0x38800000: // below the smallest normal number: a multiple of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(size))*(1<<24)))
	}

	size -= 112 << 23
	return sign | uint16((size+0xFFF+size>>13&1)>>13)
}
