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

// upload is a multipart upload below the level of package blob.
type upload struct {
	*suite
	t   *testing.T
	key string
	id  *string
}

func (s *suite) begin(t *testing.T, change ...func(*s3.CreateMultipartUploadInput)) *upload {
	t.Helper()
	key := s.key("mp")
	in := &s3.CreateMultipartUploadInput{Bucket: &s.bucket, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32}
	for _, f := range change {
		f(in)
	}

	out, err := s.raw().CreateMultipartUpload(t.Context(), in)
	ok(t, err)
	u := &upload{s, t, key, out.UploadId}
	t.Cleanup(func() { // one that was completed is there no more
		_, _ = s.raw().AbortMultipartUpload(context.WithoutCancel(t.Context()), &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &key, UploadId: u.id})
	})

	return u
}

func (u *upload) part(n int32, b []byte) (types.CompletedPart, error) {
	out, err := u.raw().UploadPart(u.t.Context(), &s3.UploadPartInput{Bucket: &u.bucket, Key: &u.key, UploadId: u.id, PartNumber: &n, Body: bytes.NewReader(b)})
	if err != nil {
		return types.CompletedPart{}, err
	}
	return types.CompletedPart{PartNumber: &n, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32}, nil
}

func (u *upload) sent(n int32, b []byte) types.CompletedPart {
	u.t.Helper()
	p, err := u.part(n, b)
	ok(u.t, err)
	return p
}

func (u *upload) complete(parts ...types.CompletedPart) error {
	_, err := u.raw().CompleteMultipartUpload(u.t.Context(), &s3.CompleteMultipartUploadInput{Bucket: &u.bucket, Key: &u.key, UploadId: u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	return err
}

func (u *upload) listed(size int32) (parts []types.Part) {
	u.t.Helper()
	pages := s3.NewListPartsPaginator(u.raw(), &s3.ListPartsInput{Bucket: &u.bucket, Key: &u.key, UploadId: u.id, MaxParts: &size})
	for pages.HasMorePages() {
		page, err := pages.NextPage(u.t.Context())
		ok(u.t, err)
		if len(page.Parts) > int(size) {
			u.t.Fatalf("a page of %d parts", len(page.Parts))
		}
		parts = append(parts, page.Parts...)
	}

	return parts
}

var multipartTests = map[string]func(*testing.T, *suite){
	"parts in any order": func(t *testing.T, s *suite) {
		u := s.begin(t, func(in *s3.CreateMultipartUploadInput) {
			in.ContentType = aws.String("video/webm")
			in.Metadata = map[string]string{"clip": "7"}
		})
		parts := [][]byte{data(5 * mib), data(5*mib + 777), data(12345)}
		done := make([]types.CompletedPart, 3)
		for _, n := range []int{2, 1, 3} {
			done[n-1] = u.sent(int32(n), parts[n-1])
		}
		if l := u.listed(1000); len(l) != 3 || *l[0].PartNumber != 1 || *l[1].Size != 5*mib+777 || *l[2].ETag != *done[2].ETag {
			t.Fatalf("parts %+v", l)
		}
		s.missing(t, u.key)
		ok(t, u.complete(done...))
		s.holds(t, u.key, bytes.Join(parts, nil))
		h, err := s.raw().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &s.bucket, Key: &u.key})
		ok(t, err)
		if aws.ToString(h.ContentType) != "video/webm" || h.Metadata["clip"] != "7" || !strings.HasSuffix(strings.Trim(aws.ToString(h.ETag), `"`), "-3") {
			t.Fatalf("type %s, metadata %v, tag %s", aws.ToString(h.ContentType), h.Metadata, aws.ToString(h.ETag))
		}
	},
	"no checksum announced": func(t *testing.T, s *suite) {
		u := s.begin(t, func(in *s3.CreateMultipartUploadInput) { in.ChecksumAlgorithm = "" })
		b := data(100_000)
		p := u.sent(1, b)
		p.ChecksumCRC32 = nil
		ok(t, u.complete(p))
		s.holds(t, u.key, b)
	},
	"one tiny part": func(t *testing.T, s *suite) {
		u := s.begin(t)
		ok(t, u.complete(u.sent(1, []byte("hi"))))
		s.holds(t, u.key, []byte("hi"))
	},
	"a part sent again replaces itself": func(t *testing.T, s *suite) {
		u := s.begin(t)
		u.sent(1, data(mib))
		b := data(mib + 5)
		ok(t, u.complete(u.sent(1, b)))
		s.holds(t, u.key, b)
	},
	"numbers may have gaps": func(t *testing.T, s *suite) {
		u := s.begin(t)
		var done []types.CompletedPart
		var all []byte
		for _, n := range []int32{1, 3, 9} {
			b := data(5 * mib)
			done, all = append(done, u.sent(n, b)), append(all, b...)
		}
		ok(t, u.complete(done...))
		s.holds(t, u.key, all)
	},
	"a wrong tag is refused, and the upload goes on": func(t *testing.T, s *suite) {
		u := s.begin(t)
		p := u.sent(1, []byte("x"))
		bad := p
		bad.ETag = aws.String(`"deadbeefdeadbeefdeadbeefdeadbeef"`)
		refused(t, u.complete(bad), "InvalidPart")
		s.missing(t, u.key)
		ok(t, u.complete(p))
		s.holds(t, u.key, []byte("x"))
	},
	"a wrong part checksum is refused": func(t *testing.T, s *suite) {
		u := s.begin(t)
		_, err := s.raw().UploadPart(t.Context(), &s3.UploadPartInput{Bucket: &s.bucket, Key: &u.key, UploadId: u.id, PartNumber: aws.Int32(1), Body: bytes.NewReader(data(5000)), ChecksumCRC32: aws.String("AAAAAA==")})
		refused(t, err, "BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch")
		if l := u.listed(10); len(l) != 0 {
			t.Fatalf("parts %+v", l)
		}
	},
	"abort": func(t *testing.T, s *suite) {
		u := s.begin(t)
		p := u.sent(1, data(1000))
		_, err := s.raw().AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &u.key, UploadId: u.id})
		ok(t, err)
		_, err = u.part(2, data(10))
		refused(t, err, "NoSuchUpload")
		_, err = s.raw().ListParts(t.Context(), &s3.ListPartsInput{Bucket: &s.bucket, Key: &u.key, UploadId: u.id})
		refused(t, err, "NoSuchUpload")
		refused(t, u.complete(p), "NoSuchUpload")
		s.missing(t, u.key)
	},
	"parts by pages": func(t *testing.T, s *suite) {
		u := s.begin(t)
		for n := range int32(5) {
			u.sent(n+1, data(10))
		}
		if l := u.listed(2); len(l) != 5 {
			t.Fatalf("%d parts", len(l))
		}
	},
	"unfinished ones are listed": func(t *testing.T, s *suite) {
		u := s.begin(t)
		out, err := s.raw().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: aws.String(s.prefix)})
		ok(t, err)
		if len(out.Uploads) != 1 || *out.Uploads[0].Key != u.key || *out.Uploads[0].UploadId != *u.id || out.Uploads[0].Initiated == nil {
			t.Fatalf("uploads %+v", out.Uploads)
		}
	},
}

