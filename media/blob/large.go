package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tidings.example/tidings/tidings"
)

// maxParts is S3's limit of parts in one object.
const maxParts = 10_000

// PutLarge stores a body of unknown size under key: with one PutObject when it
// fits in a part, otherwise as a multipart upload. It holds at most two parts in
// memory, one being read and one being sent. On failure nothing is stored. An
// unfinished upload of the same key, left by a killed process, is aborted first.
func (s *Store) PutLarge(ctx context.Context, key string, r io.Reader, contentType string) (Info, error) {
	if err := checkKey(key); err != nil {
		return Info{}, err
	}

	first := make([]byte, PartSize)
	n, err := io.ReadFull(r, first)
	switch err {
	case io.EOF, io.ErrUnexpectedEOF:
		return s.Put(ctx, key, bytes.NewReader(first[:n]), int64(n), contentType)
	case nil:
	default:
		return Info{}, fmt.Errorf("read body of %s: %w", key, err)
	}

	if err := s.abortLeftovers(ctx, key); err != nil {
		return Info{}, err
	}

	m, err := s.createMultipart(ctx, key, contentType)
	if err != nil {
		return Info{}, err
	}

	info, err := m.sendAll(ctx, first, r)
	if err != nil {
		m.abortUpload(ctx)
		return Info{}, err
	}

	info.ContentType = contentType
	return info, nil
}

// multipart is one multipart upload in progress.
type multipart struct {
	s     *Store
	key   string
	id    *string
	parts []types.CompletedPart
	size  int64
}

func (s *Store) createMultipart(ctx context.Context, key, contentType string) (*multipart, error) {
	in := &s3.CreateMultipartUploadInput{Bucket: &s.config.Bucket, Key: &key}
	if contentType != "" {
		in.ContentType = &contentType
	}

	if s.config.Checksums == ChecksumsWhenSupported { // must be the same here and in each part
		in.ChecksumAlgorithm = types.ChecksumAlgorithmCrc32
	}

	callCtx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()

	out, err := s.client.CreateMultipartUpload(callCtx, in)
	if err != nil {
		return nil, mapError(ctx, err, "create multipart upload of "+key)
	}

	return &multipart{s: s, key: key, id: out.UploadId}, nil
}

// sendAll sends first and the rest of r, reading one part ahead.
func (m *multipart) sendAll(ctx context.Context, first []byte, r io.Reader) (Info, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	part, buffer := first, make([]byte, PartSize)
	for last := false; !last; {
		sent := make(chan error, 1)
		go func() { sent <- m.sendPart(ctx, part) }()
		n, err := io.ReadFull(r, buffer)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			cancel()
			<-sent
			return Info{}, fmt.Errorf("read body of %s: %w", m.key, err)
		}
		if err := <-sent; err != nil {
			return Info{}, err
		}

		part, buffer = buffer[:n], part[:PartSize]
		last = n < PartSize
	}

	if len(part) > 0 {
		if err := m.sendPart(ctx, part); err != nil {
			return Info{}, err
		}
	}

	return m.completeUpload(ctx)
}

func (m *multipart) sendPart(ctx context.Context, part []byte) error {
	number := int32(len(m.parts) + 1)
	if number > maxParts {
		return tidings.Errorf(tidings.KindTooLarge, "An object holds at most %d GiB.", int64(maxParts)*PartSize>>30)
	}

	callCtx, cancel := context.WithTimeout(ctx, m.s.transferTimeout(int64(len(part))))
	defer cancel()

	out, err := m.s.client.UploadPart(callCtx, &s3.UploadPartInput{
		Bucket: &m.s.config.Bucket, Key: &m.key, UploadId: m.id, PartNumber: &number, Body: bytes.NewReader(part),
	})
	if err != nil {
		return mapError(ctx, err, fmt.Sprintf("upload part %d of %s", number, m.key))
	}

	done := types.CompletedPart{PartNumber: &number, ETag: out.ETag}
	if m.s.config.Checksums == ChecksumsWhenSupported {
		done.ChecksumCRC32 = out.ChecksumCRC32
	}

	m.parts = append(m.parts, done)
	m.size += int64(len(part))

	return nil
}

// completeUpload makes the object of the parts. An earlier attempt that was
// interrupted may have succeeded, after which the server no longer knows the
// upload or its parts: if the object exists in full size, the upload is
// complete.
func (m *multipart) completeUpload(ctx context.Context) (Info, error) {
	// The server may copy the parts: allow one second for each (8 MiB).
	callCtx, cancel := context.WithTimeout(ctx, m.s.config.Timeout+time.Duration(len(m.parts))*time.Second)
	defer cancel()

	out, err := m.s.client.CompleteMultipartUpload(callCtx, &s3.CompleteMultipartUploadInput{
		Bucket: &m.s.config.Bucket, Key: &m.key, UploadId: m.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: m.parts},
	})
	if c := errorCode(err); c == "NoSuchUpload" || c == "InvalidPart" {
		if info, headErr := m.s.Head(ctx, m.key); headErr == nil && info.Size == m.size {
			m.abortUpload(ctx)
			return info, nil
		}
	}

	if err != nil {
		return Info{}, mapError(ctx, err, "complete multipart upload of "+m.key)
	}

	return Info{Size: m.size, ETag: aws.ToString(out.ETag)}, nil
}

// abortUpload frees the parts, even when the caller's context has ended. After a
// failure the next PutLarge of the key frees them.
func (m *multipart) abortUpload(ctx context.Context) {
	_ = m.s.abortUpload(context.WithoutCancel(ctx), m.key, m.id)
}

func (s *Store) abortUpload(ctx context.Context, key string, id *string) error {
	callCtx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	_, err := s.client.AbortMultipartUpload(callCtx, &s3.AbortMultipartUploadInput{Bucket: &s.config.Bucket, Key: &key, UploadId: id})
	if httpStatus(err) == http.StatusNotFound {
		return nil
	}
	return mapError(ctx, err, "abort multipart upload of "+key)
}

// abortLeftovers aborts the unfinished uploads of exactly this key.
func (s *Store) abortLeftovers(ctx context.Context, key string) error {
	callCtx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()

	out, err := s.client.ListMultipartUploads(callCtx, &s3.ListMultipartUploadsInput{Bucket: &s.config.Bucket, Prefix: &key})
	if err != nil {
		return mapError(ctx, err, "list multipart uploads of "+key)
	}

	for _, u := range out.Uploads {
		if aws.ToString(u.Key) == key {
			if err := s.abortUpload(ctx, key, u.UploadId); err != nil {
				return err
			}
		}
	}

	return nil
}
