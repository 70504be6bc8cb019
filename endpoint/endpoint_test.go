package endpoint_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/tidings"
)

func TestCompleteURL(t *testing.T) {
	for base, want := range map[string]string{
		"https://host":                    "https://host/v1/embeddings",
		"http://[::1]:8080/":              "http://[::1]:8080/v1/embeddings",
		"https://host/openai/v1/":         "https://host/openai/v1/embeddings",
		"https://host/v2/embeddings":      "https://host/v2/embeddings",
		"":                                "",
		"host/v1":                         "",
		"http:///v1":                      "",
		"ftp://host":                      "",
		"https://ana:canary@host/v1":      "",
		"https://host/v1?key=canary":      "",
		"https://host/v1#canary":          "",
		"https://host\x7f/canary":         "",
		"file:///srv/embeddings":          "",
		"https://host/v1/embeddings?a=b#": "",
	} {
		got, err := endpoint.CompleteURL(base, "/embeddings", "embeddings")
		if got != want || (err == nil) != (want != "") || err != nil && tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%q: %q, %v", base, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%q is in the error: %v", base, err)
		}
	}
}

// TestReadKey: a key may have blanks and a line end around it, a password only the
// latter.
func TestReadKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(" canary \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct{ key, file, want string }{{"", "", ""}, {"given", "", "given"}, {"", file, "canary"}, {"given", file, "canary"}} {
		if got, err := endpoint.ReadKey(c.key, c.file, "the key"); got != c.want || err != nil {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
	if got, err := endpoint.ReadPassword(file, "the password"); got != " canary " || err != nil {
		t.Errorf("a password: %q, %v", got, err)
	}

	got, err := endpoint.ReadKey("given", file+"x", "the key of the engine")
	if got != "" || tidings.KindOf(err) != tidings.KindInvalid || tidings.Sentence(err) != "The file "+file+"x with the key of the engine cannot be read." {
		t.Errorf("no file: %q, %v", got, err)
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-3": 0, "soon": 0, "1.5": 0, "3600": time.Hour,
		"Tue, 01 Dec 2026 03:00:20 GMT": 20 * time.Second,
		"Tue, 01 Dec 2026 02:59:00 GMT": 0,
	} {
		if got := endpoint.ParseRetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"99999999999", "99999999999999999999999"} {
		if got := endpoint.ParseRetryAfter(http.Header{"Retry-After": {text}}, now); got < 24*time.Hour {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestExcerpt: no part of the key is left, wherever the excerpt ends.
func TestExcerpt(t *testing.T) {
	const key = "sk-canary-of-some-length"
	if got := endpoint.Excerpt([]byte("no\n\tkey \xff"), ""); got != "no key \uFFFD" {
		t.Errorf("%q", got)
	}
	for before := range 310 {
		answer := strings.Repeat("x", before) + key + strings.Repeat(" "+key+"\u00e9", 200)
		if got := endpoint.Excerpt([]byte(answer), key); len(got) > 303 || strings.Contains(got, "sk-") {
			t.Fatalf("%d before the key: %q", before, got)
		}
	}
}
