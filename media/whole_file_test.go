package media

import (
	"bytes"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestCutOffFiles: wherever a full disk cut a segment off, that is noticed.
func TestCutOffFiles(t *testing.T) {
	w := transcodeFile(t, "testdata/vp8-opus.webm")
	for key, b := range w.objects {
		kind := map[bool]string{true: "mdat", false: "moov"}[bytes.Contains(b[:min(len(b), 400)], []byte("moof"))]
		switch {
		case len(b) < 12 || string(b[4:8]) != "styp" && string(b[4:8]) != "ftyp":
			continue // no MP4
		case kind == "moov" && len(b) > 4096:
			continue // a download
		}

		if err := checkWholeFile(bytes.NewReader(b), int64(len(b)), kind); err != nil {
			t.Errorf("%s is whole: %v", key, err)
		}
		for size := 0; size < len(b); size += 1 + len(b)/97 {
			if err := checkWholeFile(bytes.NewReader(b[:size]), int64(size), kind); tidings.KindOf(err) != tidings.KindStorageFull {
				t.Errorf("%d of the %d bytes of %s: %v", size, len(b), key, err)
			}
		}
	}
}
