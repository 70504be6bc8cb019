// Package blob keeps bytes in a bucket of any S3-compatible server. It is the
// only package that imports aws-sdk-go-v2; other packages see keys, readers and
// kinds of errors.
//
// For the operator: one private bucket holds everything. Keys have a fixed
// depth (clips/<clip>/<folder>/<name>), content types are set when an object
// is written, no ACLs, no lifecycle rules, no versions are needed. The calls
// used are HeadBucket, CreateBucket (once), PutObject, GetObject, HeadObject,
// DeleteObject(s), ListObjectsV2 and, for objects of unknown size only,
// multipart uploads with parts of exactly 8 MiB (at most 80 GiB an object).
//
// No method returns before the server has acknowledged the request: when Put
// returns, the bytes are as durable as the server makes them (the embedded one
// flushes them to the disk first).
package blob

import (
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// PartSize is the size in bytes of every part of a multipart upload but the
// last: some servers (Cloudflare R2) require equal parts.
const PartSize = 8 << 20

// Info describes an object. Size is that of the body that comes with it: of the
// range, when one was requested.
type Info struct {
	Size         int64
	ETag         string // with its quotes, as HTTP wants it
	ContentType  string
	LastModified time.Time
	ContentRange string // "bytes 0-9/100"; "" for a whole object
}

// Store is a bucket. It is safe for use by many goroutines.
type Store struct {
	client *s3.Client
	config Config
}

// New makes a store from a valid Config. It does not talk to the server; see
// EnsureBucket.
func New(c Config) (*Store, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}

	c = c.withDefaults()
	o := s3.Options{
		Region:       c.Region,
		UsePathStyle: c.PathStyle,
		HTTPClient:   c.HTTPClient,
		Credentials:  credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, ""),
		// s3.New leaves both checksum settings unset, which means none.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Retryer: retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts, r.MaxBackoff = 3, 2*time.Second
		}),
		DisableLogOutputChecksumValidationSkipped: true, // ranges have no checksum to validate
	}
	if c.Endpoint != "" {
		o.BaseEndpoint = aws.String(c.Endpoint)
	}

	if c.Checksums == ChecksumsWhenRequired {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}

	return &Store{client: s3.New(o), config: c}, nil
}

// Client is the SDK's client, for the conformance suite, which tests below the
// level of this package. Other packages use the methods.
func (s *Store) Client() *s3.Client { return s.client }

// Bucket is the name of the bucket.
func (s *Store) Bucket() string { return s.config.Bucket }

// Transport is the HTTP transport of a store: no compression (ranges must stay
// ranges) and enough idle connections for many followers. proxy is false for a
// server inside this process, which HTTP_PROXY must not redirect.
func Transport(proxy bool) *http.Transport {
	t := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   64,
		DisableCompression:    true,
		ForceAttemptHTTP2:     true,
		WriteBufferSize:       64 << 10,
		ReadBufferSize:        64 << 10,
	}
	if proxy {
		t.Proxy = http.ProxyFromEnvironment
	}

	return t
}