// unfinished counts the multipart uploads under the prefix.
func (s *suite) unfinished(t *testing.T) int {
	t.Helper()
	out, err := s.raw().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: aws.String(s.prefix)})
	ok(t, err)
	return len(out.Uploads)
}

var largeTests = map[string]func(*testing.T, *suite){
	"any size": func(t *testing.T, s *suite) {
		for _, n := range []int{0, 1, blob.PartSize - 1, blob.PartSize, blob.PartSize + 1, 2*blob.PartSize + 5} {
			b := data(n)
			info, err := s.PutLarge(t.Context(), s.key("o"), io.MultiReader(bytes.NewReader(b)), "audio/ogg")
			ok(t, err)
			s.holds(t, s.key("o"), b)
			head, err := s.Head(t.Context(), s.key("o"))
			ok(t, err)
			if info.Size != int64(n) || head.ContentType != "audio/ogg" || info.ETag != head.ETag {
				t.Fatalf("%+v, head %+v", info, head)
			}
		}
		if n := s.unfinished(t); n != 0 {
			t.Fatalf("%d unfinished uploads", n)
		}
	},
	"a body that breaks off stores nothing": func(t *testing.T, s *suite) {
		cut := errors.New("cut")
		for _, n := range []int{0, 10, blob.PartSize, 2*blob.PartSize + 10} {
			_, err := s.PutLarge(t.Context(), s.key("o"), io.MultiReader(bytes.NewReader(data(n)), iotest.ErrReader(cut)), "")
			if !errors.Is(err, cut) {
				t.Fatalf("after %d bytes: %v", n, err)
			}
			s.missing(t, s.key("o"))
		}
		if n := s.unfinished(t); n != 0 {
			t.Fatalf("%d unfinished uploads", n)
		}
	},
	"a caller who goes stores nothing": func(t *testing.T, s *suite) {
		ctx, cancel := context.WithCancel(t.Context())
		body := io.MultiReader(bytes.NewReader(data(blob.PartSize)), readerFunc(func(p []byte) (int, error) { cancel(); return 0, io.EOF }), bytes.NewReader(data(10)))
		_, err := s.PutLarge(ctx, s.key("o"), body, "")
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		s.missing(t, s.key("o"))
		if n := s.unfinished(t); n != 0 {
			t.Fatalf("%d unfinished uploads", n)
		}
	},
	"leftovers of a killed one are ended": func(t *testing.T, s *suite) {
		u := s.begin(t)
		u.sent(1, data(1000))
		near := s.key("mp2")
		_, err := s.raw().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &s.bucket, Key: &near})
		ok(t, err)
		b := data(blob.PartSize + 1)
		_, err = s.PutLarge(t.Context(), u.key, bytes.NewReader(b), "")
		ok(t, err)
		s.holds(t, u.key, b)
		if n := s.unfinished(t); n != 1 {
			t.Fatalf("%d unfinished uploads: only that of another key should be left", n)
		}
		_, err = s.PutLarge(t.Context(), near, bytes.NewReader(b), "")
		ok(t, err)
	},
	"a bad key": func(t *testing.T, s *suite) {
		_, err := s.PutLarge(t.Context(), "a//b", strings.NewReader("x"), "")
		kind(t, err, tidings.KindInvalid)
	},
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
