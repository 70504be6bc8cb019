package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tidings.example/tidings/tidings"
)

// Delete removes objects; missing ones count as removed. All keys are tried; the
// error joins the failures.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	// A bulk delete needs a checksum header; single deletes are used for one
	// key and for servers that refuse these headers.
	if len(keys) == 1 || s.config.Checksums == ChecksumsWhenRequired {
		var errs []error
		for _, key := range keys {
			errs = append(errs, s.deleteOne(ctx, key))
		}
		return errors.Join(errs...)
	}

	var errs []error
	for chunk := range slices.Chunk(keys, 1000) {
		errs = append(errs, s.deleteMany(ctx, chunk))
	}

	return errors.Join(errs...)
}

func (s *Store) deleteOne(ctx context.Context, key string) error {
	callCtx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	_, err := s.client.DeleteObject(callCtx, &s3.DeleteObjectInput{Bucket: &s.config.Bucket, Key: &key})
	if httpStatus(err) == http.StatusNotFound && errorCode(err) != "NoSuchBucket" {
		return nil
	}
	return mapError(ctx, err, "delete "+key)
}

func (s *Store) deleteMany(ctx context.Context, keys []string) error {
	ids := make([]types.ObjectIdentifier, len(keys))
	for i := range keys {
		ids[i].Key = &keys[i]
	}

	callCtx, cancel := context.WithTimeout(ctx, 2*s.config.Timeout)
	defer cancel()

	out, err := s.client.DeleteObjects(callCtx, &s3.DeleteObjectsInput{
		Bucket: &s.config.Bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return mapError(ctx, err, fmt.Sprintf("delete %d objects", len(keys)))
	}

	var errs []error
	for _, e := range out.Errors {
		if aws.ToString(e.Code) != "NoSuchKey" {
			cause := fmt.Errorf("delete %s: %s: %s", aws.ToString(e.Key), aws.ToString(e.Code), aws.ToString(e.Message))
			errs = append(errs, tidings.Wrap(cause, tidings.KindUnavailable, "The storage did not delete everything."))
		}
	}

	return errors.Join(errs...)
}
