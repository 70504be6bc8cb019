package media

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Loudness of the files one downloads. -16 LUFS is what podcasts and phones
// expect; a recording that is near it is left alone, and noise is not blown up.
const (
	targetLUFS    = -16.0
	toleranceLUFS = 1.0
	maxGain       = 20.0 // dB
	limitPeak     = 0.84 // of full scale, -1.5 dB: room for what the AAC decoder overshoots
)

var (
	integrated = regexp.MustCompile(`(?m)^\s+I:\s+(-?[0-9.]{1,8}) LUFS`)
	truePeak   = regexp.MustCompile(`(?m)^\s+Peak:\s+(-?[0-9.]{1,8}) dBFS`)
)

// parseLoudness reads the summary that ffmpeg's ebur128 filter logs at its end
// (EBU R 128). nil means that there was none: no sound, or all of it silent.
func parseLoudness(log string) (lufs, peak *float64) {
	return lastMatchAbove(integrated, log, -69), lastMatchAbove(truePeak, log, -200)
}

// lastMatchAbove is the last match, if it is above a floor.
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

// loudnessArgs are the output options that bring sound of a measured loudness
// to wantLUFS: one gain for the whole and a limiter for the peaks. It lands
// where a two-pass loudnorm does, at two thirds of the cost. None when the
// loudness is unknown or right.
func loudnessArgs(lufs *float64) []string {
	if lufs == nil || math.Abs(targetLUFS-*lufs) < toleranceLUFS {
		return nil
	}
	gain := max(-maxGain, min(maxGain, targetLUFS-*lufs))
	return []string{"-c:a", "aac", "-b:a", strconv.Itoa(audioRate), "-af", fmt.Sprintf("volume=%.1fdB,alimiter=limit=%g:level=false", gain, limitPeak)}
}
