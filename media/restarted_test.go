package media

import (
	"encoding/json"
	"fmt"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/media/mediatest"
)

// Of a recording whose first encoder failed at its end, and whose second one went
// on after a gap.
const (
	firstEnds    = 4.3 // seconds
	secondBegins = 5.5
	secondEnds   = 10.0
)

// flashingFilm is a film of one colour that flashes and beeps for a tenth of each
// second.
func flashingFilm(color string, seconds float64) []string {
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("color=%s:s=320x180:r=30:d=%f,drawbox=t=fill:color=white:enable='lt(mod(t,1),0.1)'", color, seconds),
		"-f", "lavfi", "-i", fmt.Sprintf("aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000:d=%f", seconds)}
}

// TestRestarted: sound, pictures, waveform and storyboard of a recording whose
// encoder was replaced keep the times of its clock.
func TestRestarted(t *testing.T) {
	for container := range mediatest.Containers {
		t.Run(container, func(t *testing.T) {
			t.Parallel()
			original := mediatest.Restarted(t, container, time.Duration(secondBegins*float64(time.Second)),
				flashingFilm("red", firstEnds), flashingFilm("blue", secondEnds-secondBegins))
			path := filepath.Join(t.TempDir(), "original."+container)
			if err := os.WriteFile(path, original, 0o600); err != nil {
				t.Fatal(err)
			}

			w := transcodeFile(t, path)
			checkAgainst(t, w, path)
			if got := w.result.DurationMS; math.Abs(float64(got)-1000*secondEnds) > 100 {
				t.Errorf("the clip lasts %d ms", got)
			}
			for _, name := range w.renditionNames() {
				checkMarks(t, w.renditionFile(t, name), name == "a")
			}
			checkWaveform(t, w)
			checkThumbnails(t, w)
		})
	}
}

// checkMarks compares the beeps, or flashes, of a rendition with those that were
// recorded.
func checkMarks(t *testing.T, file string, sound bool) {
	t.Helper()
	find := findFlashes
	if sound {
		find = findBeeps
	}

	var got []float64
	for _, at := range find(t, file) {
		if at > 0.5 {
			got = append(got, math.Round(at*10)/10)
		}
	}
	if fmt.Sprint(got) != "[1 2 3 4 5.5 6.5 7.5 8.5 9.5]" {
		t.Errorf("sound %v: %v", sound, got)
	}
}

// checkWaveform looks for the beeps in the waveform, and for silence between.
func checkWaveform(t *testing.T, w *fakeBackend) {
	t.Helper()
	b, err := os.ReadFile(w.assetFile(t, "peaks.json"))
	if err != nil {
		t.Fatal(err)
	}

	var peaks struct{ Data []int }
	if err := json.Unmarshal(b, &peaks); err != nil {
		t.Fatal(err)
	}

	highest := func(from, to float64) (h int) {
		for i := int(from * 20); i < int(to*20) && 2*i+1 < len(peaks.Data); i++ {
			h = max(h, peaks.Data[2*i+1])
		}
		return h
	}
	for _, at := range []float64{1, 2, 3, 4, 5.5, 6.5, 7.5, 8.5, 9.5} {
		if beep, before := highest(at, at+0.1), highest(at-0.3, at-0.05); beep < 40 || before > 5 {
			t.Errorf("at %.1f s: %d, and %d before", at, beep, before)
		}
	}
	if seconds := float64(len(peaks.Data)) / 40; math.Abs(seconds-secondEnds) > 0.1 {
		t.Errorf("the waveform lasts %.2f s", seconds)
	}
}

// checkThumbnails: a picture every two seconds, of what was there.
func checkThumbnails(t *testing.T, w *fakeBackend) {
	t.Helper()
	f, err := os.Open(w.assetFile(t, "storyboard.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	sheet, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}

	vtt, err := os.ReadFile(w.assetFile(t, "storyboard.vtt"))
	if err != nil {
		t.Fatal(err)
	}

	shown := ""
	for cue := range strings.SplitSeq(strings.TrimSpace(string(vtt)), "\n\n") {
		_, where, _ := strings.Cut(cue, "#xywh=")
		var x, y, width, height int
		if _, err := fmt.Sscanf(where, "%d,%d,%d,%d", &x, &y, &width, &height); err != nil {
			continue
		}
		switch r, g, b, _ := sheet.At(x+width/2, y+height/2).RGBA(); {
		case r > 2*b && r > 2*g:
			shown += "r"
		case b > 2*r && b > 2*g:
			shown += "b"
		default:
			shown += "w"
		}
	}
	// The picture of each even second, where the first encoder’s film flashes and the second one’s does not.
	if shown != "wwwbb" {
		t.Errorf("the storyboard shows %s", shown)
	}
}
