package media

import (
	"encoding/binary"
	"os"
	"regexp"
	"testing"
)

// initWith is an initialisation segment with one sample entry.
func initWith(entry []byte) []byte {
	count := binary.BigEndian.AppendUint64(nil, 1)
	return isoBox("moov", isoBox("trak", isoBox("mdia", isoBox("minf", isoBox("stbl", isoBox("stsd", count, entry))))))
}

func TestCodecs(t *testing.T) {
	avcC := isoBox("avcC", []byte{1, 0x64, 0x00, 0x1f, 0xff})
	esds := isoBox("esds", []byte{0, 0, 0, 0, 0x03, 0x19, 0, 1, 0, 0x04, 0x11, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x05, 0x80, 0x80, 0x02, 0x12, 0x10})
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"H.264 High 3.1", initWith(isoBox("avc1", make([]byte, 78), avcC)), "avc1.64001f"},
		{"H.264 with its parameters in the stream", initWith(isoBox("avc3", make([]byte, 78), avcC)), "avc3.64001f"},
		{"AAC-LC", initWith(isoBox("mp4a", make([]byte, 28), esds)), "mp4a.40.2"},
		{"AAC without a description", initWith(isoBox("mp4a", make([]byte, 28))), "mp4a.40.2"},
		{"H.264 without avcC", initWith(isoBox("avc1", make([]byte, 78))), ""},
		{"a short entry", initWith(isoBox("avc1", make([]byte, 3))), ""},
		{"something else", initWith(isoBox("text")), ""},
		{"nothing", nil, ""},
	} {
		if got := firstTrackCodec(c.b); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzCodecs(f *testing.F) {
	b, err := os.ReadFile("testdata/avc3-opus.mp4")
	if err != nil {
		f.Fatal(err)
	}

	f.Add(b[:1221])
	f.Add(initWith(isoBox("mp4a", make([]byte, 28), isoBox("esds", []byte{0, 0, 0, 0, 5, 2, 0x12, 0x10}))))
	f.Add(initWith(isoBox("avc1", make([]byte, 78), isoBox("avcC", []byte{1, 2, 3, 4}))))
	valid := regexp.MustCompile(`^(avc[13]\.[0-9a-f]{6}|mp4a\.40\.[0-9]{1,2}|)$`)
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := firstTrackCodec(b); !valid.MatchString(got) { // it goes into a playlist
			t.Fatalf("%q", got)
		}

		total := 0
		for _, x := range parseBoxes(b) {
			total += 8 + len(x.body)
		}

		if total > len(b) {
			t.Fatalf("%d bytes of boxes in %d", total, len(b))
		}
	})
}
