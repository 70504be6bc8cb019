package media

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	scale "golang.org/x/image/draw"
)

// Size of a card in pixels: the size that consumers of Open Graph crop least.
const (
	cardW = 1200
	cardH = 630
)

var (
	cardTop    = color.RGBA{0x37, 0x2a, 0x78, 0xff}
	cardBottom = color.RGBA{0x17, 0x13, 0x2b, 0xff}
	cardPlay   = color.RGBA{0x4a, 0x36, 0xc4, 0xff}
	cardBar    = color.RGBA{0xb4, 0xa5, 0xf5, 0xff}
	cardInk    = color.NRGBA{0x0d, 0x0b, 0x18, 0xc8}
)

// Card draws the preview image that other programs show of a clip (Open Graph),
// as a JPEG of 1200×630 pixels: the poster (a JPEG made by this package), or the
// waveform (peaks.json) where there is no poster, with a play mark and the
// length of the clip. It draws no text written by users: the program that shows
// the card has the title and the fonts for it.
func Card(poster, peaks []byte, lengthMS int64) ([]byte, error) {
	c := &canvas{image.NewRGBA(image.Rect(0, 0, cardW, cardH))}
	c.fillGradient(cardTop, cardBottom)
	switch {
	case len(poster) > 0:
		img, err := jpeg.Decode(bytes.NewReader(poster))
		if err != nil {
			return nil, err
		}
		c.drawPicture(img)
	case len(peaks) > 0:
		c.drawWaveform(peaks)
	}

	c.fillDisc(cardW/2, cardH/2, 74, color.NRGBA{0xff, 0xff, 0xff, 0xf2})
	c.fillPolygon(cardPlay, [][2]float32{{cardW/2 - 21, cardH/2 - 34}, {cardW/2 + 37, cardH / 2}, {cardW/2 - 21, cardH/2 + 34}})
	if err := c.drawLengthLabel(clockText(lengthMS)); err != nil {
		return nil, err
	}

	var out bytes.Buffer
	err := jpeg.Encode(&out, c.RGBA, &jpeg.Options{Quality: 84})
	return out.Bytes(), err
}

