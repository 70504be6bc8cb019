package media

import (
	"regexp"
	"strconv"
)

var (
	integrated = regexp.MustCompile(`(?m)^\s+I:\s+(-?[0-9.]+) LUFS`)
	truePeak   = regexp.MustCompile(`(?m)^\s+Peak:\s+(-?[0-9.]+) dBFS`)
)

// loudness reads the summary that ffmpeg's ebur128 filter logs at its end
// (EBU R 128). nil means that there was none: no sound, or all of it silent.
func loudness(log string) (lufs, peak *float64) {
	return lastNumber(integrated, log, -69), lastNumber(truePeak, log, -1000)
}

// lastNumber is the last match that is above a floor.
func lastNumber(re *regexp.Regexp, log string, floor float64) *float64 {
	all := re.FindAllStringSubmatch(log, -1)
	if len(all) == 0 {
		return nil
	}
	v, err := strconv.ParseFloat(all[len(all)-1][1], 64)
	if err != nil || v <= floor {
		return nil
	}
	return &v
}
