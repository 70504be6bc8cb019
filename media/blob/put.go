package blob

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// minTransferRate is the rate in bytes per second below which a transfer counts
// as stalled.
const minTransferRate = 64 << 10

// transferTimeout is how long a request that moves size bytes may take.
func (s *Store) transferTimeout(size int64) time.Duration {
	return s.config.Timeout + time.Duration(size)*time.Second/minTransferRate
}

// Put stores size bytes of body under key, replacing an existing object, and
// returns when they are durable. body must seek: it is read once for its
// checksums and once, or more often after failures, to be sent.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) (Info, error) {
	if err := checkKey(key); err != nil {
		return Info{}, err
	}

	callCtx, cancel := context.WithTimeout(ctx, s.transferTimeout(size))
	defer cancel()

	in := &s3.PutObjectInput{Bucket: &s.config.Bucket, Key: &key, Body: body, ContentLength: &size}
	if contentType != "" {
		in.ContentType = &contentType
	}

	out, err := s.client.PutObject(callCtx, in)
	if err != nil {
		return Info{}, mapError(ctx, err, fmt.Sprintf("put %s (%d bytes)", key, size))
	}

	return Info{Size: size, ETag: aws.ToString(out.ETag), ContentType: contentType}, nil
}
