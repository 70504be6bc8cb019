package blob

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tidings.example/tidings/tidings"
)

// EnsureBucket creates the bucket unless it exists; call it once at start.
func (s *Store) EnsureBucket(ctx context.Context) error {
	err := s.Ready(ctx)
	if err == nil || httpStatus(err) != http.StatusNotFound {
		return err
	}

	in := &s3.CreateBucketInput{Bucket: &s.config.Bucket}
	if s.config.Region != "us-east-1" { // the default region may not be named
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(s.config.Region)}
	}

	callCtx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()

	_, err = s.client.CreateBucket(callCtx, in)
	if errorCode(err) == "BucketAlreadyOwnedByYou" { // another process has created it meanwhile
		return nil
	}

	return mapError(ctx, err, "create bucket "+s.config.Bucket)
}

// Ready reports whether the bucket answers; it is one HeadBucket.
func (s *Store) Ready(ctx context.Context) error {
	callCtx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	_, err := s.client.HeadBucket(callCtx, &s3.HeadBucketInput{Bucket: &s.config.Bucket})
	if httpStatus(err) == http.StatusNotFound { // the response to a HEAD has no body, so no S3 error code
		return tidings.Wrap(err, tidings.KindUnavailable, "The storage bucket is missing.")
	}
	return mapError(ctx, err, "head bucket "+s.config.Bucket)
}

// Examine reports whether the bucket can be used, with the server's reason if
// not: the response to a HEAD has no body, the one to a list has. It changes
// nothing.
func (s *Store) Examine(ctx context.Context) error {
	if err := s.Ready(ctx); err != nil && httpStatus(err) == 0 {
		return err
	}

	callCtx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()

	one := int32(1)
	_, err := s.client.ListObjectsV2(callCtx, &s3.ListObjectsV2Input{Bucket: &s.config.Bucket, MaxKeys: &one})
	return mapError(ctx, err, "list bucket "+s.config.Bucket)
}
