package hls

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

func testRenditions(complete bool) []tidings.Rendition {
	return []tidings.Rendition{
		{Name: "src", Kind: tidings.RenditionVideo, Codecs: "avc3.42001f", Width: 1280, Height: 720, Bandwidth: 2_000_000, InitKey: "k", Complete: complete},
		{Name: "v360", Kind: tidings.RenditionVideo, Codecs: "avc1.64001e", Width: 640, Height: 360, Bandwidth: 800_000, InitKey: "k", Complete: complete},
		{Name: "a", Kind: tidings.RenditionAudio, Codecs: "mp4a.40.2", Bandwidth: 128_000, InitKey: "k", Complete: complete},
	}
}

func TestMasterPlaylist(t *testing.T) {
	want := `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="a/index.m3u8?share=x"
#EXT-X-STREAM-INF:BANDWIDTH=2128000,RESOLUTION=1280x720,CODECS="avc3.42001f,mp4a.40.2",AUDIO="a"
src/index.m3u8?share=x
#EXT-X-STREAM-INF:BANDWIDTH=928000,RESOLUTION=640x360,CODECS="avc1.64001e,mp4a.40.2",AUDIO="a"
v360/index.m3u8?share=x
`
	if got := string(MasterPlaylist(testRenditions(true), "?share=x")); got != want {
		t.Errorf("got\n%s", got)
	}

	voice := string(MasterPlaylist(testRenditions(true)[2:], ""))
	if !strings.Contains(voice, "#EXT-X-STREAM-INF:BANDWIDTH=128000,CODECS=\"mp4a.40.2\"\na/index.m3u8\n") || strings.Contains(voice, "EXT-X-MEDIA") {
		t.Errorf("voice:\n%s", voice)
	}
}

// TestMasterPlaylistWaits: a player reads this playlist once. A playlist without
// the sound would never get it.
func TestMasterPlaylistWaits(t *testing.T) {
	for i := range 3 {
		rs := testRenditions(false)
		rs[i].InitKey = ""
		if got := MasterPlaylist(rs, ""); got != nil {
			t.Errorf("without %s:\n%s", rs[i].Name, got)
		}

		rs = testRenditions(true)
		rs[i].InitKey, rs[i].Codecs = "", ""
		if got := string(MasterPlaylist(rs, "")); got == "" || strings.Contains(got, rs[i].Name+"/index") {
			t.Errorf("complete without %s:\n%s", rs[i].Name, got)
		}
	}

	if got := MasterPlaylist(nil, ""); got != nil {
		t.Errorf("of nothing: %s", got)
	}
}

func TestMediaPlaylist(t *testing.T) {
	segs := []tidings.Segment{{Seq: 0, DurationUS: 2_000_000}, {Seq: 1, DurationUS: 1_966_667}}
	live := string(MediaPlaylist(testRenditions(false)[0], segs, ""))
	want := `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.000000,
0.m4s
#EXTINF:1.966667,
1.m4s
`
	if live != want {
		t.Errorf("live:\n%s", live)
	}

	vod := string(MediaPlaylist(testRenditions(true)[0], segs, "?share=x"))
	if !strings.HasSuffix(vod, "1.m4s?share=x\n#EXT-X-ENDLIST\n") || !strings.Contains(vod, "PLAYLIST-TYPE:VOD") || !strings.Contains(vod, `"init.mp4?share=x"`) {
		t.Errorf("complete:\n%s", vod)
	}
}

var extinf = regexp.MustCompile(`#EXTINF:([0-9.]+),`)

// TestMediaPlaylistTarget: no segment, rounded, may be longer than the target
// (RFC 8216 section 4.3.3.1).
func TestMediaPlaylistTarget(t *testing.T) {
	for us := int64(0); us < 40_000_000; us += 333_333 {
		text := string(MediaPlaylist(testRenditions(true)[0], []tidings.Segment{{DurationUS: 1_000_000}, {Seq: 1, DurationUS: us}}, ""))
		target, _ := strconv.Atoi(regexp.MustCompile(`TARGETDURATION:(\d+)`).FindStringSubmatch(text)[1])
		for _, m := range extinf.FindAllStringSubmatch(text, -1) {
			if d, _ := strconv.ParseFloat(m[1], 64); int(math.Round(d)) > target {
				t.Fatalf("%.3f s and a target of %d", d, target)
			}
		}
	}
}
