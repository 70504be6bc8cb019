package page

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

// webFile is a file of the web app in memory. It is compressed at the first
// request that accepts the coding.
type webFile struct {
	contentType string
	cache       string
	etag        string // without quotes
	plain       []byte
	br, gz      func() []byte // nil for types that are compressed already
}

// readFiles reads all files of the built web app, by their path from the root of
// the server.
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
				return fs.SkipDir // the manifest is not served
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
		f.br = sync.OnceValue(func() []byte { return compressText(text, newBrotliWriter) })
		f.gz = sync.OnceValue(func() []byte { return compressText(text, newGzipWriter) })
	}

	return f
}

func newBrotliWriter(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 9) }
func newGzipWriter(w io.Writer) io.WriteCloser   { return gzip.NewWriter(w) }

// compressText writes to memory, where no write fails.
func compressText(text []byte, to func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := to(&b)
	w.Write(text)
	w.Close()
	return b.Bytes()
}

// WebAsset is GET /assets/* and the few other files of the web build.
func (h *Handler) WebAsset(c echo.Context) error {
	f := h.files[c.Request().URL.Path]
	if f == nil {
		return tidings.NotFound()
	}

	header := c.Response().Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", f.cache)
	header.Add("Vary", "Accept-Encoding")
	body, etag := f.plain, f.etag
	accepted := c.Request().Header.Get("Accept-Encoding")
	switch {
	case f.br != nil && acceptsCoding(accepted, "br"):
		body, etag = f.br(), etag+"-br"
		header.Set("Content-Encoding", "br")
	case f.gz != nil && acceptsCoding(accepted, "gzip"):
		body, etag = f.gz(), etag+"-gz"
		header.Set("Content-Encoding", "gzip")
	}

	header.Set("ETag", `"`+etag+`"`)
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(body))

	return nil
}

// acceptsCoding reports whether an Accept-Encoding names the coding with a weight
// above 0 (RFC 9110 section 12.5.3).
func acceptsCoding(header, coding string) bool {
	for _, element := range strings.Split(header, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(element), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		text, hasWeight := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
		weight, err := strconv.ParseFloat(text, 64)
		return !hasWeight || err == nil && weight > 0
	}
	return false
}
