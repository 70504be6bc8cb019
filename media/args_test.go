package media

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

var update = flag.Bool("update", false, "write testdata/golden again")

func videoTrack(codec, pixels string, w, h, rotation int) track {
	return track{Track: tidings.Track{Index: 0, Type: "video", Codec: codec, Width: w, Height: h, Rotation: rotation}, pixels: pixels}
}

var opus = track{Track: tidings.Track{Index: 1, Type: "audio", Codec: "opus", Channels: 2, Rate: 48000}}

func fromPipe(c container, tracks ...track) original {
	return original{input: input{reader: strings.NewReader("")}, container: c, tracks: tracks}
}

// TestArgsGolden compares the command lines with files that were reviewed by
// hand.
func TestArgsGolden(t *testing.T) {
	webm, mov := container{format: "matroska"}, container{format: "mov"}
	file := original{input: input{file: "/private/original"}, container: container{format: "mov", needsSeek: true},
		tracks: []track{videoTrack("hevc", "yuv420p10le", 1920, 1080, 90), opus}}
	for name, o := range map[string]original{
		"vp9-720p-opus":      fromPipe(webm, videoTrack("vp9", "yuv420p", 1280, 720, 0), opus),
		"vp8-360p":           fromPipe(webm, videoTrack("vp8", "yuv420p", 640, 360, 0)),
		"h264-1080p-opus":    fromPipe(mov, videoTrack("h264", "yuv420p", 1920, 1080, 0), opus),
		"opus":               fromPipe(webm, opus),
		"phone-hevc-as-file": file,
	} {
		t.Run(name, func(t *testing.T) {
			p := planFor(o.tracks, Ladder)
			checkGolden(t, name, p.ffmpegArgs(o))
			if p.audio != nil {
				checkGolden(t, name+"-pcm", p.pcmArgs(o))
			}
		})
	}

	o := fromPipe(webm, videoTrack("vp9", "yuv420p", 1280, 720, 0), opus)
	checkGolden(t, "vp9-720p-opus-essentials", planFor(o.tracks, Ladder).playbackOnly().ffmpegArgs(o))
}

// checkGolden compares arguments with a file, one option a line.
func checkGolden(t *testing.T, name string, args []string) {
	t.Helper()
	var b strings.Builder
	for i, a := range args {
		if i > 0 && strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "-1") {
			b.WriteString("\n")
		} else if i > 0 {
			b.WriteString(" ")
		}
		b.WriteString(a)
	}

	b.WriteString("\n")
	path := filepath.Join("testdata", "golden", name+".args")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	if b.String() != string(want) {
		t.Errorf("%s has changed (go test ./media -run Golden -update accepts it):\n%s", path, b.String())
	}
}
