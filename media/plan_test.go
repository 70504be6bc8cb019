package media

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

func (p plan) String() string {
	var s []string
	for _, r := range p.rungs {
		s = append(s, fmt.Sprintf("%s %dx%d", r.name, r.w, r.h))
	}
	if p.audio != nil {
		s = append(s, "a")
	}
	return strings.Join(s, ", ")
}

func TestPlan(t *testing.T) {
	full := []int{1080, 720, 360}
	for _, c := range []struct {
		name   string
		ladder []int
		tracks []track
		want   string
	}{
		{"browser H.264 is copied", Ladder, []track{videoTrack("h264", "yuv420p", 1280, 720, 0), opus}, "src 1280x720, v360 640x360, a"},
		{"small H.264 needs no other rung", Ladder, []track{videoTrack("h264", "yuvj420p", 640, 360, 0), opus}, "src 640x360, a"},
		{"H.264 of 10 bits is not for browsers", Ladder, []track{videoTrack("h264", "yuv420p10le", 640, 360, 0)}, "v360 640x360"},
		{"H.264 of unknown colour is not trusted", Ladder, []track{videoTrack("h264", "", 640, 360, 0)}, "v360 640x360"},
		{"a turned phone is encoded upright", Ladder, []track{videoTrack("h264", "yuv420p", 1920, 1080, 90), opus}, "v1080 1080x1920, v360 360x640, a"},
		{"upside down is not portrait", Ladder, []track{videoTrack("h264", "yuv420p", 640, 480, 180)}, "v480 640x480"},
		{"VP9", Ladder, []track{videoTrack("vp9", "yuv420p", 1280, 720, 0), opus}, "v720 1280x720, v360 640x360, a"},
		{"4k comes down", Ladder, []track{videoTrack("vp9", "yuv420p", 3840, 2160, 0)}, "v1080 1920x1080, v360 640x360"},
		{"4k H.264 is copied and has something below", full, []track{videoTrack("h264", "yuv420p", 3840, 2160, 0)}, "src 3840x2160, v1080 1920x1080, v720 1280x720, v360 640x360"},
		{"a full ladder", full, []track{videoTrack("vp8", "yuv420p", 1920, 1080, 0)}, "v1080 1920x1080, v720 1280x720, v360 640x360"},
		{"a small machine", []int{360}, []track{videoTrack("vp8", "yuv420p", 1920, 1080, 0)}, "v360 640x360"},
		{"never larger than it came", Ladder, []track{videoTrack("vp8", "yuv420p", 320, 180, 0)}, "v180 320x180"},
		{"480 and 360 are too near each other", Ladder, []track{videoTrack("vp8", "yuv420p", 854, 480, 0)}, "v480 854x480"},
		{"odd sides become even", Ladder, []track{videoTrack("vp8", "yuv420p", 361, 241, 0)}, "v241 362x242"},
		{"portrait", Ladder, []track{videoTrack("vp8", "yuv420p", 720, 1280, 0)}, "v720 720x1280, v360 360x640"},
		{"a sliver", Ladder, []track{videoTrack("vp8", "yuv420p", 4096, 2, 0)}, "v2 4096x16"},
		{"voice", Ladder, []track{opus}, "a"},
		{"the first of each counts", Ladder, []track{opus, opus, videoTrack("vp8", "yuv420p", 640, 360, 0), videoTrack("vp8", "yuv420p", 1280, 720, 0)}, "v360 640x360, a"},
	} {
		if got := planFor(c.tracks, c.ladder).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestPlanRules checks the invariants of a plan over all sizes.
func TestPlanRules(t *testing.T) {
	for w := 2; w <= 4096; w = w*5/4 + 1 {
		for h := 2; h <= 2304; h = h*5/4 + 1 {
			for _, rotation := range []int{0, 90, 180, 270} {
				p := planFor([]track{videoTrack("vp9", "yuv420p", w, h, rotation)}, []int{1080, 720, 360})
				checkRungs(t, p, w, h, rotation)
			}
		}
	}
}

func checkRungs(t *testing.T, p plan, w, h, rotation int) {
	t.Helper()

	if rotation%180 != 0 {
		w, h = h, w
	}

	names := map[string]bool{}
	for i, r := range p.rungs {
		grown := float64(r.w)/float64(w) > 1.01 && r.w > w+1 && r.w > 16
		warped := math.Abs(float64(r.w)/float64(r.h)*float64(h)/float64(w)-1) > 0.1 && min(r.w, r.h) > 32
		if r.w%2 != 0 || r.h%2 != 0 || min(r.w, r.h) > 1080 || r.maxrate == 0 || names[r.name] || grown || warped || i > 0 && r.w >= p.rungs[i-1].w && w > 64 {
			t.Errorf("%d × %d: rung %d is %+v", w, h, i, r)
		}
		names[r.name] = true
	}

	if len(p.rungs) == 0 {
		t.Errorf("%d × %d: nothing is made", w, h)
	}
}

func TestPlanRenditionsNameThemselves(t *testing.T) {
	for _, r := range planFor([]track{videoTrack("vp9", "yuv420p", 1920, 1080, 0), opus}, []int{1080, 720, 360}).renditionRows(run1) {
		if r.ClipID != run1.ClipID || r.Attempt != run1.Attempt || r.Bandwidth == 0 || len(r.Name) > 16 || r.Kind == tidings.RenditionVideo && r.Width == 0 {
			t.Errorf("%+v", r)
		}
	}
}
