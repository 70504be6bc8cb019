package media

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// TestCard checks cards of posters of all proportions, of an audio recording,
// and of a clip without poster and waveform: each has the size, its play mark,
// its length and its image.
func TestCard(t *testing.T) {
	poster := func(w, h int) []byte {
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range img.Pix {
			img.Pix[i] = []byte{0x20, 0xc0, 0x40, 0xff}[i%4]
		}

		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, nil); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}

	green := func(c color.Color) bool { r, g, b, _ := c.RGBA(); return g > 2*r && g > 2*b }
	for name, c := range map[string]struct {
		poster, peaks []byte
		at            image.Point // where the picture itself must be visible
		seen          func(color.Color) bool
	}{
		"wide":     {poster(1280, 720), nil, image.Pt(5, 5), green},
		"tall":     {poster(405, 720), nil, image.Pt(600, 40), green},
		"panorama": {poster(1280, 200), nil, image.Pt(40, 315), green},
		"tiny":     {poster(1, 1), nil, image.Pt(600, 40), green},
		"voice":    {nil, []byte(`{"data":[-100,100,-100,100,-100,100]}`), image.Pt(93, 250), func(c color.Color) bool { r, _, b, _ := c.RGBA(); return b > 0xc000 && r > 0x8000 }},
		"nothing":  {nil, nil, image.Pt(93, 250), func(c color.Color) bool { r, _, _, _ := c.RGBA(); return r < 0x5000 }},
	} {
		b, err := Card(c.poster, c.peaks, 3_725_000)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}

		img, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil || img.Bounds() != image.Rect(0, 0, 1200, 630) {
			t.Errorf("%s: %v %v", name, img.Bounds(), err)
			continue
		}

		white := func(p image.Point) bool { r, g, b, _ := img.At(p.X, p.Y).RGBA(); return min(r, g, b) > 0xe000 }
		if !c.seen(img.At(c.at.X, c.at.Y)) || !white(image.Pt(600-60, 315)) || white(image.Pt(605, 315)) {
			t.Errorf("%s: %v at %v, play mark %v, in it %v", name, img.At(c.at.X, c.at.Y), c.at, img.At(540, 315), img.At(605, 315))
		}

		ink := 0
		for x := 900; x < 1160; x++ {
			if white(image.Pt(x, 555)) {
				ink++
			}
		}

		if ink < 10 {
			t.Errorf("%s: no length", name)
		}
	}

	if _, err := Card([]byte("no picture"), nil, 0); err == nil {
		t.Error("a card of what is no picture")
	}

	for ms, want := range map[int64]string{0: "0:00", -5: "0:00", 59_999: "0:59", 65_000: "1:05", 3_665_000: "1:01:05"} {
		if got := clockText(ms); got != want {
			t.Errorf("%d ms: %s", ms, got)
		}
	}
}
