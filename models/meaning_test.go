package models_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/models"
	"tidings.example/tidings/tidings"
)

// newFolderModel is a model of two files in a folder of the server.
func (s *modelServer) newFolderModel() (e models.Model, files map[string][]byte) {
	a, b := modelContent(200_000), modelContent(7000)
	files = map[string][]byte{"/repo/weights": a, "/repo/sub/words.txt": b}
	return models.Model{Name: "meaning", Engine: "search", Folder: models.InModels, Target: "meaning", Sources: []models.Source{{URL: s.srv.URL + "/repo/"}},
		Files: []models.File{{Path: "weights", Size: int64(len(a)), SHA256: sumOf(a)}, {Path: "sub/words.txt", Size: int64(len(b)), SHA256: sumOf(b)}}}, files
}

// TestFolder: the files of a model come from a folder one by one, a broken download
// goes on where it ended, and the checksum of each decides.
func TestFolder(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  bool
		mirror bool
		asked  string
	}{
		"broken off once":   {asked: "/repo/weights /repo/weights bytes=50000- /repo/sub/words.txt"},
		"a file is another": {spoil: true},
		"from the mirror":   {mirror: true, asked: "/mirror/meaning/weights /mirror/meaning/weights bytes=50000- /mirror/meaning/sub/words.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var files map[string][]byte
			s := startModelServer(t, func(s *modelServer, w http.ResponseWriter, r *http.Request) {
				b, ok := files[strings.Replace(r.URL.Path, "/mirror/meaning/", "/repo/", 1)]
				if !ok {
					http.NotFound(w, r)
					return
				}
				if len(s.requests) == 1 {
					w = &cutWriter{w, 50_000}
				}
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
			})
			e, all := s.newFolderModel()
			if files = all; c.spoil {
				files["/repo/sub/words.txt"] = modelContent(7001)[:7000]
			}

			m := s.newManager(e, func(cfg *models.Config) {
				if c.mirror {
					cfg.Mirror = s.srv.URL + "/mirror"
				}
			})
			var done, total int64
			err := m.Pull(t.Context(), e, func(d, n int64) { done, total = d, n })
			if c.spoil {
				if tidings.KindOf(err) != tidings.KindUnavailable || m.Installed(e) || s.modelFiles() != "" {
					t.Errorf("%v; left are %q", err, s.modelFiles())
				}
				return
			}

			if err != nil || m.Verify(t.Context(), e) != nil || done != 207_000 || total != 207_000 || s.modelFiles() != "meaning" {
				t.Errorf("%v, %d of %d; left are %q", err, done, total, s.modelFiles())
			}
			if got := strings.Join(s.requests, " "); got != c.asked {
				t.Errorf("asked for %s", got)
			}
			if b, err := os.ReadFile(filepath.Join(m.Path(e), "sub", "words.txt")); err != nil || !bytes.Equal(b, files["/repo/sub/words.txt"]) {
				t.Errorf("another file: %v", err)
			}
		})
	}
}
