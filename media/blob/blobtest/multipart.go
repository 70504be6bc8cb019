package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/tidings"
)

const mib = 1 << 20

// multipartUpload is a multipart upload made with the SDK, below package blob.
type multipartUpload struct {
	*suite
	t   *testing.T
	key string
	id  *string
}

func (s *suite) createUpload(t *testing.T, change ...func(*s3.CreateMultipartUploadInput)) *multipartUpload {
	t.Helper()
	key := s.objectKey("mp")
	in := &s3.CreateMultipartUploadInput{Bucket: &s.bucket, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32}
	for _, f := range change {
		f(in)
	}

	out, err := s.sdkClient().CreateMultipartUpload(t.Context(), in)
	noError(t, err)
	u := &multipartUpload{s, t, key, out.UploadId}
	t.Cleanup(func() { // a completed upload no longer exists
		_, _ = s.sdkClient().AbortMultipartUpload(context.WithoutCancel(t.Context()), &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &key, UploadId: u.id})
	})

	return u
}

func (u *multipartUpload) sendPart(n int32, b []byte) (types.CompletedPart, error) {
	out, err := u.sdkClient().UploadPart(u.t.Context(), &s3.UploadPartInput{Bucket: &u.bucket, Key: &u.key, UploadId: u.id, PartNumber: &n, Body: bytes.NewReader(b)})
	if err != nil {
		return types.CompletedPart{}, err
	}
	return types.CompletedPart{PartNumber: &n, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32}, nil
}

func (u *multipartUpload) mustSendPart(n int32, b []byte) types.CompletedPart {
	u.t.Helper()
	p, err := u.sendPart(n, b)
	noError(u.t, err)
	return p
}

func (u *multipartUpload) completeUpload(parts ...types.CompletedPart) error {
	_, err := u.sdkClient().CompleteMultipartUpload(u.t.Context(), &s3.CompleteMultipartUploadInput{Bucket: &u.bucket, Key: &u.key, UploadId: u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	return err
}

func (u *multipartUpload) listParts(size int32) (parts []types.Part) {
	u.t.Helper()
	pages := s3.NewListPartsPaginator(u.sdkClient(), &s3.ListPartsInput{Bucket: &u.bucket, Key: &u.key, UploadId: u.id, MaxParts: &size})
	for pages.HasMorePages() {
		page, err := pages.NextPage(u.t.Context())
		noError(u.t, err)
		if len(page.Parts) > int(size) {
			u.t.Fatalf("a page of %d parts", len(page.Parts))
		}
		parts = append(parts, page.Parts...)
	}

	return parts
}

var multipartTests = map[string]func(*testing.T, *suite){
	"parts in any order": func(t *testing.T, s *suite) {
		u := s.createUpload(t, func(in *s3.CreateMultipartUploadInput) {
			in.ContentType = aws.String("video/webm")
			in.Metadata = map[string]string{"clip": "7"}
		})
		parts := [][]byte{randomBytes(5 * mib), randomBytes(5*mib + 777), randomBytes(12345)}
		done := make([]types.CompletedPart, 3)
		for _, n := range []int{2, 1, 3} {
			done[n-1] = u.mustSendPart(int32(n), parts[n-1])
		}
		if l := u.listParts(1000); len(l) != 3 || *l[0].PartNumber != 1 || *l[1].Size != 5*mib+777 || *l[2].ETag != *done[2].ETag {
			t.Fatalf("parts %+v", l)
		}
		s.wantMissing(t, u.key)
		noError(t, u.completeUpload(done...))
		s.wantObject(t, u.key, bytes.Join(parts, nil))
		h, err := s.sdkClient().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &s.bucket, Key: &u.key})
		noError(t, err)
		if aws.ToString(h.ContentType) != "video/webm" || h.Metadata["clip"] != "7" || !strings.HasSuffix(strings.Trim(aws.ToString(h.ETag), `"`), "-3") {
			t.Fatalf("type %s, metadata %v, tag %s", aws.ToString(h.ContentType), h.Metadata, aws.ToString(h.ETag))
		}
	},
	"no checksum announced": func(t *testing.T, s *suite) {
		u := s.createUpload(t, func(in *s3.CreateMultipartUploadInput) { in.ChecksumAlgorithm = "" })
		b := randomBytes(100_000)
		p := u.mustSendPart(1, b)
		p.ChecksumCRC32 = nil
		noError(t, u.completeUpload(p))
		s.wantObject(t, u.key, b)
	},
	"one tiny part": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		noError(t, u.completeUpload(u.mustSendPart(1, []byte("hi"))))
		s.wantObject(t, u.key, []byte("hi"))
	},
	"a part sent again replaces itself": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		u.mustSendPart(1, randomBytes(mib))
		b := randomBytes(mib + 5)
		noError(t, u.completeUpload(u.mustSendPart(1, b)))
		s.wantObject(t, u.key, b)
	},
	"numbers may have gaps": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		var done []types.CompletedPart
		var all []byte
		for _, n := range []int32{1, 3, 9} {
			b := randomBytes(5 * mib)
			done, all = append(done, u.mustSendPart(n, b)), append(all, b...)
		}
		noError(t, u.completeUpload(done...))
		s.wantObject(t, u.key, all)
	},
	"a wrong tag is refused, and the upload goes on": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		p := u.mustSendPart(1, []byte("x"))
		bad := p
		bad.ETag = aws.String(`"deadbeefdeadbeefdeadbeefdeadbeef"`)
		wantCode(t, u.completeUpload(bad), "InvalidPart")
		s.wantMissing(t, u.key)
		noError(t, u.completeUpload(p))
		s.wantObject(t, u.key, []byte("x"))
	},
	"a wrong part checksum is refused": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		_, err := s.sdkClient().UploadPart(t.Context(), &s3.UploadPartInput{Bucket: &s.bucket, Key: &u.key, UploadId: u.id, PartNumber: aws.Int32(1), Body: bytes.NewReader(randomBytes(5000)), ChecksumCRC32: aws.String("AAAAAA==")})
		wantCode(t, err, "BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch")
		if l := u.listParts(10); len(l) != 0 {
			t.Fatalf("parts %+v", l)
		}
	},
	"abort": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		p := u.mustSendPart(1, randomBytes(1000))
		_, err := s.sdkClient().AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &u.key, UploadId: u.id})
		noError(t, err)
		_, err = u.sendPart(2, randomBytes(10))
		wantCode(t, err, "NoSuchUpload")
		_, err = s.sdkClient().ListParts(t.Context(), &s3.ListPartsInput{Bucket: &s.bucket, Key: &u.key, UploadId: u.id})
		wantCode(t, err, "NoSuchUpload")
		wantCode(t, u.completeUpload(p), "NoSuchUpload")
		s.wantMissing(t, u.key)
	},
	"parts by pages": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		for n := range int32(5) {
			u.mustSendPart(n+1, randomBytes(10))
		}
		if l := u.listParts(2); len(l) != 5 {
			t.Fatalf("%d parts", len(l))
		}
	},
	"unfinished ones are listed": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		out, err := s.sdkClient().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: aws.String(s.prefix)})
		noError(t, err)
		if len(out.Uploads) != 1 || *out.Uploads[0].Key != u.key || *out.Uploads[0].UploadId != *u.id || out.Uploads[0].Initiated == nil {
			t.Fatalf("uploads %+v", out.Uploads)
		}
	},
}

