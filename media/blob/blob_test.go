package blob_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/tidings"
)

func TestConfigNamesAllMistakes(t *testing.T) {
	good := blob.Config{Endpoint: "https://s3.example.com", Bucket: "tidings", AccessKey: "a", SecretKey: "s"}
	for name, c := range map[string]struct {
		change func(*blob.Config)
		fields []string
	}{
		"good":                   {func(*blob.Config) {}, nil},
		"amazon":                 {func(c *blob.Config) { c.Endpoint = "" }, nil},
		"with a slash":           {func(c *blob.Config) { c.Endpoint = "http://127.0.0.1:9000/" }, nil},
		"no scheme":              {func(c *blob.Config) { c.Endpoint = "s3.example.com" }, []string{"s3_endpoint"}},
		"other scheme":           {func(c *blob.Config) { c.Endpoint = "ftp://s3.example.com" }, []string{"s3_endpoint"}},
		"path":                   {func(c *blob.Config) { c.Endpoint = "https://example.com/s3" }, []string{"s3_endpoint"}},
		"a user in the endpoint": {func(c *blob.Config) { c.Endpoint = "https://a:b@example.com" }, []string{"s3_endpoint"}},
		"upper case":             {func(c *blob.Config) { c.Bucket = "Tidings" }, []string{"s3_bucket"}},
		"short":                  {func(c *blob.Config) { c.Bucket = "ab" }, []string{"s3_bucket"}},
		"checksums":              {func(c *blob.Config) { c.Checksums = "never" }, []string{"s3_checksums"}},
		"negative":               {func(c *blob.Config) { c.Timeout = -1 }, []string{"s3_timeout"}},
		"nothing":                {func(c *blob.Config) { *c = blob.Config{} }, []string{"s3_access_key", "s3_bucket", "s3_secret_key"}},
	} {
		cfg := good
		c.change(&cfg)
		_, err := blob.New(cfg)
		var e *tidings.Error
		switch {
		case c.fields == nil && err != nil, c.fields != nil && !errors.As(err, &e):
			t.Errorf("%s: %v", name, err)
		case c.fields != nil && !slices.Equal(slices.Sorted(maps.Keys(e.Fields)), c.fields):
			t.Errorf("%s: fields %v, want %v", name, e.Fields, c.fields)
		}
	}
}

