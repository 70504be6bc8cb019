package ggml

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

// halfValue is a number in 16 bits by its definition.
func halfValue(h uint16) float64 {
	sign := 1.0
	if h >= 1<<15 {
		sign = -1
	}

	exponent, fraction := int(h>>10&0x1F), float64(h&0x3FF)
	switch exponent {
	case 0:
		return sign * fraction * math.Pow(2, -24)
	case 31:
		if fraction == 0 {
			return math.Inf(int(sign))
		}
		return math.NaN()
	}
	return sign * (1 + fraction/1024) * math.Pow(2, float64(exponent-15))
}

// TestHalf: all 65,536 numbers are read exactly and written back; what lies
// between two becomes the nearer, and in the middle the even one.
func TestHalf(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		want, got := halfValue(h), halfToFloat(h)
		if math.IsNaN(want) {
			if !math.IsNaN(float64(got)) || halfToFloat(floatToHalf(got)) == halfToFloat(floatToHalf(got)) {
				t.Errorf("%#04x is a number", h)
			}
			continue
		}
		if float64(got) != want || floatToHalf(got) != h {
			t.Errorf("%#04x: %g, not %g; back %#04x", h, got, want, floatToHalf(got))
		}

		next := halfValue(h + 1)
		if h&0x7FFF >= 0x7BFF || math.IsNaN(next) {
			continue
		}

		middle := float32((want + next) / 2)
		even := h + h&1
		below, above := math.Float32frombits(math.Float32bits(middle)-1), math.Float32frombits(math.Float32bits(middle)+1)
		if floatToHalf(middle) != even || floatToHalf(below) != h || floatToHalf(above) != h+1 {
			t.Errorf("around %g: %#04x %#04x %#04x", middle, floatToHalf(below), floatToHalf(middle), floatToHalf(above))
		}
	}

	for f, want := range map[float32]uint16{65519: 0x7BFF, 65520: 0x7C00, 1e9: 0x7C00, -1e9: 0xFC00, 1e-9: 0} {
		if got := floatToHalf(f); got != want {
			t.Errorf("%g: %#04x, not %#04x", f, got, want)
		}
	}
}

// TestBlocks: the largest magnitude becomes 127, halves are rounded away from
// zero, and a block of zeros has the scale zero.
func TestBlocks(t *testing.T) {
	var values [blockValues]float32
	values[0], values[1], values[2], values[3], values[4], values[5] = -127, 0.5, -0.5, 1.5, 2.49, 126.5
	want := make([]byte, 2+blockValues)
	binary.LittleEndian.PutUint16(want, 0x3C00) // 1
	for i, v := range []int8{-127, 1, -1, 2, 2, 127} {
		want[2+i] = byte(v)
	}
	if got := appendBlock(nil, values); !bytes.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}

	if got := appendBlock(nil, [blockValues]float32{}); !bytes.Equal(got, make([]byte, 2+blockValues)) {
		t.Errorf("zeros: %v", got)
	}
}

// TestByteTable: each byte has one character, those of GPT-2's encoder.
func TestByteTable(t *testing.T) {
	table := byteTable()
	seen := map[byte]bool{}
	for _, b := range table {
		seen[b] = true
	}
	if len(table) != 256 || len(seen) != 256 {
		t.Errorf("%d characters for %d bytes", len(table), len(seen))
	}

	for r, b := range map[rune]byte{'!': '!', '~': '~', 'Ā': 0, 'Ċ': '\n', 'Ġ': ' ', 'ġ': 0x7F, 'Ģ': 0x80, 'ł': 0xA0, '¡': 0xA1, 'Ń': 0xAD, '®': 0xAE, 'ÿ': 0xFF} {
		if table[r] != b {
			t.Errorf("%c is %#x, not %#x", r, table[r], b)
		}
	}
}
