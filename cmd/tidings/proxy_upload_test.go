package main

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// checkUploadMetadata resumes an upload whose metadata is as long as is allowed:
// HEAD returns all of it in one header. nginx's own settings let less through.
func checkUploadMetadata(t *testing.T, kind proxyKind, c *proxyClient) {
	t.Helper()
	size := 4 << 10
	if kind.bare {
		size = 3 << 10
	}

	given := "clip_id " + base64.StdEncoding.EncodeToString([]byte(c.createClip())) + ",long "
	given += strings.Repeat("A", (size-len(given))/4*4)
	res, text := c.call(http.MethodPost, "/api/v1/uploads", map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": given}, "")
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("%s %s", res.Status, text)
	}

	res, _ = c.call(http.MethodHead, res.Header.Get("Location"), map[string]string{"Tus-Resumable": "1.0.0"}, "")
	if res.StatusCode != http.StatusOK || res.Header.Get("Upload-Metadata") != given {
		t.Errorf("HEAD: %s, %d bytes of metadata of %d", res.Status, len(res.Header.Get("Upload-Metadata")), len(given))
	}
}
