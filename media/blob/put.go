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

	out, err := s.putAgain(callCtx, in, body)
	if err != nil {
		return Info{}, mapError(ctx, err, fmt.Sprintf("put %s (%d bytes)", key, size))
	}

	return Info{Size: size, ETag: aws.ToString(out.ETag), ContentType: contentType}, nil
}

// folderTries is how often an object is sent whose folder goes meanwhile.
const folderTries = 5

// putAgain sends an object once more when its folder was removed before it got its
// name: versitygw keeps objects as files, removes the folder of the last one that is
// deleted, and answers a put that meets this with 409 ExistingObjectIsDirectory.
func (s *Store) putAgain(ctx context.Context, in *s3.PutObjectInput, body io.Seeker) (*s3.PutObjectOutput, error) {
	start, err := body.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}

	for n := 1; ; n++ {
		out, err := s.client.PutObject(ctx, in)
		if errorCode(err) != "ExistingObjectIsDirectory" || n == folderTries {
			return out, err
		}
		if _, err := body.Seek(start, io.SeekStart); err != nil {
			return nil, err
		}
	}
}
