package media

import (
	"math"
	"slices"

	"tidings.example/tidings/tidings"
)

// Measures of quiet. A level is that of one waveform pixel, 50 ms.
const (
	minQuietMS      = 300 // ms: what is shorter is of no use
	quietAboveNoise = 8   // dB over the room's own noise
	quietLoudestDB  = 32  // dB below full scale: no room is louder than that
	quietSureDB     = 50  // dB below full scale: quiet in any room
	levelMuted      = 85  // dB below full scale: no microphone is that quiet
	levelFloor      = 100 // dB below full scale: no sound at all
	noiseShare      = 10  // percent of the levels that are the room's
)

// levelDB is the loudness of samples, in whole dB below full scale.
func levelDB(sum float64, n int) uint8 {
	rms := math.Sqrt(sum/float64(max(1, n))) / 32768
	if rms <= 0 {
		return levelFloor
	}
	return uint8(min(levelFloor, max(0, math.Round(-20*math.Log10(rms)))))
}

// noiseFloor is the noise of the room. What is no sound at all, as from a muted
// microphone, says nothing of it.
func noiseFloor(levels []uint8) int {
	sorted := slices.DeleteFunc(slices.Clone(levels), func(l uint8) bool { return l >= levelMuted })
	if len(sorted) == 0 {
		return levelMuted
	}
	slices.Sort(sorted)
	return int(sorted[len(sorted)*(100-noiseShare)/100])
}

// quietRanges are the stretches in which the sound is hardly louder than the
// room is by itself: its noise is the level that a tenth of the clip is below,
// within reason. Words come from the transcript: see tidings.Silences.
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
