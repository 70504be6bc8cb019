package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"io"
	"strings"
)

const (
	maxStills   = 150      // frames in a storyboard; beyond that every other one is dropped
	stillCols   = 10       // frames in a row
	maxStill    = 1 << 20  // bytes of one frame
	stillSource = 64 << 10 // read buffer
)

// stills collects the small frames of a recording for its storyboard. When there
// are too many it drops every other one, so an hour needs as much memory as a
// minute.
type stills struct {
	jpegs [][]byte
	every int // seconds between the kept frames
}

// readMJPEG consumes an MJPEG stream to its end, or to the first malformed
// frame; the frames before it are kept.
func (s *stills) readMJPEG(r io.Reader) error {
	s.every = stillEvery
	br := bufio.NewReaderSize(r, stillSource)
	for n := 0; ; n++ {
		b, err := nextJPEG(br)
		if err != nil {
			return nil
		}

		if n%(s.every/stillEvery) == 0 {
			s.jpegs = append(s.jpegs, b)
		}

		if len(s.jpegs) > maxStills {
			s.dropEveryOther()
		}
	}
}

// dropEveryOther drops every other frame and doubles the distance.
func (s *stills) dropEveryOther() {
	kept := s.jpegs[:0]
	for i := 0; i < len(s.jpegs); i += 2 {
		kept = append(kept, s.jpegs[i])
	}
	clear(s.jpegs[len(kept):])
	s.jpegs, s.every = kept, 2*s.every
}

// nextJPEG reads one frame: from SOI to the EOI marker (ITU-T T.81 B.1.1.3;
// inside a frame FF is always followed by a stuffed 00 or a marker).
func nextJPEG(r *bufio.Reader) ([]byte, error) {
	var b []byte
	for {
		part, err := r.ReadSlice(0xd9)
		b = append(b, part...)
		if len(b) > maxStill {
			return nil, fmt.Errorf("a still of over %d bytes", maxStill)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n := len(b); n > 3 && b[n-2] == 0xff {
			return b, nil
		}
	}
}

// composeSheet composes all frames into one JPEG and a WebVTT file that maps
// time ranges to regions of it (cue text "storyboard.jpg#xywh=x,y,w,h", W3C
// Media Fragments).
func (s *stills) composeSheet() (picture, vtt []byte, err error) {
	if len(s.jpegs) == 0 {
		return nil, nil, nil
	}

	cols := min(stillCols, len(s.jpegs))
	rows := (len(s.jpegs) + cols - 1) / cols
	sheet := image.NewRGBA(image.Rect(0, 0, cols*stillW, rows*stillH))
	var text strings.Builder
	text.WriteString("WEBVTT\n\n")
	for i, b := range s.jpegs {
		x, y := i%cols*stillW, i/cols*stillH
		img, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			return nil, nil, err
		}
		draw.Draw(sheet, image.Rect(x, y, x+stillW, y+stillH), img, img.Bounds().Min, draw.Src)
		fmt.Fprintf(&text, "%s --> %s\nstoryboard.jpg#xywh=%d,%d,%d,%d\n\n", vttTime(i*s.every), vttTime((i+1)*s.every), x, y, stillW, stillH)
	}

	var out bytes.Buffer
	err = jpeg.Encode(&out, sheet, &jpeg.Options{Quality: 72})
	return out.Bytes(), []byte(text.String()), err
}

func vttTime(seconds int) string {
	return fmt.Sprintf("%02d:%02d:%02d.000", seconds/3600, seconds/60%60, seconds%60)
}

// makeStoryboard stores the sheet and its index.
func (t *transcodeRun) makeStoryboard(ctx context.Context) error {
	picture, vtt, err := t.stills.composeSheet()
	if err != nil || picture == nil {
		return err
	}
	if err := t.storeAsset(ctx, "storyboard.jpg", "image/jpeg", picture); err != nil {
		return err
	}
	return t.storeAsset(ctx, "storyboard.vtt", "text/vtt; charset=utf-8", vtt)
}
