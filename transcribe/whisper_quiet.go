package transcribe

import (
	"encoding/binary"
	"math"
	"slices"
)

// quietRange is a part of a piece in which nobody speaks, in ms.
type quietRange struct{ startMS, endMS int64 }

// Levels are those of ranges of levelMS. Quiet is what is at most quietAbove dB
// over the noise floor (the tenth percentile), but always what is quietBelowLoud,
// and never what is less than quietLeast, under the level of speech (the 95th).
const (
	levelMS        = 10
	minQuietMS     = 100 // shorter ones are within words
	quietAbove     = 8.0
	quietBelowLoud = 40.0
	quietLeast     = 15.0
)

// quietRanges are the pauses between the words of a piece.
func quietRanges(pcm []byte) (out []quietRange) {
	levels := soundLevels(pcm)
	limit := quietLimit(levels)
	for i := 0; i < len(levels); i++ {
		from := i
		for i < len(levels) && levels[i] < limit {
			i++
		}
		if (i-from)*levelMS >= minQuietMS {
			out = append(out, quietRange{int64(from) * levelMS, int64(i) * levelMS})
		}
	}

	return out
}

// quietLimit is the level below which sound is quiet. Digital silence, which
// stands for sound that was left out, has no noise.
func quietLimit(levels []float64) float64 {
	heard := slices.DeleteFunc(slices.Clone(levels), func(level float64) bool { return level <= 0 })
	if len(heard) == 0 {
		return math.Inf(1)
	}

	slices.Sort(heard)
	floor, loud := heard[len(heard)/10], heard[len(heard)*95/100]
	return min(max(floor+quietAbove, loud-quietBelowLoud), loud-quietLeast)
}

// soundLevels are the levels of a piece in dB, without its constant component.
func soundLevels(pcm []byte) []float64 {
	const n = levelMS * Rate / 1000
	out := make([]float64, 0, len(pcm)/2/n)
	for ; len(pcm) >= 2*n; pcm = pcm[2*n:] {
		var sum, squares float64
		for i := range n {
			v := float64(int16(binary.LittleEndian.Uint16(pcm[2*i:])))
			sum += v
			squares += v * v
		}
		mean := sum / n
		out = append(out, 10*math.Log10(max(squares/n-mean*mean, 0)+0.01))
	}
	return out
}

// longestBetween is the longest quiet range that ends between two times.
func longestBetween(quiet []quietRange, fromMS, toMS int64) (longest quietRange, found bool) {
	for _, q := range quiet {
		if q.endMS > fromMS && q.endMS < toMS && q.endMS-q.startMS > longest.endMS-longest.startMS {
			longest, found = q, true
		}
	}
	return longest, found
}
