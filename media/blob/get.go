package blob

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// GetOptions are the conditions of a read in HTTP's notation (RFC 9110),
// forwarded unchanged. A Range of several ranges is not forwarded: the whole
// object is returned, as the RFC allows. For If-Range pass its ETag as IfMatch
// and, on a StatusError 412, repeat the call without Range.
type GetOptions struct {
	Range       string // "bytes=0-9"
	IfNoneMatch string
	IfMatch     string
}

// Object is an open object. Close Body whether or not it was read to its end.
type Object struct {
	Info
	Body io.ReadCloser
}

// Get opens an object with one GetObject call. Errors: KindNotFound; a
// StatusError when a condition or the range did not hold; KindUnavailable.
func (s *Store) Get(ctx context.Context, key string, o GetOptions) (*Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}

	in := &s3.GetObjectInput{Bucket: &s.config.Bucket, Key: &key}
	if o.Range != "" && !strings.Contains(o.Range, ",") {
		in.Range = &o.Range
	}

	if o.IfNoneMatch != "" {
		in.IfNoneMatch = &o.IfNoneMatch
	}

	if o.IfMatch != "" {
		in.IfMatch = &o.IfMatch
	}

	open, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(s.config.Timeout, func() { cancel(errStalled) })
	out, err := s.client.GetObject(open, in)
	if !timer.Stop() && err == nil { // the timer has cancelled the context already
		out.Body.Close()
		err = errStalled
	}

	if err != nil {
		cancel(nil)
		return nil, mapError(ctx, err, "get "+key)
	}

	return &Object{
		Info: Info{
			Size: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag), ContentType: aws.ToString(out.ContentType),
			LastModified: aws.ToTime(out.LastModified), ContentRange: aws.ToString(out.ContentRange),
		},
		Body: &body{key: key, r: out.Body, ctx: ctx, cancel: cancel, timer: timer, stallTimeout: s.config.Timeout},
	}, nil
}

// Head describes an object without its bytes.
func (s *Store) Head(ctx context.Context, key string) (Info, error) {
	if err := checkKey(key); err != nil {
		return Info{}, err
	}

	callCtx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()

	out, err := s.client.HeadObject(callCtx, &s3.HeadObjectInput{Bucket: &s.config.Bucket, Key: &key})
	if err != nil {
		return Info{}, mapError(ctx, err, "head "+key)
	}

	return Info{
		Size: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag),
		ContentType: aws.ToString(out.ContentType), LastModified: aws.ToTime(out.LastModified),
	}, nil
}

var errStalled = errors.New("the storage sends nothing")

// body ends a transfer that stalls and converts its errors. The timer runs only
// during Read: a slow consumer is not a stalled server.
type body struct {
	key          string
	r            io.ReadCloser
	ctx          context.Context
	cancel       context.CancelCauseFunc
	timer        *time.Timer
	stallTimeout time.Duration
}

func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.stallTimeout)
	n, err := b.r.Read(p)
	b.timer.Stop()
	if err != nil && err != io.EOF {
		err = mapError(b.ctx, err, "read "+b.key)
	}
	return n, err
}

func (b *body) Close() error {
	b.timer.Stop()
	err := b.r.Close()
	b.cancel(nil)
	return err
}
