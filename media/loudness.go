package media

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Loudness of the files to download. -16 LUFS is the usual level of podcasts.
// A recording within toleranceLUFS is left as it is, and the gain is limited so
// that noise is not amplified.
const (
	targetLUFS    = -16.0
	toleranceLUFS = 1.0
	maxGain       = 20.0 // dB
	limitPeak     = 0.84 // of full scale, -1.5 dB: headroom for the overshoot of AAC decoders
)

var (
	integrated = regexp.MustCompile(`(?m)^\s+I:\s+(-?[0-9.]{1,8}) LUFS`)
	truePeak   = regexp.MustCompile(`(?m)^\s+Peak:\s+(-?[0-9.]{1,8}) dBFS`)
)

// parseLoudness reads the summary that ffmpeg's ebur128 filter logs at its end
// (EBU R 128). nil means that there was none: no sound, or only silence.
func parseLoudness(log string) (lufs, peak *float64) {
	return lastMatchAbove(integrated, log, -69), lastMatchAbove(truePeak, log, -200)
}

// lastMatchAbove is the number in the last match of re, nil when it is not above
// floor.
func lastMatchAbove(re *regexp.Regexp, log string, floor float64) *float64 {
	all := re.FindAllStringSubmatch(log, -1)
	if len(all) == 0 {
		return nil
	}
	v, err := strconv.ParseFloat(all[len(all)-1][1], 64)
	if err != nil || v <= floor || v > 100 {
		return nil
	}
	return &v
}

// loudnessArgs are the output options that bring sound of a measured loudness to
// targetLUFS: one gain for the whole file and a limiter for the peaks. The
// result equals that of a two-pass loudnorm at two thirds of its cost. nil when
// the loudness is unknown or near the target.
func loudnessArgs(lufs *float64) []string {
	if lufs == nil || math.Abs(targetLUFS-*lufs) < toleranceLUFS {
		return nil
	}
	gain := max(-maxGain, min(maxGain, targetLUFS-*lufs))
	return []string{"-c:a", "aac", "-b:a", strconv.Itoa(audioRate), "-af", fmt.Sprintf("volume=%.1fdB,alimiter=limit=%g:level=false", gain, limitPeak)}
}
