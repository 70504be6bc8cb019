package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tidings.example/tidings/media/blob"
)

// doRequest sends a request to the server as a browser would.
func (s *suite) doRequest(t *testing.T, method, at string, body []byte, header http.Header) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, at, bytes.NewReader(body))
	noError(t, err)

	for k, v := range header {
		if !strings.EqualFold(k, "host") {
			req.Header[k] = v
		}
	}

	res, err := s.client.Do(req)
	noError(t, err)
	defer res.Body.Close()

	b, err := io.ReadAll(res.Body)
	noError(t, err)

	return res, b
}

// tlsStore is the same bucket behind TLS, where the SDK signs bodies while it
// sends them and puts the checksum in a trailer.
func (s *suite) tlsStore(t *testing.T) *blob.Store {
	t.Helper()
	to, err := url.Parse(s.config.Endpoint)
	noError(t, err)
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{Transport: s.client.Transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, r.In.Host
	}})
	t.Cleanup(proxy.Close)
	c := s.config
	c.Endpoint, c.HTTPClient, c.PathStyle = proxy.URL, proxy.Client(), true
	store, err := blob.New(c)
	noError(t, err)

	return store
}

// cutOffPut sends a third of the declared body of a presigned request and closes
// the connection.
func (s *suite) cutOffPut(t *testing.T, at string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	read, write := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, at, read)
	noError(t, err)
	req.ContentLength = 10 * mib
	sent := make(chan struct{})
	go func() {
		defer close(sent)

		_, _ = write.Write(randomBytes(3 * mib)) // an error here is an early answer
		write.CloseWithError(errors.New("cut"))
	}()

	res, err := s.client.Do(req)
	if err == nil {
		res.Body.Close()
		if res.StatusCode < 400 {
			t.Fatalf("a body that was cut off is answered %s", res.Status)
		}
	}

	read.Close()
	<-sent
}

var requestTests = map[string]func(*testing.T, *suite){
	"over tls": func(t *testing.T, s *suite) {
		store := s.tlsStore(t)
		b := randomBytes(3 * mib)
		_, err := store.Put(t.Context(), s.objectKey("o"), bytes.NewReader(b), int64(len(b)), "video/webm")
		noError(t, err)
		s.wantObject(t, s.objectKey("o"), b)
		large := randomBytes(blob.PartSize + 99)
		_, err = store.PutLarge(t.Context(), s.objectKey("l"), bytes.NewReader(large), "")
		noError(t, err)
		s.wantObject(t, s.objectKey("l"), large)
	},
	"signed get": func(t *testing.T, s *suite) {
		b := randomBytes(1000)
		s.putObject(t, s.objectKey("o"), b)
		r, err := s3.NewPresignClient(s.sdkClient()).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &s.bucket, Key: aws.String(s.objectKey("o")),
			ResponseContentDisposition: aws.String("attachment; filename=x.bin"), ResponseContentType: aws.String("video/mp4")})
		noError(t, err)
		res, got := s.doRequest(t, http.MethodGet, r.URL, nil, http.Header{"Range": {"bytes=5-9"}})
		if res.StatusCode != 206 || !bytes.Equal(got, b[5:10]) || !strings.Contains(res.Header.Get("Content-Disposition"), "x.bin") || res.Header.Get("Content-Type") != "video/mp4" {
			t.Fatalf("%s %v %q", res.Status, res.Header, got)
		}
		for name, at := range map[string]string{
			"tampered": strings.Replace(r.URL, "X-Amz-Signature=", "X-Amz-Signature=0", 1),
			"unsigned": s.config.Endpoint + "/" + s.bucket + "/" + s.objectKey("o"),
		} {
			if res, _ := s.doRequest(t, http.MethodGet, at, nil, nil); res.StatusCode != 403 && res.StatusCode != 400 {
				t.Fatalf("%s: %s", name, res.Status)
			}
		}
	},
	"expired": func(t *testing.T, s *suite) {
		s.putObject(t, s.objectKey("o"), randomBytes(10))
		old := s3.NewPresignClient(s.sdkClient(), func(o *s3.PresignOptions) {
			o.Presigner = expiredSigner{v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })}
		})
		r, err := old.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &s.bucket, Key: aws.String(s.objectKey("o"))}, s3.WithPresignExpires(time.Minute))
		noError(t, err)
		if res, _ := s.doRequest(t, http.MethodGet, r.URL, nil, nil); res.StatusCode != 403 {
			t.Fatalf("%s", res.Status)
		}
	},
	"signed put": func(t *testing.T, s *suite) {
		b := randomBytes(70_000)
		r, err := s3.NewPresignClient(s.sdkClient()).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &s.bucket, Key: aws.String(s.objectKey("o"))}, s3.WithPresignExpires(time.Minute))
		noError(t, err)
		if res, answer := s.doRequest(t, http.MethodPut, r.URL, b, r.SignedHeader); res.StatusCode != 200 {
			t.Fatalf("%s %s", res.Status, answer)
		}
		s.wantObject(t, s.objectKey("o"), b)
	},
	"signed part": func(t *testing.T, s *suite) {
		u := s.createUpload(t, func(in *s3.CreateMultipartUploadInput) { in.ChecksumAlgorithm = "" })
		b := randomBytes(70_000)
		r, err := s3.NewPresignClient(s.sdkClient()).PresignUploadPart(t.Context(), &s3.UploadPartInput{Bucket: &s.bucket, Key: &u.key, UploadId: u.id, PartNumber: aws.Int32(1)})
		noError(t, err)
		res, answer := s.doRequest(t, http.MethodPut, r.URL, b, r.SignedHeader)
		if res.StatusCode != 200 {
			t.Fatalf("%s %s", res.Status, answer)
		}
		noError(t, u.completeUpload(types.CompletedPart{PartNumber: aws.Int32(1), ETag: aws.String(res.Header.Get("ETag"))}))
		s.wantObject(t, u.key, b)
	},
	"a put that is cut off keeps the old object": func(t *testing.T, s *suite) {
		for _, old := range [][]byte{nil, []byte("old")} {
			if old != nil {
				s.putObject(t, s.objectKey("o"), old)
			}
			r, err := s3.NewPresignClient(s.sdkClient()).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &s.bucket, Key: aws.String(s.objectKey("o"))})
			noError(t, err)
			s.cutOffPut(t, r.URL)
			if old == nil {
				s.wantMissing(t, s.objectKey("o"))
				continue
			}
			s.wantObject(t, s.objectKey("o"), old)
		}
	},
	"a part that is cut off is none": func(t *testing.T, s *suite) {
		u := s.createUpload(t, func(in *s3.CreateMultipartUploadInput) { in.ChecksumAlgorithm = "" })
		r, err := s3.NewPresignClient(s.sdkClient()).PresignUploadPart(t.Context(), &s3.UploadPartInput{Bucket: &s.bucket, Key: &u.key, UploadId: u.id, PartNumber: aws.Int32(1)})
		noError(t, err)
		s.cutOffPut(t, r.URL)
		if l := u.listParts(10); len(l) != 0 {
			t.Fatalf("parts %+v", l)
		}
	},
}

