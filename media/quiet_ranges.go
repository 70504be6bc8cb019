package media

import (
	"math"
	"slices"

	"tidings.example/tidings/tidings"
)

// Thresholds of quiet ranges. A level is the loudness of one waveform pixel
// (50 ms) in dB below full scale, so louder means a smaller number.
const (
	minQuietMS      = 300 // the shortest range that is returned
	quietAboveNoise = 8   // dB above the noise floor that still count as quiet
	quietLoudestDB  = 32  // the loudest threshold, whatever the noise floor
	quietSureDB     = 50  // always quiet, whatever the noise floor
	levelMuted      = 85  // below the self-noise of any microphone: it is muted
	levelFloor      = 100 // digital silence
	noiseShare      = 10  // percent of the levels that are background noise
)

// levelDB is the loudness of n samples with the given sum of squares, in whole
// dB below full scale.
func levelDB(sum float64, n int) uint8 {
	rms := math.Sqrt(sum/float64(max(1, n))) / 32768
	if rms <= 0 {
		return levelFloor
	}
	return uint8(min(levelFloor, max(0, math.Round(-20*math.Log10(rms)))))
}

// noiseFloor is the level of the background noise. Levels of a muted microphone
// are ignored.
func noiseFloor(levels []uint8) int {
	sorted := slices.DeleteFunc(slices.Clone(levels), func(l uint8) bool { return l >= levelMuted })
	if len(sorted) == 0 {
		return levelMuted
	}
	slices.Sort(sorted)
	return int(sorted[len(sorted)*(100-noiseShare)/100])
}

// quietRanges are the ranges in which the sound is hardly louder than the
// background noise: the level that a tenth of the clip is below, within limits.
// They do not consider words; tidings.Silences does.
func quietRanges(levels []uint8) []tidings.Span {
	limit := uint8(min(quietSureDB, max(quietLoudestDB, noiseFloor(levels)-quietAboveNoise)))
	const pixel = perPeak * 1000 / pcmRate // ms
	var out []tidings.Span
	from := -1
	for i := 0; i <= len(levels); i++ {
		quiet := i < len(levels) && levels[i] >= limit
		switch {
		case quiet && from < 0:
			from = i
		case !quiet && from >= 0:
			if (i-from)*pixel >= minQuietMS {
				out = append(out, tidings.Span{StartMS: int64(from * pixel), EndMS: int64(i * pixel)})
			}
			from = -1
		}
	}

	return out
}
