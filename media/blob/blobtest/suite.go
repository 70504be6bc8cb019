// Package blobtest is the conformance suite of an S3 server for Tidings: it
// tests the methods of package blob and, below them, the responses of the server
// that these rely on. It always runs on the embedded server, and on another one
// when TIDINGS_TEST_S3 is "endpoint,key,secret,bucket".
package blobtest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/tidings"
)

// Run runs the suite on the bucket of config. Its objects have a prefix of their
// own and are removed at the end.
func Run(t *testing.T, config blob.Config) {
	store, err := blob.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}

	s := &suite{Store: store, config: config, client: config.HTTPClient, prefix: "blobtest-" + strings.ToLower(rand.Text()) + "/", bucket: store.Bucket()}
	if s.client == nil {
		s.client = http.DefaultClient
	}

	t.Cleanup(func() { s.removeObjects(t) })
	for _, group := range []struct {
		name  string
		tests map[string]func(*testing.T, *suite)
	}{
		{"bucket", bucketTests}, {"objects", objectTests}, {"ranges", rangeTests}, {"lists", listTests},
		{"multipart", multipartTests}, {"large", largeTests}, {"requests", requestTests}, {"concurrency", concurrencyTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for name, test := range group.tests {
				t.Run(name, func(t *testing.T) {
					at := *s
					at.prefix += strings.ReplaceAll(t.Name()[strings.IndexByte(t.Name(), '/')+1:], "/", "-") + "/"
					test(t, &at)
				})
			}
		})
	}
}

// suite is one bucket and a prefix in it.
type suite struct {
	*blob.Store
	config         blob.Config
	client         *http.Client
	prefix, bucket string
}

// removeObjects removes what the tests left.
func (s *suite) removeObjects(t *testing.T) {
	for {
		items, err := s.List(t.Context(), s.prefix, "", 1000)
		if err != nil || len(items) == 0 {
			return
		}

		var keys []string
		for _, i := range items {
			keys = append(keys, i.Key)
		}

		if err := s.Delete(t.Context(), keys...); err != nil {
			return
		}
	}
}

func (s *suite) objectKey(name string) string { return s.prefix + name }

// sdkClient is the SDK's client, for calls that package blob does not have.
func (s *suite) sdkClient() *s3.Client { return s.Client() }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (Go 1.24)
	return b
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, err error, want tidings.Kind) {
	t.Helper()
	if got := tidings.KindOf(err); got != want {
		t.Fatalf("kind %q (%v), want %q", got, err, want)
	}
}

// wantStatus checks the HTTP status of an error of package blob or of the SDK.
func wantStatus(t *testing.T, err error, want int) {
	t.Helper()
	var mapped *blob.StatusError
	var sdk interface{ HTTPStatusCode() int }
	switch {
	case errors.As(err, &mapped) && mapped.HTTPStatus() == want:
	case errors.As(err, &sdk) && sdk.HTTPStatusCode() == want:
	default:
		t.Fatalf("%v, want status %d", err, want)
	}
}

// wantCode checks the S3 code of an error of the SDK.
func wantCode(t *testing.T, err error, codes ...string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || !slices.Contains(codes, api.ErrorCode()) {
		t.Fatalf("%v, want one of %v", err, codes)
	}
}

func (s *suite) putObject(t *testing.T, key string, b []byte) blob.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, bytes.NewReader(b), int64(len(b)), "video/webm")
	noError(t, err)
	return info
}

func (s *suite) readObject(key string, o blob.GetOptions, t *testing.T) ([]byte, blob.Info, error) {
	object, err := s.Get(t.Context(), key, o)
	if err != nil {
		return nil, blob.Info{}, err
	}
	defer object.Body.Close()
	b, err := io.ReadAll(object.Body)
	return b, object.Info, err
}

// wantObject checks that an object has these bytes.
func (s *suite) wantObject(t *testing.T, key string, want []byte) {
	t.Helper()
	got, info, err := s.readObject(key, blob.GetOptions{}, t)
	noError(t, err)
	if !bytes.Equal(got, want) || info.Size != int64(len(want)) {
		t.Fatalf("%s holds %d bytes (size %d), want %d", key, len(got), info.Size, len(want))
	}
}

func (s *suite) wantMissing(t *testing.T, key string) {
	t.Helper()
	_, _, err := s.readObject(key, blob.GetOptions{}, t)
	wantKind(t, err, tidings.KindNotFound)
}
