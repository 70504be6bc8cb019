package media

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"math"
	"strings"
	"testing"
)

// stillJPEG is a small JPEG of one shade.
func stillJPEG(t testing.TB, shade uint8) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, stillW, stillH))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.Gray{Y: shade}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestStoryboard: cues follow each other without a gap, cover the recording, and
// name the region of the sheet that shows their frame, also after frames were
// dropped.
func TestStoryboard(t *testing.T) {
	for _, n := range []int{1, 9, maxStills, maxStills + 1, 1000} {
		var in bytes.Buffer
		for i := range n {
			in.Write(stillJPEG(t, uint8(i*251/n)))
		}

		var s stills
		if err := s.readMJPEG(&in); err != nil {
			t.Fatal(err)
		}

		picture, vtt, err := s.composeSheet()
		if err != nil {
			t.Fatal(err)
		}

		sheet, err := jpeg.Decode(bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}

		cues := strings.Split(strings.TrimSpace(strings.TrimPrefix(string(vtt), "WEBVTT\n\n")), "\n\n")
		if len(cues) > maxStills || len(cues)*s.every < n*stillEvery-s.every {
			t.Errorf("%d pictures: %d cues of %d s", n, len(cues), s.every)
		}

		for i, cue := range cues {
			checkCue(t, sheet, cue, i, s.every, n)
		}
	}
}

func checkCue(t *testing.T, sheet image.Image, cue string, i, every, n int) {
	t.Helper()
	times, where, _ := strings.Cut(cue, "\n")
	if want := vttTime(i*every) + " --> " + vttTime((i+1)*every); times != want {
		t.Errorf("cue %d: %s, want %s", i, times, want)
	}

	var x, y, w, h int
	if _, err := fmt.Sscanf(where, "storyboard.jpg#xywh=%d,%d,%d,%d", &x, &y, &w, &h); err != nil {
		t.Fatalf("%s: %v", where, err)
	}

	got, _, _, _ := sheet.At(x+w/2, y+h/2).RGBA()
	want := i * every / stillEvery * 251 / n
	if d := int(got>>8) - want; d < -6 || d > 6 {
		t.Errorf("of %d pictures cue %d shows shade %d, want %d", n, i, got>>8, want)
	}
}

func TestStoryboardOddities(t *testing.T) {
	var s stills
	if err := s.readMJPEG(strings.NewReader("")); err != nil {
		t.Error(err)
	}
	if p, v, err := s.composeSheet(); p != nil || v != nil || err != nil {
		t.Errorf("of nothing: %d %d %v", len(p), len(v), err)
	}
	if err := s.readMJPEG(io.MultiReader(bytes.NewReader(stillJPEG(t, 9)), bytes.NewReader(make([]byte, 2*maxStill)))); err != nil || len(s.jpegs) != 1 {
		t.Errorf("a picture without an end: %v, %d kept", err, len(s.jpegs))
	}
}

func FuzzStoryboard(f *testing.F) {
	f.Add(stillJPEG(f, 7))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xd9, 0xff, 0xd9})
	f.Fuzz(func(t *testing.T, b []byte) {
		var s stills
		if err := s.readMJPEG(bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}

		for _, j := range s.jpegs {
			if !bytes.HasSuffix(j, []byte{0xff, 0xd9}) {
				t.Fatalf("%x", j)
			}
		}
	})
}

// pcmOf makes samples from a function of time in seconds.
func pcmOf(seconds float64, at func(float64) float64) []byte {
	var b []byte
	for i := range int(seconds * pcmRate) {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(at(float64(i)/pcmRate)*32767)))
	}
	return b
}

func TestWaveform(t *testing.T) {
	var w waveform
	tone := func(at float64) float64 {
		if at >= 2 && at < 5 || at >= 6 && at < 7 {
			return 0
		}
		return 0.5 * math.Sin(2*math.Pi*440*at)
	}
	if err := w.readSamples(oddPieces{bytes.NewReader(pcmOf(8.02, tone))}); err != nil {
		t.Fatal(err)
	}

	if len(w.silences) != 1 || w.silences[0].StartMS != 2000 || w.silences[0].EndMS != 5000 {
		t.Errorf("silences %v: a pause of a second is none", w.silences)
	}

	var p struct {
		Version, Length, Bits int
		Rate                  int   `json:"sample_rate"`
		Per                   int   `json:"samples_per_pixel"`
		Data                  []int `json:"data"`
	}
	if err := json.Unmarshal(w.encodeJSON(), &p); err != nil {
		t.Fatal(err)
	}

	if p.Version != 2 || p.Bits != 8 || p.Length != 161 || len(p.Data) != 322 || p.Per*20 != p.Rate {
		t.Errorf("%d pixels, %d values, version %d", p.Length, len(p.Data), p.Version)
	}

	if p.Data[0] > -60 || p.Data[1] < 60 || p.Data[2*60] != 0 {
		t.Errorf("loud %d…%d, silent %d", p.Data[0], p.Data[1], p.Data[120])
	}
}

// oddPieces returns at most 333 bytes at a time, as pipes may do.
type oddPieces struct{ r io.Reader }

func (o oddPieces) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 333)]) }

func TestWaveformSilentToTheEnd(t *testing.T) {
	var w waveform
	if err := w.readSamples(bytes.NewReader(make([]byte, 2*pcmRate*3))); err != nil {
		t.Fatal(err)
	}
	if len(w.silences) != 1 || w.silences[0].EndMS != 3000 {
		t.Errorf("%v", w.silences)
	}
}
