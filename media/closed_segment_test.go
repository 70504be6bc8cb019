package media

import (
	"slices"
	"testing"
)

func TestClosedSegments(t *testing.T) {
	text := "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:2.000000,\n00000.m4s\n#EXTINF:1.966667,\nv720/00001.m4s\n"
	list, ended := parseClosedSegments([]byte(text))
	if want := []closedSegment{{0, 2_000_000, "00000.m4s"}, {1, 1_966_667, "00001.m4s"}}; !slices.Equal(list, want) || ended {
		t.Errorf("%v, ended %v", list, ended)
	}

	if _, ended := parseClosedSegments([]byte(text + "#EXT-X-ENDLIST\n")); !ended {
		t.Error("the end is not seen")
	}

	for _, odd := range []string{"", "#EXTINF:nan,\n00000.m4s", "#EXTINF:-1,\n00000.m4s", "00000.m4s", "#EXTINF:2,\nindex.html", "#EXTINF:1e300,\n1.m4s"} {
		if list, _ := parseClosedSegments([]byte(odd)); len(list) != 0 {
			t.Errorf("%q: %v", odd, list)
		}
	}
}

func FuzzClosedSegments(f *testing.F) {
	f.Add([]byte("#EXTM3U\n#EXTINF:2.000000,\n00000.m4s\n#EXT-X-ENDLIST\n"))
	f.Add([]byte("#EXTINF:2,\n../../etc/00001.m4s\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, _ := parseClosedSegments(b)
		for _, s := range list {
			if s.seq < 0 || s.us < 0 || s.us > 1e12 || s.file == ".." || slices.Contains([]byte(s.file), '/') {
				t.Fatalf("%+v", s)
			}
		}
	})
}