// newTestStore is a store on a server with the given handler.
func newTestStore(t *testing.T, timeout time.Duration, answer http.HandlerFunc) *blob.Store {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	store, err := blob.New(blob.Config{Endpoint: srv.URL, Bucket: "tidings", PathStyle: true, AccessKey: "a", SecretKey: "s", HTTPClient: srv.Client(), Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestAnswersHaveKinds(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   tidings.Kind
	}{
		{404, "NoSuchKey", tidings.KindNotFound},
		{404, "NoSuchBucket", tidings.KindUnavailable},
		{403, "AccessDenied", tidings.KindUnavailable},
		{403, "SignatureDoesNotMatch", tidings.KindUnavailable},
		{507, "InsufficientStorage", tidings.KindStorageFull},
		{403, "QuotaExceeded", tidings.KindStorageFull},
		{507, "XMinioStorageFull", tidings.KindStorageFull},
		{400, "EntityTooLarge", tidings.KindTooLarge},
		{400, "BadDigest", tidings.KindUnavailable},
		{400, "IncompleteBody", tidings.KindUnavailable},
		{500, "InternalError", tidings.KindUnavailable},
		{503, "SlowDown", tidings.KindUnavailable},
		{429, "TooManyRequests", tidings.KindUnavailable},
		{400, "InvalidArgument", tidings.KindInternal},
	} {
		t.Run(fmt.Sprint(c.status, " ", c.code), func(t *testing.T) {
			t.Parallel()
			store := newTestStore(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(c.status)
				fmt.Fprintf(w, "<Error><Code>%s</Code><Message>secret cause</Message></Error>", c.code)
			})
			_, getErr := store.Get(t.Context(), "k", blob.GetOptions{})
			_, putErr := store.Put(t.Context(), "k", strings.NewReader("x"), 1, "")
			for _, err := range []error{getErr, putErr} {
				if tidings.KindOf(err) != c.want || strings.Contains(tidings.Sentence(err), "secret") {
					t.Errorf("%v: kind %q, want %q", err, tidings.KindOf(err), c.want)
				}
			}
		})
	}
}

// TestFolderGoesDuringPut: an object whose folder a delete removes before it has its
// name is sent again, whole, and not for ever.
func TestFolderGoesDuringPut(t *testing.T) {
	const text = "the bytes of a part"
	for failures, want := range map[int]int{0: 1, 2: 3, 100: 5} {
		var bodies []string
		store := newTestStore(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if bodies = append(bodies, string(body)); len(bodies) <= failures {
				w.WriteHeader(http.StatusConflict)
				fmt.Fprint(w, "<Error><Code>ExistingObjectIsDirectory</Code></Error>")
			}
		})

		body := strings.NewReader("before " + text)
		if _, err := body.Seek(int64(len("before ")), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		_, err := store.Put(t.Context(), "clips/a", body, int64(len(text)), "")
		if (err == nil) != (failures < 5) || len(bodies) != want {
			t.Errorf("%d failures: %v after %d requests, want %d", failures, err, len(bodies), want)
		}
		for _, b := range bodies {
			if !strings.Contains(b, text) || strings.Contains(b, "before") {
				t.Errorf("%d failures: body %q", failures, b)
			}
		}
	}
}

// TestStalledServer: neither a response that never begins nor a body that stalls
// blocks a caller for ever.
func TestStalledServer(t *testing.T) {
	over := make(chan struct{})
	stalls := func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/body") {
			w.Header().Set("Content-Length", "10")
			_, _ = w.Write([]byte("123"))
			w.(http.Flusher).Flush()
		}
		<-over
	}
	store := newTestStore(t, 100*time.Millisecond, stalls)
	begins := newTestStore(t, 3*time.Second, stalls) // an answer has to begin in this time
	t.Cleanup(func() { close(over) })                // before the servers are closed
	if _, err := store.Get(t.Context(), "answer", blob.GetOptions{}); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Fatalf("no answer: %v", err)
	}

	for what, call := range map[string]func() error{
		"head":   func() error { _, err := store.Head(t.Context(), "answer"); return err },
		"list":   func() error { _, err := store.List(t.Context(), "a", "", 10); return err },
		"delete": func() error { return store.Delete(t.Context(), "answer") },
		"ready":  func() error { return store.Ready(t.Context()) },
		"put":    func() error { _, err := store.Put(t.Context(), "answer", strings.NewReader("x"), 1, ""); return err },
	} {
		if err := call(); tidings.KindOf(err) != tidings.KindUnavailable {
			t.Errorf("%s: %v", what, err)
		}
	}

	o, err := begins.Get(t.Context(), "body", blob.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Body.Close()

	if got, err := io.ReadAll(o.Body); tidings.KindOf(err) != tidings.KindUnavailable || string(got) != "123" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestCallerGoesAway(t *testing.T) {
	over, asked := make(chan struct{}), make(chan struct{}, 1)
	store := newTestStore(t, time.Minute, func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-over })
	t.Cleanup(func() { close(over) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := store.Get(ctx, "k", blob.GetOptions{}); !errors.Is(err, context.Canceled) || tidings.KindOf(err) != tidings.KindInternal {
		t.Fatalf("%v", err)
	}
}

// TestCutOffAnswer: a body that ends before its length is an error, never a
// short object.
func TestCutOffAnswer(t *testing.T) {
	store := newTestStore(t, time.Minute, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = w.Write([]byte("123"))
	})
	o, err := store.Get(t.Context(), "k", blob.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Body.Close()

	if got, err := io.ReadAll(o.Body); err == nil {
		t.Fatalf("%q without an error", got)
	}
}