// clockText formats a length for display: 1:05, 1:01:05.
func clockText(ms int64) string {
	s := max(0, ms) / 1000
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// canvas is the image a card is drawn on.
type canvas struct{ *image.RGBA }

func (c *canvas) fillGradient(top, bottom color.RGBA) {
	h := c.Bounds().Dy()
	mix := func(a, b uint8, y int) uint8 { return uint8((int(a)*(h-y) + int(b)*y) / h) }
	for y := range h {
		row := image.NewUniform(color.RGBA{mix(top.R, bottom.R, y), mix(top.G, bottom.G, y), mix(top.B, bottom.B, y), 0xff})
		draw.Draw(c.RGBA, image.Rect(0, y, cardW, y+1), row, image.Point{}, draw.Src)
	}
}

// drawPicture fills the card with img. An image much taller or wider than the
// card is shown completely, in front of a blurred copy of itself.
func (c *canvas) drawPicture(img image.Image) {
	b := img.Bounds()
	if b.Empty() {
		return
	}

	ratio := float64(b.Dx()) / float64(b.Dy()) / (float64(cardW) / cardH)
	if ratio > 0.8 && ratio < 1.25 {
		scale.CatmullRom.Scale(c.RGBA, c.Bounds(), img, cropToCard(b, ratio), draw.Src, nil)
		return
	}

	small := image.NewRGBA(image.Rect(0, 0, 16, 9))
	scale.BiLinear.Scale(small, small.Bounds(), img, cropToCard(b, ratio), draw.Src, nil)
	scale.CatmullRom.Scale(c.RGBA, c.Bounds(), small, small.Bounds(), draw.Src, nil)
	draw.Draw(c.RGBA, c.Bounds(), image.NewUniform(color.RGBA{0, 0, 0, 0x70}), image.Point{}, draw.Over)
	w, h := cardW, cardH
	if ratio < 1 {
		w = int(cardW * ratio)
	} else {
		h = int(cardH / ratio)
	}

	at := image.Rect((cardW-w)/2, (cardH-h)/2, (cardW+w)/2, (cardH+h)/2)
	scale.CatmullRom.Scale(c.RGBA, at, img, b, draw.Src, nil)
}

// cropToCard is the middle of b in the card's proportions; ratio is the aspect
// ratio of b divided by that of the card.
func cropToCard(b image.Rectangle, ratio float64) image.Rectangle {
	if ratio > 1 {
		d := int(float64(b.Dx()) * (1 - 1/ratio) / 2)
		return image.Rect(b.Min.X+d, b.Min.Y, b.Max.X-d, b.Max.Y)
	}
	d := int(float64(b.Dy()) * (1 - ratio) / 2)
	return image.Rect(b.Min.X, b.Min.Y+d, b.Max.X, b.Max.Y-d)
}

// drawWaveform draws peaks.json as bars across the card.
func (c *canvas) drawWaveform(peaks []byte) {
	var p struct{ Data []int }
	if json.Unmarshal(peaks, &p) != nil || len(p.Data) < 2 {
		return
	}

	const bars, left, step = 64, 88, 16
	loudest := 8
	heights := [bars]int{}
	for i := range heights {
		from, to := i*len(p.Data)/bars, (i+1)*len(p.Data)/bars
		for _, v := range p.Data[from:max(to, min(from+1, len(p.Data)))] {
			heights[i] = max(heights[i], v, -v)
		}
		loudest = max(loudest, heights[i])
	}

	for i, h := range heights {
		half := float32(max(5, h*200/loudest))
		x := float32(left + i*step)
		c.fillRoundRect(x, cardH/2-half, x+9, cardH/2+half, 4.5, cardBar)
	}
}

// drawLengthLabel writes the length into a dark pill in the lower right corner.
func (c *canvas) drawLengthLabel(text string) error {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return err
	}

	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 42, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return err
	}
	defer face.Close()

	w := float32(font.MeasureString(face, text).Ceil())
	c.fillRoundRect(cardW-w-88, cardH-108, cardW-40, cardH-40, 18, cardInk)
	d := font.Drawer{Dst: c.RGBA, Src: image.White, Face: face, Dot: fixed.P(cardW-64-int(w), cardH-59)}
	d.DrawString(text)

	return nil
}

func (c *canvas) fillDisc(x, y, r float32, ink color.Color) {
	c.fillRoundRect(x-r, y-r, x+r, y+r, r, ink)
}

// fillRoundRect fills a rectangle with rounded corners of radius r.
func (c *canvas) fillRoundRect(x0, y0, x1, y1, r float32, ink color.Color) {
	var path [][2]float32
	for corner, at := range [4][2]float32{{x1 - r, y0 + r}, {x1 - r, y1 - r}, {x0 + r, y1 - r}, {x0 + r, y0 + r}} {
		for i := range 17 {
			angle := (float64(corner-1) + float64(i)/16) * math.Pi / 2
			path = append(path, [2]float32{at[0] + r*float32(math.Cos(angle)), at[1] + r*float32(math.Sin(angle))})
		}
	}
	c.fillPolygon(ink, path)
}

// fillPolygon fills a polygon, antialiased.
func (c *canvas) fillPolygon(ink color.Color, path [][2]float32) {
	box := polygonBounds(path)
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	for i, p := range path {
		x, y := p[0]-float32(box.Min.X), p[1]-float32(box.Min.Y)
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}

	r.ClosePath()
	r.Draw(c.RGBA, box, image.NewUniform(ink), image.Point{})
}

// polygonBounds is the smallest rectangle of whole pixels that contains a
// polygon.
func polygonBounds(path [][2]float32) image.Rectangle {
	box := image.Rectangle{Min: image.Pt(cardW, cardH)}
	for _, p := range path {
		box.Min.X, box.Min.Y = min(box.Min.X, int(p[0])), min(box.Min.Y, int(p[1]))
		box.Max.X, box.Max.Y = max(box.Max.X, int(p[0])+1), max(box.Max.Y, int(p[1])+1)
	}
	return box
}
