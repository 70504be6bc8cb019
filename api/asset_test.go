package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
)

func TestAssetsAreCompressedAndCached(t *testing.T) {
	w := newServerBeforeSetup(t, withWeb)
	plain, err := testdata.ReadFile("testdata/dist/assets/main-a1.js")
	w.ok(err)
	const at = "/assets/main-a1.js"
	for accept, want := range map[string]string{"": "", "gzip": "gzip", "br;q=0, gzip": "gzip", "gzip, deflate, br": "br", "br;q=0.5": "br", "identity": ""} {
		a := w.anonymousClient().get(at, "Accept-Encoding: "+accept).is(http.StatusOK, "").has("Content-Encoding: "+want, "Vary: Accept-Encoding",
			"Cache-Control: public, max-age=31536000, immutable", "Content-Type: text/javascript; charset=utf-8")
		var r io.Reader = bytes.NewReader(a.body)
		switch want {
		case "gzip":
			r, err = gzip.NewReader(r)
			w.ok(err)
		case "br":
			r = brotli.NewReader(r)
		}

		got, err := io.ReadAll(r)
		w.ok(err)

		if !bytes.Equal(got, plain) || want != "" && len(a.body) >= len(plain) {
			t.Errorf("%q: %d bytes for %d", accept, len(a.body), len(plain))
		}

		w.anonymousClient().get(at, "Accept-Encoding: "+accept, "If-None-Match: "+a.Header.Get("ETag")).is(http.StatusNotModified, "")
	}

	w.anonymousClient().do("HEAD", at, nil).is(http.StatusOK, "")
	w.anonymousClient().get("/favicon.svg").is(http.StatusOK, "").has("Cache-Control: public, max-age=3600", "Content-Type: image/svg+xml")
	for _, path := range []string{"/assets/none.js", "/assets/../.vite/manifest.json", "/assets/%2e%2e/.vite/manifest.json", "/.vite/manifest.json"} {
		w.anonymousClient().get(path).is(http.StatusNotFound, "not_found")
	}
}

func TestBrokenWebBuildFailsStart(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"no JSON":  {".vite/manifest.json": {Data: []byte("{")}},
		"no entry": {".vite/manifest.json": {Data: []byte(`{"index.html":{"file":"assets/x.js"}}`)}},
	} {
		if _, err := api.New(t.Context(), api.Config{}, api.Deps{Web: files}); err == nil {
			t.Errorf("%s: the server starts", name)
		}
	}
	newServerBeforeSetup(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Web = fstest.MapFS{"dist/.keep": {}} }) // a missing build is no error
}