// countUploads counts the multipart uploads under the prefix.
func (s *suite) countUploads(t *testing.T) int {
	t.Helper()
	out, err := s.sdkClient().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: aws.String(s.prefix)})
	noError(t, err)
	return len(out.Uploads)
}

var largeTests = map[string]func(*testing.T, *suite){
	"any size": func(t *testing.T, s *suite) {
		for _, n := range []int{0, 1, blob.PartSize - 1, blob.PartSize, blob.PartSize + 1, 2*blob.PartSize + 5} {
			b := randomBytes(n)
			info, err := s.PutLarge(t.Context(), s.objectKey("o"), io.MultiReader(bytes.NewReader(b)), "audio/ogg")
			noError(t, err)
			s.wantObject(t, s.objectKey("o"), b)
			head, err := s.Head(t.Context(), s.objectKey("o"))
			noError(t, err)
			if info.Size != int64(n) || head.ContentType != "audio/ogg" || info.ETag != head.ETag {
				t.Fatalf("%+v, head %+v", info, head)
			}
		}
		if n := s.countUploads(t); n != 0 {
			t.Fatalf("%d unfinished uploads", n)
		}
	},
	"a body that breaks off stores nothing": func(t *testing.T, s *suite) {
		cut := errors.New("cut")
		for _, n := range []int{0, 10, blob.PartSize, 2*blob.PartSize + 10} {
			_, err := s.PutLarge(t.Context(), s.objectKey("o"), io.MultiReader(bytes.NewReader(randomBytes(n)), iotest.ErrReader(cut)), "")
			if !errors.Is(err, cut) {
				t.Fatalf("after %d bytes: %v", n, err)
			}
			s.wantMissing(t, s.objectKey("o"))
		}
		if n := s.countUploads(t); n != 0 {
			t.Fatalf("%d unfinished uploads", n)
		}
	},
	"a caller who goes stores nothing": func(t *testing.T, s *suite) {
		ctx, cancel := context.WithCancel(t.Context())
		body := io.MultiReader(bytes.NewReader(randomBytes(blob.PartSize)), readerFunc(func(p []byte) (int, error) { cancel(); return 0, io.EOF }), bytes.NewReader(randomBytes(10)))
		_, err := s.PutLarge(ctx, s.objectKey("o"), body, "")
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		s.wantMissing(t, s.objectKey("o"))
		if n := s.countUploads(t); n != 0 {
			t.Fatalf("%d unfinished uploads", n)
		}
	},
	"leftovers of a killed one are ended": func(t *testing.T, s *suite) {
		u := s.createUpload(t)
		u.mustSendPart(1, randomBytes(1000))
		near := s.objectKey("mp2")
		_, err := s.sdkClient().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &s.bucket, Key: &near})
		noError(t, err)
		b := randomBytes(blob.PartSize + 1)
		_, err = s.PutLarge(t.Context(), u.key, bytes.NewReader(b), "")
		noError(t, err)
		s.wantObject(t, u.key, b)
		if n := s.countUploads(t); n != 1 {
			t.Fatalf("%d unfinished uploads: only that of another key should be left", n)
		}
		_, err = s.PutLarge(t.Context(), near, bytes.NewReader(b), "")
		noError(t, err)
	},
	"a bad key": func(t *testing.T, s *suite) {
		_, err := s.PutLarge(t.Context(), "a//b", strings.NewReader("x"), "")
		wantKind(t, err, tidings.KindInvalid)
	},
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
