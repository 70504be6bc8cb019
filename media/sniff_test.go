package media

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// isoBox makes a box with a body.
func isoBox(kind string, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	out := binary.BigEndian.AppendUint32(nil, uint32(8+len(b)))
	return append(append(out, kind...), b...)
}

func TestSniff(t *testing.T) {
	ftyp := isoBox("ftyp", []byte("isom\x00\x00\x02\x00isomiso2"))
	moov := isoBox("moov", isoBox("mvhd", make([]byte, 100)))
	huge := append(binary.BigEndian.AppendUint32(nil, maxHead), "moov\x00\x00"...)
	for _, c := range []struct {
		name   string
		b      []byte
		format string // "" = refused
		seeks  bool
	}{
		{"WebM", []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01"), "matroska", false},
		{"moov first", append(bytes.Clone(ftyp), moov...), "mov", false},
		{"moov first, but free before it", bytes.Join([][]byte{ftyp, isoBox("free", make([]byte, 64)), moov}, nil), "mov", false},
		{"moov cut off by the head", append(bytes.Clone(ftyp), moov[:20]...), "mov", false},
		{"moov too large to probe in memory", append(bytes.Clone(ftyp), huge...), "mov", true},
		{"mdat first", append(bytes.Clone(ftyp), isoBox("mdat", make([]byte, 64))...), "mov", true},
		{"nothing but ftyp", ftyp, "mov", true},
		{"old QuickTime", isoBox("wide", make([]byte, 20)), "mov", true},
		{"Ogg", []byte("OggS\x00\x02"), "ogg", false},
		{"WAV", []byte("RIFF\x00\x00\x00\x00WAVEfmt "), "wav", false},
		{"AVI", []byte("RIFF\x00\x00\x00\x00AVI LIST"), "avi", true},
		{"another RIFF", []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "", false},
		{"FLAC", []byte("fLaC\x00\x00\x00\x22"), "flac", false},
		{"MP3 with a tag", []byte("ID3\x04\x00"), "mp3", false},
		{"MP3 frame", []byte{0xff, 0xfb, 0x90, 0x64}, "mp3", false},
		{"ADTS", []byte{0xff, 0xf1, 0x50, 0x80}, "aac", false},
		{"UTF-16 text", []byte{0xff, 0xfe, 'a', 0}, "mp3", false}, // the probe refuses it
		{"MPEG-TS", bytes.Repeat(append([]byte{0x47}, make([]byte, 187)...), 3), "mpegts", false},
		{"nothing", nil, "", false},
		{"one byte", []byte{0x1a}, "", false},
		{"HLS", []byte("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"), "", false},
		{"HLS after a BOM", []byte("\xef\xbb\xbf#EXTM3U\n"), "", false},
		{"ffconcat", []byte("ffconcat version 1.0\nfile x\n"), "", false},
		{"DASH", []byte("<?xml version=\"1.0\"?><MPD/>"), "", false},
		{"SDP", []byte("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"), "", false},
		{"SVG", []byte("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), "", false},
		{"JPEG", []byte{0xff, 0xd8, 0xff, 0xe0}, "", false},
		{"GIF", []byte("GIF89a"), "", false},
		{"a program", []byte("\x7fELF\x02\x01\x01"), "", false},
		{"zeros", make([]byte, 1000), "", false},
	} {
		got, err := detectContainer(c.b)
		if got.format != c.format || got.needsSeek != c.seeks {
			t.Errorf("%s: %+v, want %s, seeks %v", c.name, got, c.format, c.seeks)
		}
		if (err != nil) != (c.format == "") || err != nil && tidings.KindOf(err) != tidings.KindUnsupported {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, name := range []string{"vp8-opus.webm", "avc3-opus.mp4", "voice.webm"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:1500])
	}

	f.Add(isoBox("moov", isoBox("trak")))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := detectContainer(b)
		if (err == nil) != (c.format != "") {
			t.Fatalf("%+v and %v", c, err)
		}
		if strings.Contains("hls,concat,dash,sdp,image2,lavfi", c.format) && c.format != "" {
			t.Fatalf("a format that opens other files: %s", c.format)
		}
	})
}
