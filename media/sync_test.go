package media

import (
	"bytes"
	"encoding/binary"
	"math"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The clips of testdata flash white and beep at 1 kHz together, once a second.
// These helpers find their times, in seconds, with the plain ffmpeg.

var yavg = regexp.MustCompile(`pts_time:([0-9.]+)[^\n]*\n[^\n]*YAVG=([0-9.]+)`)

// findFlashes are the times at which the picture turns white.
func findFlashes(t testing.TB, path string) []float64 {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-copyts", "-i", path, "-an", "-vf", "format=yuv420p,signalstats,metadata=mode=print:key=lavfi.signalstats.YAVG:file=-",
		"-fps_mode", "passthrough", "-f", "null", "-").Output()
	if err != nil {
		t.Fatalf("flashes of %s: %v", path, err)
	}

	var at []float64
	lit := true // the first one may be cut
	for _, m := range yavg.FindAllStringSubmatch(string(out), -1) {
		pts, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		if y > 150 && !lit {
			at = append(at, pts)
		}
		lit = y > 150
	}

	return at
}

// findBeeps are the times at which the sound becomes loud.
func findBeeps(t testing.TB, path string) []float64 {
	t.Helper()
	const rate = 48_000
	out, err := exec.Command("ffmpeg", "-v", "error", "-copyts", "-i", path, "-vn", "-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", strconv.Itoa(rate), "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatalf("beeps of %s: %v", path, err)
	}

	var at []float64
	last := -math.MaxFloat64
	for i := 0; i+1 < len(out); i += 2 {
		if v := int16(binary.LittleEndian.Uint16(out[i:])); v < 5000 && v > -5000 {
			continue
		}

		now := float64(i/2) / rate
		if now-last > 0.5 {
			at = append(at, now)
		}

		last = now
	}

	return at
}

// syncOffset is by how many seconds the sound lags behind the picture, as the
// median over all flashes that have a beep.
func syncOffset(t testing.TB, picture, sound string) float64 {
	t.Helper()
	var all []float64
	beeps := findBeeps(t, sound)
	for _, f := range findFlashes(t, picture) {
		for _, b := range beeps {
			if math.Abs(b-f) < 0.3 {
				all = append(all, b-f)
			}
		}
	}

	if len(all) < 2 {
		t.Fatalf("%s and %s: only %d flashes have a beep", picture, sound, len(all))
	}

	return medianOf(all)
}

func medianOf(v []float64) float64 {
	v = append([]float64(nil), v...)
	for i := range v {
		for j := i; j > 0 && v[j] < v[j-1]; j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
	return v[len(v)/2]
}

// streamLength is where the last packet of a stream ("v" or "a") ends, in
// seconds from the start of the file.
func streamLength(t testing.TB, path, stream string) float64 {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0", path).Output()
	if err != nil {
		t.Fatalf("length of %s: %v", path, err)
	}

	first, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0", path).Output()
	if err != nil {
		t.Fatalf("start of %s: %v", path, err)
	}

	start, _ := strconv.ParseFloat(strings.TrimSpace(string(first)), 64)
	end := 0.0
	for line := range bytes.Lines(out) {
		f := strings.Split(strings.TrimSpace(string(line)), ",")
		pts, _ := strconv.ParseFloat(f[0], 64)
		d := 0.0
		if len(f) > 1 {
			d, _ = strconv.ParseFloat(f[1], 64)
		}
		end = max(end, pts+d)
	}

	return end - start
}
