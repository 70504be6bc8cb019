package blobtest_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/blobtest"
	"tidings.example/tidings/media/blob/embedded"
)

func TestEmbedded(t *testing.T) {
	srv, err := embedded.Start(context.WithoutCancel(t.Context()), embedded.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	blobtest.Run(t, blob.Config{Endpoint: srv.Endpoint(), Bucket: "tidings", PathStyle: true, HTTPClient: srv.HTTPClient(),
		AccessKey: srv.Credentials.AccessKey, SecretKey: srv.Credentials.SecretKey})
}

// TestServer runs the suite on any S3 server there is.
func TestServer(t *testing.T) {
	setting := os.Getenv("TIDINGS_TEST_S3")
	if setting == "" {
		t.Skip("TIDINGS_TEST_S3 (endpoint,key,secret,bucket) names no S3 server to test")
	}
	f := strings.Split(setting, ",")
	if len(f) != 4 {
		t.Fatalf("TIDINGS_TEST_S3 has %d fields, want endpoint,key,secret,bucket", len(f))
	}
	blobtest.Run(t, blob.Config{Endpoint: f[0], AccessKey: f[1], SecretKey: f[2], Bucket: f[3], PathStyle: true})
}