var concurrencyTests = map[string]func(*testing.T, *suite){
	"one of many conditional writers wins": func(t *testing.T, s *suite) {
		for round := range 5 {
			key := s.objectKey(fmt.Sprint(round))
			var won atomic.Int32
			var wg sync.WaitGroup
			for range 16 {
				wg.Go(func() {
					_, err := s.sdkClient().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(randomBytes(2000)), IfNoneMatch: aws.String("*")})
					if err == nil {
						won.Add(1)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Fatalf("%d won", won.Load())
			}
		}
	},
	"readers see the old or the new": func(t *testing.T, s *suite) {
		a, b := bytes.Repeat([]byte("A"), mib), bytes.Repeat([]byte("B"), mib)
		s.putObject(t, s.objectKey("o"), a)
		over := make(chan error, 1)
		go func() {
			for i := range 20 {
				next := [][]byte{b, a}[i%2]
				if _, err := s.Put(t.Context(), s.objectKey("o"), bytes.NewReader(next), mib, ""); err != nil {
					over <- err
					return
				}
			}
			over <- nil
		}()
		for {
			select {
			case err := <-over:
				noError(t, err)
				return
			default:
			}
			got, _, err := s.readObject(s.objectKey("o"), blob.GetOptions{}, t)
			noError(t, err)
			if !bytes.Equal(got, a) && !bytes.Equal(got, b) {
				t.Fatalf("%d bytes, neither of the two objects", len(got))
			}
		}
	},
	"many at once": func(t *testing.T, s *suite) {
		var wg sync.WaitGroup
		errs := make([]error, 16)
		for i := range errs {
			wg.Go(func() {
				b := bytes.Repeat([]byte{byte(i)}, 100_000+i)
				key := s.objectKey(fmt.Sprintf("f%d/%d", i%3, i))
				for range 3 {
					if _, err := s.Put(t.Context(), key, bytes.NewReader(b), int64(len(b)), ""); err != nil {
						errs[i] = err
						return
					}
					got, _, err := s.readObject(key, blob.GetOptions{}, t)
					if err != nil || !bytes.Equal(got, b) {
						errs[i] = fmt.Errorf("%d bytes, %w", len(got), err)
						return
					}
					if err := s.Delete(t.Context(), key); err != nil { // the folder may go with it
						errs[i] = err
					}
				}
			})
		}
		wg.Wait()
		noError(t, errors.Join(errs...))
	},
}
