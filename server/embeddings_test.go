package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loadWith are the settings of a data folder and some flags.
func loadWith(t *testing.T, flags map[string]string) (Config, error) {
	t.Helper()
	all := map[string]string{"data": t.TempDir()}
	for k, v := range flags {
		all[k] = v
	}
	c, err := Load(all, func(string) string { return "" }, "")
	if err == nil {
		err = c.ResolvePaths()
	}
	return c, err
}

// TestEmbeddingsSettings: settings that cannot work are refused by their names.
func TestEmbeddingsSettings(t *testing.T) {
	for name, c := range map[string]struct {
		flags map[string]string
		want  string // a part of the error; "" = none
	}{
		"default":        {nil, ""},
		"an endpoint":    {map[string]string{"embeddings-url": "http://localhost:1/v1", "embeddings-model": "m"}, ""},
		"no model":       {map[string]string{"embeddings-url": "http://localhost:1/v1"}, "embeddings-url and embeddings-model"},
		"no address":     {map[string]string{"embeddings-url": "localhost", "embeddings-model": "m"}, "must be like https://host/v1"},
		"two keys":       {map[string]string{"embeddings-key": "canary", "embeddings-key-file": "k"}, "exclude each other"},
		"another value":  {map[string]string{"embeddings": "on"}, `"on" is neither auto nor off`},
		"beyond 100":     {map[string]string{"embeddings-min-percent": "101"}, "embeddings-min-percent"},
		"on Meilisearch": {map[string]string{"embeddings-url": "http://localhost:1/v1", "embeddings-model": "m", "search": "meilisearch", "meili-url": "http://localhost:2", "meili-key": "k"}, ""},
	} {
		_, err := loadWith(t, c.flags)
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCheckEmbeddings: doctor says what search by meaning is by, and what is wrong
// with it, never the key.
func TestCheckEmbeddings(t *testing.T) {
	var status int
	var key string
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("Authorization")
		w.WriteHeader(status)
		io.WriteString(w, `{"data":[{"index":0,"embedding":[1,2,3]}],"error":"canary"}`)
	}))
	t.Cleanup(endpoint.Close)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("canary\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		flags       map[string]string
		status      int
		state, text string
	}{
		"no model here":   {nil, 200, "ok", "tidings models pull all-minilm-l6-v2"},
		"off":             {map[string]string{"embeddings": "off"}, 200, "ok", "off"},
		"an endpoint":     {map[string]string{"embeddings-url": endpoint.URL, "embeddings-model": "m", "embeddings-key-file": file}, 200, "ok", "3 numbers a passage"},
		"a refused key":   {map[string]string{"embeddings-url": endpoint.URL, "embeddings-model": "m", "embeddings-key-file": file}, 401, "warn", "does not accept our key"},
		"a refused model": {map[string]string{"embeddings-url": endpoint.URL, "embeddings-model": "m", "embeddings-key-file": file}, 400, "warn", "refuses a text"},
		"on Meilisearch":  {map[string]string{"embeddings-url": endpoint.URL, "embeddings-model": "m", "embeddings-key-file": file, "search": "meilisearch", "meili-url": endpoint.URL, "meili-key": "k"}, 200, "ok", "3 numbers a passage"},
		"no key file":     {map[string]string{"embeddings-url": endpoint.URL, "embeddings-model": "m", "embeddings-key-file": file + "x"}, 200, "fail", "cannot be read"},
	} {
		status, key = c.status, ""
		cfg, err := loadWith(t, c.flags)
		if err != nil {
			t.Fatal(err)
		}
		found := cfg.checkEmbeddings()(t.Context())
		if len(found) != 1 || found[0].State != c.state || !strings.Contains(found[0].Text, c.text) || c.state != "ok" && found[0].Fix == "" || strings.Contains(found[0].Text+found[0].Fix, "canary") {
			t.Errorf("%s: %+v", name, found)
		}
		if c.flags["embeddings-key-file"] == file && key != "Bearer canary" {
			t.Errorf("%s: the key sent is %q", name, key)
		}
	}
}

func addEmbeddingCases(cases map[string]brokenCase) {
	cases["no endpoint for embeddings"] = brokenCase{func(c *Config) { c.EmbedURL, c.EmbedModel = "http://127.0.0.1:1/v1", "m" }, "embeddings", "does not answer", "--embeddings-url"}
}
