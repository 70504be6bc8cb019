package embedded_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/embedded"
	"tidings.example/tidings/tidings"
)

func startTestServer(t *testing.T, dir string) *embedded.Server {
	t.Helper()
	srv, err := embedded.Start(context.WithoutCancel(t.Context()), embedded.Config{Dir: dir, Fsync: true})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})

	return srv
}

func openStore(t *testing.T, srv *embedded.Server) *blob.Store {
	t.Helper()
	store, err := blob.New(blob.Config{
		Endpoint: srv.Endpoint(), Bucket: "tidings", PathStyle: true, HTTPClient: srv.HTTPClient(),
		AccessKey: srv.Credentials.AccessKey, SecretKey: srv.Credentials.SecretKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}

	return store
}

func TestRestartKeepsObjectsAndWorkingDirectory(t *testing.T) {
	dir := t.TempDir()
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}

	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}

	store := openStore(t, srv)
	if err := store.Plain().Put(t.Context(), "clips/c/parts/p", strings.NewReader("hello"), 5, "text/plain"); err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Getwd(); err != nil || after != before {
		t.Fatalf("working directory is %s (%v), was %s", after, err, before)
	}

	err = store.Plain().Put(t.Context(), "clips/c/parts/q", strings.NewReader("x"), 1, "")
	if tidings.KindOf(err) != tidings.KindUnavailable {
		t.Fatalf("a put to a stopped server: %v", err)
	}

	r, err := openStore(t, startTestServer(t, dir)).Plain().Open(t.Context(), "clips/c/parts/p")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()

	if got, err := io.ReadAll(r); err != nil || string(got) != "hello" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestSecondServerOnTheFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	startTestServer(t, dir)
	_, err := embedded.Start(t.Context(), embedded.Config{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "another process serves this storage folder") {
		t.Fatalf("got %v", err)
	}
}

func TestSecondServerInTheProcessIsRefused(t *testing.T) {
	startTestServer(t, t.TempDir())
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}

	_, err = embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "only one instance per process") {
		t.Fatalf("got %v", err)
	}
	if after, err := os.Getwd(); err != nil || after != before {
		t.Fatalf("the failed start moved the working directory from %s to %s (%v)", before, after, err)
	}
}

func TestUnusableFolderIsAClearError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := embedded.Start(t.Context(), embedded.Config{Dir: filepath.Join(file, "data")})
	if err == nil || !strings.Contains(err.Error(), "storage folder") {
		t.Fatalf("got %v", err)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	srv, err := embedded.Start(ctx, embedded.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}

	openStore(t, srv)
	cancel()

	select {
	case <-srv.Done():
	case <-time.After(2 * time.Minute):
		t.Fatal("still running")
	}

	if err := srv.Err(); err != nil {
		t.Fatalf("ended with %v", err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPutLarge(t *testing.T) {
	store := openStore(t, startTestServer(t, t.TempDir()))
	for _, size := range []int{0, 1, blob.PartSize - 1, blob.PartSize, blob.PartSize + 1, 2 * blob.PartSize, 2*blob.PartSize + 5} {
		want := bytes.Repeat([]byte("tidings."), size/8+1)[:size]
		info, err := store.PutLarge(t.Context(), "clips/c/source/original", io.MultiReader(bytes.NewReader(want)), "video/webm")
		if err != nil || info.Size != int64(size) {
			t.Fatalf("%d bytes: %+v, %v", size, info, err)
		}

		got, err := store.Get(t.Context(), "clips/c/source/original", blob.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}

		data, err := io.ReadAll(got.Body)
		got.Body.Close()
		if err != nil || !bytes.Equal(data, want) || got.ContentType != "video/webm" {
			t.Fatalf("%d bytes: read %d, type %s, %v", size, len(data), got.ContentType, err)
		}
	}
}
