package backup

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// memoryObjects is an object storage in memory.
type memoryObjects struct {
	mu      sync.Mutex
	content map[string][]byte
	types   map[string]string
	damaged map[string]bool // Get breaks off before their last byte
	down    bool            // nothing answers
}

// errNoAnswer is what the package blob makes of a damaged object too.
var errNoAnswer = tidings.Errorf(tidings.KindUnavailable, "The storage does not answer. Try again in a moment.")

func newMemoryObjects() *memoryObjects {
	return &memoryObjects{content: map[string][]byte{}, types: map[string]string{}}
}

// List implements Objects.
func (m *memoryObjects) List(_ context.Context, prefix, after string, limit int) (page []Object, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	if m.down {
		return nil, errNoAnswer
	}

	for _, key := range slices.Sorted(maps.Keys(m.content)) {
		if strings.HasPrefix(key, prefix) && key > after && len(page) < limit {
			page = append(page, Object{Key: key, Size: int64(len(m.content[key]))})
		}
	}

	return page, nil
}

// Head implements Objects.
func (m *memoryObjects) Head(_ context.Context, key string) (Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	b, ok := m.content[key]
	if !ok {
		return Object{}, tidings.NotFound()
	}
	return Object{Key: key, Size: int64(len(b)), ContentType: m.types[key]}, nil
}

// Get implements Objects.
func (m *memoryObjects) Get(ctx context.Context, key string) (Object, io.ReadCloser, error) {
	o, err := m.Head(ctx, key)
	if err != nil {
		return o, nil, err
	}

	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.content[key]; m.damaged[key] {
		return o, io.NopCloser(io.MultiReader(bytes.NewReader(b[:len(b)-1]), iotest.ErrReader(errNoAnswer))), nil
	}
	return o, io.NopCloser(bytes.NewReader(m.content[key])), nil
}

// Put implements Objects.
func (m *memoryObjects) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error {
	n, err := m.PutLarge(ctx, key, body, contentType)
	if err == nil && n != size {
		return fmt.Errorf("%d bytes came of %d", n, size)
	}
	return err
}

// PutLarge implements Objects.
func (m *memoryObjects) PutLarge(_ context.Context, key string, body io.Reader, contentType string) (int64, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return 0, err
	}

	m.mu.Lock()
	defer m.mu.Unlock()
	m.content[key], m.types[key] = b, contentType
	return int64(len(b)), nil
}

func (m *memoryObjects) removeKeys(keys ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()

	for _, key := range keys {
		delete(m.content, key)
	}
}

// installation is a data folder with an open database and its object storage.
type installation struct {
	t       *testing.T
	data    string
	rows    *store.Store
	objects *memoryObjects
	gate    DeletionGate
}

// openInstallation opens a data folder until the test ends or close is called.
func openInstallation(t *testing.T, data string, objects *memoryObjects) *installation {
	t.Helper()
	rows, err := store.Open(t.Context(), store.Config{Dir: data})
	if err != nil {
		t.Fatal(err)
	}

	in := &installation{t: t, data: data, rows: rows, objects: objects}
	t.Cleanup(in.close)
	return in
}

// newInstallation makes an installation with a clip of n objects.
func newInstallation(t *testing.T, n int) (in *installation, owner, clip tidings.ID) {
	t.Helper()
	in = openInstallation(t, t.TempDir(), newMemoryObjects())
	ana, ws, err := in.rows.Setup(t.Context(), tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}

	c, err := in.rows.CreateClip(t.Context(), tidings.Clip{ID: tidings.NewID(time.Now()), State: tidings.ClipReady, WorkspaceID: ws.ID,
		Author: tidings.Author{ID: ana.ID}, Kind: tidings.ClipVoice, Visibility: tidings.VisibilityWorkspace})
	if err != nil {
		t.Fatal(err)
	}

	in.addAssets(c.ID, 0, n)
	return in, ana.ID, c.ID
}

func (in *installation) close() {
	in.t.Helper()
	if in.rows == nil {
		return
	}
	if err := in.rows.Close(); err != nil {
		in.t.Error(err)
	}
	in.rows = nil
}

// largeAsset is the asset that is larger than maxBufferedObject.
const largeAsset = 3

// addAssets gives a clip the objects from..to.
func (in *installation) addAssets(clip tidings.ID, from, to int) (keys []string) {
	in.t.Helper()
	for i := from; i < to; i++ {
		b := bytes.Repeat([]byte(fmt.Sprintf("%s %d ", clip, i)), 600)
		if i == largeAsset {
			b = bytes.Repeat(b, 700)
		}

		key := fmt.Sprintf("%sm1/%05d", clipKeyPrefix(clip), i)
		if _, err := in.objects.PutLarge(in.t.Context(), key, bytes.NewReader(b), "text/x-test"); err != nil {
			in.t.Fatal(err)
		}

		in.execSQL("INSERT INTO assets (clip_id, name, attempt, content_type, bytes, key) VALUES ($1, $2, 1, 'text/x-test', $3, $4)",
			string(clip), fmt.Sprint(i), len(b), key)
		keys = append(keys, key)
	}

	return keys
}

// execSQL changes rows.
func (in *installation) execSQL(query string, args ...any) {
	in.t.Helper()
	if _, err := in.rows.DB().ExecContext(in.t.Context(), query, args...); err != nil {
		in.t.Fatal(err)
	}
}

// tryExport exports into dir and calls copying, if it is not nil, after the
// snapshot and before the first object.
func (in *installation) tryExport(dir string, copying func()) (ExportReport, error) {
	return Export(in.t.Context(), ExportConfig{
		DataDir: in.data, Version: "test", Rows: in.rows, Objects: in.objects, Gate: &in.gate,
		Snapshot: func(ctx context.Context, path string) (Snapshot, int64, error) {
			s, err := in.rows.Snapshot(ctx, path)
			if err != nil {
				return nil, 0, err
			}
			return s, s.Schema, nil
		},
		Report: func(p tidings.Progress) {
			if p.Phase == "copying" && copying != nil {
				copying()
				copying = nil
			}
		},
	}, dir)
}

// export is tryExport that must succeed.
func (in *installation) export(dir string, copying func()) ExportReport {
	in.t.Helper()
	r, err := in.tryExport(dir, copying)
	if err != nil {
		in.t.Fatalf("export: %v", err)
	}
	return r
}

// importFrom imports the export in dir into the folder to.
func importFrom(t *testing.T, dir, to string, objects *memoryObjects) (ImportReport, error) {
	return Import(t.Context(), ImportConfig{
		DataDir: to, SchemaVersion: store.SchemaVersion, CheckEmpty: store.CheckEmpty,
		Claim: func(ctx context.Context, dir string) (Claim, error) {
			claim, err := store.ClaimDir(ctx, dir)
			if err != nil {
				return nil, err
			}
			return claim, nil
		},
		OpenObjects: func(context.Context) (Objects, func() error, error) {
			return objects, func() error { return nil }, nil
		},
		OpenDatabase: func(ctx context.Context, path string) (ObjectRows, error) {
			s, err := store.OpenSnapshot(ctx, path)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		Report: func(tidings.Progress) {},
	}, dir)
}

// hasMessage reports whether err is for a person and its message has the words.
func hasMessage(err error, words string) bool {
	return err != nil && strings.Contains(tidings.Sentence(err), words)
}

// readFiles returns the contents of a folder by path.
func readFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		out[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	return out
}
