package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	_ "image/gif" // decoders of image.Decode
	"image/jpeg"
	_ "image/png"
	"net/http"
	"strings"

	"tidings.example/tidings/tidings"
)

const (
	avatarSize      = 256        // pixels, both ways
	maxAvatarPixels = 25_000_000 // of an uploaded picture
)

// drawAvatar draws the middle square of a picture at avatarSize, upright and on
// white, as JPEG.
func drawAvatar(file []byte) ([]byte, error) {
	if !isPicture(file) {
		return nil, errPicture(nil)
	}

	config, kind, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, errPicture(err)
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxAvatarPixels/config.Height {
		return nil, tidings.Errorf(tidings.KindTooLarge, "A picture may have at most %d million pixels.", maxAvatarPixels/1_000_000)
	}

	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, errPicture(err)
	}

	orientation := 1
	if kind == "jpeg" {
		orientation = exifOrientation(file)
	}

	var out bytes.Buffer
	err = jpeg.Encode(&out, scaleSquare(picture, orientation), &jpeg.Options{Quality: 88})
	return out.Bytes(), err
}

// scaleSquare averages the middle square of a picture down (or repeats it up) to
// avatarSize. orientation is the orientation of EXIF, 1 to 8.
func scaleSquare(from image.Image, orientation int) image.Image {
	b := from.Bounds()
	side := min(b.Dx(), b.Dy())
	left, top := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	out := image.NewRGBA(image.Rect(0, 0, avatarSize, avatarSize))
	for y := range avatarSize {
		for x := range avatarSize {
			u, v := sourcePixel(x, y, orientation)
			x0, y0 := u*side/avatarSize, v*side/avatarSize
			x1, y1 := max(x0+1, (u+1)*side/avatarSize), max(y0+1, (v+1)*side/avatarSize)
			out.SetRGBA(x, y, averageColor(from, left+x0, top+y0, left+x1, top+y1))
		}
	}

	return out
}

// sourcePixel is the pixel of the stored picture that is shown at x, y by the
// orientation (EXIF 2.32 section 4.6.5).
func sourcePixel(x, y, orientation int) (int, int) {
	const last = avatarSize - 1
	switch orientation {
	case 2:
		return last - x, y
	case 3:
		return last - x, last - y
	case 4:
		return x, last - y
	case 5:
		return y, x
	case 6:
		return y, last - x
	case 7:
		return last - y, last - x
	case 8:
		return last - y, x
	}

	return x, y
}

func averageColor(from image.Image, x0, y0, x1, y1 int) color.RGBA {
	var r, g, b, n uint64
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			cr, cg, cb, ca := from.At(x, y).RGBA()
			white := uint64(0xffff - ca)
			r, g, b, n = r+uint64(cr)+white, g+uint64(cg)+white, b+uint64(cb)+white, n+1
		}
	}
	return color.RGBA{uint8(r / n >> 8), uint8(g / n >> 8), uint8(b / n >> 8), 0xff}
}

// exifOrientation reads the EXIF orientation of a JPEG file; 1 when there is none.
func exifOrientation(file []byte) int {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker, size := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(file) {
			return 1
		}
		if body := file[at+4 : at+2+size]; marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}

		at += 2 + size
	}
	return 1
}

// tiffOrientation finds tag 0x0112 in the first directory of a TIFF header.
func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}

	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}

	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 1
	}

	for n := range int64(order.Uint16(t[at:])) {
		entry := at + 2 + 12*n
		if entry+12 > int64(len(t)) {
			break
		}

		if order.Uint16(t[entry:]) == 0x0112 {
			if v := int(order.Uint16(t[entry+8:])); v >= 1 && v <= 8 {
				return v
			}
		}
	}

	return 1
}

func errPicture(err error) error {
	return tidings.Wrap(err, tidings.KindUnsupported, "This is no picture that can be read: PNG, JPEG or GIF is needed.")
}

// isPicture decides by the first bytes, whatever the request's Content-Type.
func isPicture(file []byte) bool {
	kind := http.DetectContentType(file)
	return strings.HasPrefix(kind, "image/png") || strings.HasPrefix(kind, "image/jpeg") || strings.HasPrefix(kind, "image/gif")
}
