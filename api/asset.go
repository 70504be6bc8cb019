package api

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/labstack/echo/v4"

	"tidings.example/tidings/tidings"
)

// webFile is a file of the web app, held in memory and compressed when it is
// first asked for.
type webFile struct {
	contentType string
	cache       string
	etag        string // without quotes
	plain       []byte
	br, gz      func() []byte // nil where it would not help
}

// readFiles loads all files of the built web app, by path from the root.
func readFiles(web fs.FS) (map[string]*webFile, error) {
	files := map[string]*webFile{}
	if web == nil {
		return files, nil
	}
	return files, fs.WalkDir(web, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasPrefix(name, ".v") {
				return fs.SkipDir // the manifest is ours alone
			}
			return nil
		}

		text, err := fs.ReadFile(web, name)
		if err == nil {
			files["/"+name] = newWebFile(name, text)
		}

		return err
	})
}

func newWebFile(name string, text []byte) *webFile {
	sum := sha256.Sum256(text)
	f := &webFile{contentType: cmp.Or(mime.TypeByExtension(path.Ext(name)), echo.MIMEOctetStream), cache: "public, max-age=3600",
		etag: hex.EncodeToString(sum[:12]), plain: text}
	if strings.HasPrefix(name, "assets/") { // Vite puts a hash of the content in the name
		f.cache = "public, max-age=31536000, immutable"
	}

	switch path.Ext(name) {
	case ".js", ".css", ".svg", ".json", ".html", ".txt", ".map", ".wasm", ".webmanifest":
		f.br = sync.OnceValue(func() []byte { return squeeze(text, brotliTo) })
		f.gz = sync.OnceValue(func() []byte { return squeeze(text, gzipTo) })
	}

	return f
}

func brotliTo(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 9) }
func gzipTo(w io.Writer) io.WriteCloser   { return gzip.NewWriter(w) }

// squeeze compresses into memory, where no write fails.
func squeeze(text []byte, to func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := to(&b)
	w.Write(text)
	w.Close()
	return b.Bytes()
}

// webAsset is GET /assets/* and the few files beside it.
func (s *server) webAsset(c echo.Context) error {
	f := s.pages.files[c.Request().URL.Path]
	if f == nil {
		return tidings.NotFound()
	}

	h := c.Response().Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cache)
	h.Add("Vary", "Accept-Encoding")
	body, etag := f.plain, f.etag
	accepted := c.Request().Header.Get("Accept-Encoding")
	switch {
	case f.br != nil && accepts(accepted, "br"):
		body, etag = f.br(), etag+"-br"
		h.Set("Content-Encoding", "br")
	case f.gz != nil && accepts(accepted, "gzip"):
		body, etag = f.gz(), etag+"-gz"
		h.Set("Content-Encoding", "gzip")
	}

	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(body))

	return nil
}

// accepts reports whether an Accept-Encoding names the coding, and not with a
// weight of 0.
func accepts(header, coding string) bool {
	for _, part := range strings.Split(header, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		text, weighed := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
		weight, err := strconv.ParseFloat(text, 64)
		return !weighed || err == nil && weight > 0
	}
	return false
}
