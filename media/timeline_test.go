package media

import (
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

const crc = "#software: x\n#tb 0: 1/1000\n#media_type 0: video\n#tb 1: 1/48000\n"

func readTimeline(t *testing.T, bytes int64, text string) (*timeline, error) {
	t.Helper()
	tl := &timeline{bytesRead: func() int64 { return bytes }}
	return tl, tl.readFramecrc(strings.NewReader(text))
}

func TestTimeline(t *testing.T) {
	tl, err := readTimeline(t, 1000, crc+
		"0,          0,          0,       33,      183, 0xfc285d73, S=1,      141\n"+
		"1,       1536,       1536,      960,      215, 0x13766cec\n"+
		"0,         33,         66,       33,      183, 0xfc285d73\n"+
		"0,       1500,       1500,       33,      183, 0xfc285d73\n"+
		"0,      NOPTS,      NOPTS,       33,      183, 0xfc285d73\n"+
		"odd\n9, 1, 1, 1, 1\n")
	if err != nil {
		t.Fatal(err)
	}

	video, audio, gaps := tl.streamLengths()
	if video != 1_533_000 || audio != 20_000 || gaps != 1 {
		t.Errorf("video %d µs, audio %d µs, %d gaps", video, audio, gaps)
	}
}

// TestTimelineRefusesForgedTimes: two frames ten hours apart would keep an
// encoder busy for as long; a quiet hour is accepted when its bytes are there.
func TestTimelineRefusesForgedTimes(t *testing.T) {
	late := crc + "0, 0, 0, 33, 100, 0x0\n0, 36000000, 36000000, 33, 100, 0x0\n"
	if _, err := readTimeline(t, 429_000, late); tidings.KindOf(err) != tidings.KindUnsupported {
		t.Errorf("ten hours in 429 kB: %v", err)
	}
	if _, err := readTimeline(t, 10_000_000, late); err != nil {
		t.Errorf("ten hours in 10 MB: %v", err)
	}
	if _, err := readTimeline(t, 100, crc+"0, 0, 0, 33, 100, 0x0\n0, 115000, 115000, 33, 100, 0x0\n"); err != nil {
		t.Errorf("two minutes are always believed: %v", err)
	}
}

func FuzzTimeline(f *testing.F) {
	f.Add(crc + "0, 0, 0, 33, 183, 0xfc285d73, S=1, 141\n1, 1536, 1536, 960, 215, 0x13766cec\n")
	f.Add("#tb 0: 1/0\n#tb 1: 99999999999/1\n0,-9223372036854775808,9223372036854775807,1,1\n")
	f.Fuzz(func(t *testing.T, s string) {
		tl := &timeline{bytesRead: func() int64 { return 1 << 40 }}
		if err := tl.readFramecrc(strings.NewReader(s)); err != nil && tidings.KindOf(err) != tidings.KindUnsupported {
			t.Fatal(err)
		}

		v, a, gaps := tl.streamLengths()
		if v < 0 || a < 0 || gaps < 0 {
			t.Fatalf("%d %d %d", v, a, gaps)
		}
	})
}
