package media

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"tidings.example/tidings/media/blob/blobtest"
	"tidings.example/tidings/tidings"
)

// TestFullTempDisk: however little space the disk of temporary files has left, a
// clip is made completely, or the step fails for want of space and for nothing
// else. With space again it is made as if nothing had been.
func TestFullTempDisk(t *testing.T) {
	b, err := os.ReadFile("testdata/vp8-opus.webm")
	if err != nil {
		t.Fatal(err)
	}

	want := transcodeFile(t, "testdata/vp8-opus.webm")
	tried, failed := 0, 0
	for _, keep := range []int64{0, 8 << 10, 64 << 10, 256 << 10, 512 << 10} {
		t.Run(fmt.Sprint(keep), func(t *testing.T) {
			disk := blobtest.SmallDisk(t, 64<<20)
			tried++
			w := newFakeBackend(func() io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) })
			m := newMedia(t, w)
			m.cfg.Dir = disk
			free := blobtest.FillDisk(t, disk, keep)
			err := m.Transcode(t.Context(), run1)
			if err != nil && tidings.KindOf(err) != tidings.KindStorageFull {
				t.Errorf("a full disk is called %s: %v", tidings.KindOf(err), err)
			}
			if err != nil {
				failed++
				free()
				w = newFakeBackend(w.source)
				m.cfg.Rows, m.cfg.Blobs, m.cfg.Source = w, w, w
				if err := m.Transcode(t.Context(), run1); err != nil {
					t.Fatalf("there is space again: %v", err)
				}
			}

			for _, name := range want.renditionNames() {
				if !bytes.Equal(w.renditionBytes(t, name), want.renditionBytes(t, name)) {
					t.Errorf("%s is not what it would have been", name)
				}
			}
			for name := range want.assets {
				if _, made := w.assets[name]; !made {
					t.Errorf("%s is missing", name)
				}
			}
		})
	}
	if tried > 0 && failed == 0 {
		t.Error("no disk was full")
	}
}

// TestFullDiskMessages: what ffmpeg says of a full disk counts, wherever in its
// log it says so, and even if it then claims success.
func TestFullDiskMessages(t *testing.T) {
	m := newMedia(t, newFakeBackend(nil))
	for _, script := range []string{
		"echo file.m4s: No space left on device >&2; seq 100 >&2; exit 1",
		"echo file.m4s: Disk quota exceeded >&2",
	} {
		p := process{program: "/bin/bash", args: []string{"-c", script}, dir: t.TempDir(), timeout: time.Minute}
		_, err := m.runProcess(t.Context(), p)
		if tidings.KindOf(err) != tidings.KindStorageFull || isFFmpegFault(t.Context(), err) {
			t.Errorf("%s: %v", script, err)
		}
	}
}
