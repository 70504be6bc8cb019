package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// TestMain lets the test binary be its own sandboxed child, as the product is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "__guard" {
		os.Exit(SandboxMain(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// fakeBackend is storage, rows and source in memory.
type fakeBackend struct {
	mu       sync.Mutex
	objects  map[string][]byte
	rends    map[string]tidings.Rendition
	segs     map[string][]tidings.Segment
	assets   map[string]tidings.Asset
	result   *tidings.MediaResult
	upload   tidings.Upload
	progress []float64
	source   func() io.ReadCloser
	segment  chan tidings.Segment // each visible segment
	finished time.Time
	onFinish func()
}

func newFakeBackend(source func() io.ReadCloser) *fakeBackend {
	return &fakeBackend{objects: map[string][]byte{}, rends: map[string]tidings.Rendition{}, segs: map[string][]tidings.Segment{},
		assets: map[string]tidings.Asset{}, source: source, segment: make(chan tidings.Segment, 10_000)}
}

func (w *fakeBackend) Follow(context.Context, tidings.ID) (io.ReadCloser, error) {
	return w.source(), nil
}

func (w *fakeBackend) Put(_ context.Context, key string, body io.ReadSeeker, size int64, _ string) error {
	b, err := io.ReadAll(body)
	if err == nil && int64(len(b)) != size {
		err = errors.New("the size lies")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.objects[key] = b
	return err
}

func (w *fakeBackend) PutLarge(ctx context.Context, key string, body io.Reader, ct string) (int64, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return 0, err
	}
	return int64(len(b)), w.Put(ctx, key, bytes.NewReader(b), int64(len(b)), ct)
}

func (w *fakeBackend) Open(_ context.Context, key string) (io.ReadCloser, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b, ok := w.objects[key]
	if !ok {
		return nil, tidings.NotFound()
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (w *fakeBackend) StartMedia(_ context.Context, _ tidings.StepRun, _ []tidings.Track, rs []tidings.Rendition) error {
	for _, r := range rs {
		w.SetRendition(context.Background(), tidings.StepRun{}, r)
	}
	return nil
}

func (w *fakeBackend) SetRendition(_ context.Context, _ tidings.StepRun, r tidings.Rendition) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rends[r.Name] = r
	return nil
}

func (w *fakeBackend) AddSegment(_ context.Context, _ tidings.StepRun, g tidings.Segment) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.objects[g.Key] == nil {
		return errors.New("a segment is visible before it is stored")
	}
	w.segs[g.Rendition] = append(w.segs[g.Rendition], g)
	w.segment <- g
	return nil
}

func (w *fakeBackend) AddAsset(_ context.Context, _ tidings.StepRun, a tidings.Asset) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.assets[a.Name] = a
	return nil
}

func (w *fakeBackend) FinishMedia(_ context.Context, _ tidings.StepRun, m tidings.MediaResult) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result, w.finished = &m, time.Now()
	if w.onFinish != nil {
		w.onFinish()
	}
	return nil
}

func (w *fakeBackend) StepProgress(_ context.Context, _ tidings.StepRun, p float64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress = append(w.progress, p)
	return nil
}

func (w *fakeBackend) AddStaleObjects(context.Context, []string) error { return nil }

func (w *fakeBackend) UploadByClip(context.Context, tidings.ID) (tidings.Upload, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.upload, nil
}

func (w *fakeBackend) Renditions(context.Context, tidings.ID) ([]tidings.Rendition, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []tidings.Rendition
	for _, r := range w.rends {
		r.Complete = w.result != nil
		out = append(out, r)
	}
	return out, nil
}

func (w *fakeBackend) Segments(_ context.Context, _ tidings.ID, _ int64, name string) ([]tidings.Segment, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.segs[name]), nil
}

func (w *fakeBackend) Asset(_ context.Context, _ tidings.ID, name string) (tidings.Asset, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, ok := w.assets[name]
	if !ok {
		return a, tidings.NotFound()
	}
	return a, nil
}

func (w *fakeBackend) PutAsset(ctx context.Context, a tidings.Asset) error {
	return w.AddAsset(ctx, tidings.StepRun{}, a)
}

func (w *fakeBackend) MediaReport(context.Context, tidings.ID) (tidings.Report, []tidings.Track, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.result == nil {
		return tidings.Report{}, nil, nil
	}
	return w.result.Report, w.result.Tracks, nil
}

func newMedia(t testing.TB, w *fakeBackend) *Media {
	t.Helper()
	m, err := New(Config{Rows: w, Playback: w, Blobs: w, Source: w, FFmpeg: "ffmpeg", FFprobe: "ffprobe", Dir: filepath.Join(t.TempDir(), "tmp")})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var run1 = tidings.StepRun{ClipID: "01JD0000000000000000000000", Step: tidings.StepTranscode, Attempt: 1}

// runFFmpeg makes test material with the plain program.
func runFFmpeg(t testing.TB, args ...string) {
	t.Helper()
	out, err := exec.Command("ffmpeg", append([]string{"-hide_banner", "-v", "error", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// makeSample makes a recording in a temporary folder and returns its bytes.
func makeSample(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	runFFmpeg(t, append(args, path)...)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wholeSource(b []byte) func() io.ReadCloser {
	return func() io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }
}

// renditionFile is a rendition as one file.
func (w *fakeBackend) renditionFile(t testing.TB, name string) string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()

	segs := w.segs[name]
	sort.Slice(segs, func(i, j int) bool { return segs[i].Seq < segs[j].Seq })
	b := bytes.Clone(w.objects[w.rends[name].InitKey])
	for i, g := range segs {
		if g.Seq != int64(i) {
			t.Fatalf("%s: segment %d stands at place %d", name, g.Seq, i)
		}
		b = append(b, w.objects[g.Key]...)
	}

	path := filepath.Join(t.TempDir(), name+".mp4")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

// checkDecodes fails unless a plain ffmpeg decodes the files, each by itself,
// without errors. One process reads them all: to start it takes longer than to decode a segment.
func checkDecodes(t testing.TB, paths ...string) {
	t.Helper()
	args := []string{"-v", "error"}
	for _, path := range paths {
		args = append(args, "-i", path)
	}
	for i := range paths {
		args = append(args, "-map", fmt.Sprintf("%d:v?", i), "-map", fmt.Sprintf("%d:a?", i), "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-")
	}

	out, err := exec.Command("ffmpeg", args...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%s: does not decode cleanly: %v\n%s", strings.Join(paths, ", "), err, out)
	}
}
