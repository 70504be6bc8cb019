package main

import (
	"bytes"
	"cmp"
	"image"
	"image/png"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/media/blob/embedded"
)

// TestExportMoves moves an installation with a recording, a remark and a
// picture beside the running server to another folder, and from there to an
// S3 server and back to files: everything is the same everywhere.
func TestExportMoves(t *testing.T) {
	from := startServer(t, t.TempDir()).signIn()
	clip := from.pushFile("../../media/testdata/vp8-opus.webm", "Quarterly figures")
	spoken := from.pushFile("../../media/testdata/voice.webm", "Something said")
	from.callAPI(http.MethodPost, "/api/v1/clips/"+clip+"/comments", map[string]any{"body": "what about the throughput"}, nil)
	old := from.uploadAvatar(64)
	from.awaitFinished(clip)
	from.awaitFinished(spoken)
	dir := filepath.Join(t.TempDir(), "a copy, 100 % ours?")
	runExport(t, from.data, dir, "2 clips", " 0 were there")
	checkPrivate(t, dir)
	picture := from.uploadAvatar(32)

	if out := runExport(t, from.data, dir, "2 clips"); strings.Contains(out, " 0 were there") || strings.Contains(out, "; 0 copied") {
		t.Errorf("it is not brought up to date: %s", out)
	}

	if there := readFiles(t, filepath.Join(dir, "objects")); there[avatarKeyOf(old)] != "" || there[avatarKeyOf(picture)] == "" {
		t.Errorf("the old picture is there: %v, the new one is not: %v", there[avatarKeyOf(old)] != "", there[avatarKeyOf(picture)] == "")
	}

	want := from.readEverything(picture, clip, spoken)
	from.stop()

	to := filepath.Join(t.TempDir(), "new")
	if out, err := runCommand(t, "import", "--data", to, dir); err != nil || !strings.Contains(out, "index fills itself") {
		t.Fatalf("import: %v\n%s", err, out)
	}

	same := func(s *testServer) {
		t.Helper()
		s.token, s.ws = from.token, from.ws
		s.callAPI(http.MethodPost, "/api/v1/session", map[string]any{"email": ownerEmail, "password": ownerPassword}, nil)
		for at, b := range s.readEverything(picture, clip, spoken) {
			if !bytes.Equal(b, want[at]) {
				t.Errorf("%s: %d bytes that are not the %d", at, len(b), len(want[at]))
			}
		}

		s.awaitSettled()
		for word, id := range map[string]string{"quarterly": clip, "throughput": clip, "something": spoken} {
			if _, _, found := s.searchClips(word); !slices.Equal(found, []string{id}) {
				t.Errorf("%s finds %v", word, found)
			}
		}
	}

	s := startServer(t, to)
	same(s)
	s.stop()

	bucket := bucketFlags(t)
	far := filepath.Join(t.TempDir(), "far")
	if out, err := runCommand(t, append(append([]string{"import", "--data", far}, bucket...), dir)...); err != nil {
		t.Fatalf("import into a bucket: %v\n%s", err, out)
	}

	// The embedded server of this test has left the folder in which relative paths are found.
	again := filepath.Join(t.TempDir(), "again")
	if out, err := runCommand(t, append(append([]string{"export", "--data", far}, bucket...), again)...); err != nil {
		t.Fatalf("export from a bucket: %v\n%s", err, out)
	}

	if a, b := readFiles(t, dir), readFiles(t, again); a["objects.jsonl"] != b["objects.jsonl"] || len(a) != len(b) {
		t.Errorf("%d files became %d; the lists are\n%s\n%s", len(a), len(b), a["objects.jsonl"], b["objects.jsonl"])
	}
}

// runExport runs an export and checks its output.
func runExport(t *testing.T, data, dir string, says ...string) string {
	t.Helper()
	out, err := runCommand(t, "export", dir, "--data", data)
	for _, s := range says {
		if !strings.Contains(out, s) {
			t.Errorf("it does not say %q: %s", s, out)
		}
	}

	if err != nil {
		t.Fatalf("export: %v\n%s", err, out)
	}

	return out
}

// checkPrivate fails when other users may read the folder.
func checkPrivate(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		info, err := d.Info()
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}

		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readFiles are the contents of a folder by path.
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

// uploadAvatar gives the owner an avatar that depends on mark and returns its URL.
func (s *testServer) uploadAvatar(mark int) string {
	s.t.Helper()
	var b bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, 64, 64))
	m.Pix[mark] = 255
	if err := png.Encode(&b, m); err != nil {
		s.t.Fatal(err)
	}

	res, body := s.request(http.MethodPut, "/api/v1/me/avatar", map[string]string{"Content-Type": "image/png"}, &b)
	at := regexp.MustCompile(`"avatar_url":"([^"]+)"`).FindSubmatch(body)
	if res.StatusCode != http.StatusOK || at == nil {
		s.t.Fatalf("picture: %s %s", res.Status, body)
	}

	return string(at[1])
}

// avatarKeyOf is the object key of an avatar by its URL, /api/v1/users/ID/avatar/HASH.
func avatarKeyOf(picture string) string {
	p := strings.Split(picture, "/")
	return "avatars/" + p[len(p)-3] + "/" + p[len(p)-1] + ".jpg"
}

// readEverything fetches an avatar and all media of clips, by URL, with every
// segment.
func (s *testServer) readEverything(picture string, clips ...string) map[string][]byte {
	s.t.Helper()
	out := map[string][]byte{}
	var get func(at string)
	get = func(at string) {
		if _, ok := out[at]; ok {
			return
		}

		res, b := s.request(http.MethodGet, at, nil, nil)
		if res.StatusCode != http.StatusOK {
			s.t.Fatalf("%s: %s %s", at, res.Status, b)
		}
		if out[at] = b; !bytes.HasPrefix(b, []byte("#EXTM3U")) {
			return
		}

		for _, m := range regexp.MustCompile(`(?m)^[^#\s].*$|URI="([^"]+)"`).FindAllStringSubmatch(string(b), -1) {
			u, err := res.Request.URL.Parse(cmp.Or(m[1], m[0]))
			if err != nil {
				s.t.Fatal(err)
			}
			get(u.RequestURI())
		}
	}
	get(picture)
	for _, c := range clips {
		for _, at := range s.loadClip(c).Media {
			if at != nil {
				get(*at)
			}
		}
	}

	if len(out) < 10 {
		s.t.Fatalf("only %v", slices.Sorted(maps.Keys(out)))
	}

	return out
}

// bucketFlags are the settings of an S3 server for other processes.
func bucketFlags(t *testing.T) []string {
	t.Helper()
	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	target, err := url.Parse(srv.Endpoint())
	if err != nil {
		t.Fatal(err)
	}

	front := httputil.NewSingleHostReverseProxy(target)
	front.Transport = srv.HTTPClient().Transport
	web := httptest.NewServer(front)
	t.Cleanup(web.Close)
	return []string{"--s3-endpoint", web.URL, "--s3-access-key", srv.Credentials.AccessKey, "--s3-secret-key", srv.Credentials.SecretKey}
}
