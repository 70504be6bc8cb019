package media

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tidings.example/tidings/media/hls"
)

// TestPlaylistsPlay writes a clip as a web server would show it and lets the
// plain ffmpeg play it by its master playlist, sound and picture.
func TestPlaylistsPlay(t *testing.T) {
	w := transcodeFile(t, "testdata/vp8-opus.webm")
	dir := t.TempDir()
	write := func(name string, b []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	rs, _ := w.Renditions(t.Context(), "")
	write("master.m3u8", hls.MasterPlaylist(rs, ""))
	for _, r := range rs {
		write(r.Name+"/index.m3u8", hls.MediaPlaylist(r, w.segs[r.Name], ""))
		write(r.Name+"/init.mp4", w.objects[r.InitKey])
		for _, g := range w.segs[r.Name] {
			write(fmt.Sprintf("%s/%d.m4s", r.Name, g.Seq), w.objects[g.Key])
		}
	}

	out, err := exec.Command("ffmpeg", "-v", "error", "-allowed_extensions", "ALL", "-i", filepath.Join(dir, "master.m3u8"), "-map", "0:v", "-map", "0:a",
		"-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
