// Package mediatest makes recordings for tests of other packages.
package mediatest

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Containers are what browsers record into: the extension of each, and ffmpeg's
// options for files like theirs.
var Containers = map[string][]string{
	"mp4": {"-pix_fmt", "yuv420p", "-ar", "48000", "-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-profile:v", "baseline", "-g", "30", "-x264-params", "repeat-headers=1", "-tag:v", "avc3",
		"-c:a", "libopus", "-b:a", "64k", "-f", "mp4", "-video_track_timescale", strconv.Itoa(timescale), "-movflags", "empty_moov+default_base_moof+frag_keyframe"},
	"webm": {"-ar", "48000", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-c:a", "libopus", "-b:a", "64k", "-f", "webm", "-live", "1", "-cluster_time_limit", "500"},
}

const timescale = 48_000 // of each track: that of sound is its sample rate

// Restarted is a recording as the recorder writes it when its encoder fails and
// another one goes on: the whole of the first one's file, then the second one's
// without its head, whose times begin at this moment. first and second are
// ffmpeg's inputs.
func Restarted(t testing.TB, container string, at time.Duration, first, second []string) []byte {
	t.Helper()
	a, b := encode(t, container, 0, first), encode(t, container, at, second)
	if container == "webm" {
		return append(a, b[bytes.Index(b, []byte{0x1f, 0x43, 0xb6, 0x75}):]...) // its first cluster
	}

	a = a[:bytes.LastIndex(a, []byte("mfra"))-4]
	b = b[bytes.Index(b, []byte("moof"))-4 : bytes.LastIndex(b, []byte("mfra"))-4]
	delayFragments(b, uint64(at.Seconds()*timescale))
	return append(a, b...)
}

// encode makes a file whose times begin at this moment, of WebM; fragments of MP4
// have no such times.
func encode(t testing.TB, container string, from time.Duration, input []string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "part")
	args := append(append([]string{"-hide_banner", "-v", "error", "-y"}, input...), Containers[container]...)
	if container == "webm" {
		args = append(args, "-output_ts_offset", strconv.FormatFloat(from.Seconds(), 'f', 3, 64))
	}
	if out, err := exec.Command("ffmpeg", append(args, path)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}

	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	return b
}

// delayFragments adds to the decode time of each track of each fragment
// (ISO/IEC 14496-12, 8.8.12, version 1).
func delayFragments(b []byte, ticks uint64) {
	for i := 0; ; {
		at := bytes.Index(b[i:], []byte("tfdt\x01"))
		if at < 0 {
			return
		}

		i += at + 8
		binary.BigEndian.PutUint64(b[i:], binary.BigEndian.Uint64(b[i:])+ticks)
	}
}
