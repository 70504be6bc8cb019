package media

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tidings.example/tidings/tidings"
)

// readerFunc is a reader made of a function.
type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestRemovedTempDir: the folder of temporary files is removed between jobs and
// in the middle of one. It is made again, and a job that lost its files ends with
// an error that lets it run again: nothing is said to be damaged.
func TestRemovedTempDir(t *testing.T) {
	b, err := os.ReadFile("testdata/vp8-opus.webm")
	if err != nil {
		t.Fatal(err)
	}

	want := transcodeFile(t, "testdata/vp8-opus.webm")
	for _, at := range []int{0, len(b) / 2, len(b) - 1} {
		var m *Media
		removed := false
		w := newFakeBackend(func() io.ReadCloser {
			r := bytes.NewReader(b)
			return io.NopCloser(readerFunc(func(p []byte) (int, error) {
				if pos := len(b) - r.Len(); pos >= at && !removed {
					removed = true
					if err := os.RemoveAll(m.cfg.Dir); err != nil {
						t.Error(err)
					}
				}
				return r.Read(p[:min(len(p), 4096)])
			}))
		})
		m = newMedia(t, w)
		m.cfg.Dir = filepath.Join(m.cfg.Dir, "tmp") // it does not exist yet

		err := m.Transcode(t.Context(), run1)
		if kind := tidings.KindOf(err); kind == tidings.KindUnsupported || kind == tidings.KindInvalid {
			t.Errorf("removed at byte %d, the clip is refused: %v", at, err)
		}
		if err == nil {
			continue
		}

		if err := m.Transcode(t.Context(), tidings.StepRun{ClipID: run1.ClipID, Step: run1.Step, Attempt: 2}); err != nil || !removed {
			t.Errorf("the next run after byte %d: %v", at, err)
		}
		if !slices.Equal(w.renditionNames(), want.renditionNames()) || w.result.DurationMS != want.result.DurationMS {
			t.Errorf("after byte %d: %v, %d ms", at, w.renditionNames(), w.result.DurationMS)
		}
	}
}
