package blobtest

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/tidings"
)

var bucketTests = map[string]func(*testing.T, *suite){
	"is ready": func(t *testing.T, s *suite) { noError(t, s.Ready(t.Context())) },
	"is made once": func(t *testing.T, s *suite) {
		noError(t, s.EnsureBucket(t.Context()))
		noError(t, s.EnsureBucket(t.Context()))
	},
	"another one is missing": func(t *testing.T, s *suite) {
		c := s.config
		c.Bucket = "no-such-bucket-" + hex.EncodeToString(randomBytes(4))
		other, err := blob.New(c)
		noError(t, err)
		wantKind(t, other.Ready(t.Context()), tidings.KindUnavailable)
		_, err = other.Get(t.Context(), "k", blob.GetOptions{})
		wantKind(t, err, tidings.KindUnavailable)
	},
	"a wrong secret is refused": func(t *testing.T, s *suite) {
		c := s.config
		c.SecretKey = "wrong"
		other, err := blob.New(c)
		noError(t, err)
		wantKind(t, other.Ready(t.Context()), tidings.KindUnavailable)
		_, err = other.Put(t.Context(), s.objectKey("x"), strings.NewReader("x"), 1, "")
		wantKind(t, err, tidings.KindUnavailable)
		s.wantMissing(t, s.objectKey("x"))
	},
}

var objectTests = map[string]func(*testing.T, *suite){
	"put and get": func(t *testing.T, s *suite) {
		for _, n := range []int{0, 1, 100_000, 3 << 20} {
			b := randomBytes(n)
			info := s.putObject(t, s.objectKey("o"), b)
			s.wantObject(t, s.objectKey("o"), b)
			if info.Size != int64(n) || info.ETag == "" {
				t.Fatalf("info %+v", info)
			}
		}
	},
	"head": func(t *testing.T, s *suite) {
		b := randomBytes(1234)
		put := s.putObject(t, s.objectKey("o"), b)
		sum := md5.Sum(b)
		head, err := s.Head(t.Context(), s.objectKey("o"))
		noError(t, err)
		if head.Size != 1234 || head.ContentType != "video/webm" || head.ETag != `"`+hex.EncodeToString(sum[:])+`"` || put.ETag != head.ETag {
			t.Fatalf("head %+v, put %+v", head, put)
		}
		if age := time.Since(head.LastModified); age < -time.Hour || age > time.Hour {
			t.Fatalf("modified %v ago", age)
		}
	},
	"missing": func(t *testing.T, s *suite) {
		s.wantMissing(t, s.objectKey("none"))
		_, err := s.Head(t.Context(), s.objectKey("none"))
		wantKind(t, err, tidings.KindNotFound)
		_, err = s.sdkClient().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &s.bucket, Key: aws.String(s.objectKey("none"))})
		wantCode(t, err, "NoSuchKey")
	},
	"overwrite": func(t *testing.T, s *suite) {
		s.putObject(t, s.objectKey("o"), randomBytes(1000))
		b := randomBytes(10)
		s.putObject(t, s.objectKey("o"), b)
		s.wantObject(t, s.objectKey("o"), b)
	},
	"bad keys": func(t *testing.T, s *suite) {
		for _, key := range []string{"", "/a", "a/", "a//b", "a/../b", "./a", "a\x00b", "a\nb", "a\\b", "\xff", strings.Repeat("a", 256), strings.Repeat("a/", 600) + "a"} {
			_, err := s.Put(t.Context(), key, strings.NewReader("x"), 1, "")
			wantKind(t, err, tidings.KindInvalid)
			_, err = s.Get(t.Context(), key, blob.GetOptions{})
			wantKind(t, err, tidings.KindInvalid)
			_, err = s.Head(t.Context(), key)
			wantKind(t, err, tidings.KindInvalid)
		}
	},
	"odd keys": func(t *testing.T, s *suite) {
		for _, name := range []string{"sp ace/ü+%.bin", "a?b&c=d#e", "'q\"<>", "日本/🎬", "..x", "a.b-c_d~e", strings.Repeat("k", 255), strings.TrimSuffix(strings.Repeat("k/", 300), "/")} {
			b := randomBytes(10)
			s.putObject(t, s.objectKey(name), b)
			s.wantObject(t, s.objectKey(name), b)
			noError(t, s.Delete(t.Context(), s.objectKey(name)))
			s.wantMissing(t, s.objectKey(name))
		}
	},
	"other headers": func(t *testing.T, s *suite) {
		key := s.objectKey("o")
		_, err := s.sdkClient().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: strings.NewReader("x"), CacheControl: aws.String("private, max-age=60"),
			ContentDisposition: aws.String(`inline; filename="a.webm"`), Metadata: map[string]string{"clip": "42"}})
		noError(t, err)
		h, err := s.sdkClient().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
		noError(t, err)
		if aws.ToString(h.CacheControl) != "private, max-age=60" || !strings.Contains(aws.ToString(h.ContentDisposition), "a.webm") || h.Metadata["clip"] != "42" {
			t.Fatalf("lost: %v %v %v", aws.ToString(h.CacheControl), aws.ToString(h.ContentDisposition), h.Metadata)
		}
	},
	"wrong checksum": func(t *testing.T, s *suite) {
		key := s.objectKey("o")
		_, err := s.sdkClient().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(randomBytes(5000)), ChecksumCRC32: aws.String("AAAAAA==")})
		wantCode(t, err, "BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch")
		s.wantMissing(t, key)
	},
	"wrong content-md5": func(t *testing.T, s *suite) {
		key := s.objectKey("o")
		_, err := s.sdkClient().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: strings.NewReader("hello"), ContentMD5: aws.String(base64.StdEncoding.EncodeToString(make([]byte, 16)))})
		wantCode(t, err, "BadDigest", "InvalidDigest")
		s.wantMissing(t, key)
	},
	"the checksum comes back": func(t *testing.T, s *suite) {
		b := randomBytes(5000)
		s.putObject(t, s.objectKey("o"), b)
		o, err := s.sdkClient().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &s.bucket, Key: aws.String(s.objectKey("o")), ChecksumMode: types.ChecksumModeEnabled})
		noError(t, err)
		defer o.Body.Close()
		want := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)))
		if aws.ToString(o.ChecksumCRC32) != want {
			t.Fatalf("crc32 %q, want %q", aws.ToString(o.ChecksumCRC32), want)
		}
	},
	"without checksums": func(t *testing.T, s *suite) { // for servers that refuse the newer headers
		c := s.config
		c.Checksums = blob.ChecksumsWhenRequired
		plain, err := blob.New(c)
		noError(t, err)
		b := randomBytes(100_000)
		_, err = plain.Put(t.Context(), s.objectKey("o"), bytes.NewReader(b), int64(len(b)), "")
		noError(t, err)
		s.wantObject(t, s.objectKey("o"), b)
		large := randomBytes(blob.PartSize + 5)
		_, err = plain.PutLarge(t.Context(), s.objectKey("l"), bytes.NewReader(large), "")
		noError(t, err)
		s.wantObject(t, s.objectKey("l"), large)
		noError(t, plain.Delete(t.Context(), s.objectKey("o"), s.objectKey("l")))
		s.wantMissing(t, s.objectKey("o"))
	},
	"delete": func(t *testing.T, s *suite) {
		s.putObject(t, s.objectKey("o"), randomBytes(1))
		for range 2 {
			noError(t, s.Delete(t.Context(), s.objectKey("o")))
			s.wantMissing(t, s.objectKey("o"))
		}
		noError(t, s.Delete(t.Context()))
	},
	"delete many": func(t *testing.T, s *suite) {
		var keys []string
		for i := range 1100 { // more than one call takes
			keys = append(keys, s.objectKey(fmt.Sprintf("%04d", i)))
			if i%10 == 0 {
				s.putObject(t, keys[i], nil)
			}
		}
		noError(t, s.Delete(t.Context(), keys...))
		left, err := s.List(t.Context(), s.prefix, "", 10)
		noError(t, err)
		if len(left) != 0 {
			t.Fatalf("left: %v", left)
		}
	},
	"if-none-match * writes once": func(t *testing.T, s *suite) {
		put := func(text string) error {
			_, err := s.sdkClient().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &s.bucket, Key: aws.String(s.objectKey("o")), Body: strings.NewReader(text), IfNoneMatch: aws.String("*")})
			return err
		}
		noError(t, put("one"))
		wantStatus(t, put("two"), 412)
		s.wantObject(t, s.objectKey("o"), []byte("one"))
	},
}

var rangeTests = map[string]func(*testing.T, *suite){
	"parts of an object": func(t *testing.T, s *suite) {
		const n = 100_000
		b := randomBytes(n)
		s.putObject(t, s.objectKey("o"), b)
		for header, want := range map[string][2]int{"bytes=0-0": {0, 1}, "bytes=10-19": {10, 20}, "bytes=99990-": {99990, n}, "bytes=-7": {n - 7, n},
			"bytes=50000-999999999": {50000, n}, "bytes=-999999999": {0, n}, "bytes=0-": {0, n}} {
			got, info, err := s.readObject(s.objectKey("o"), blob.GetOptions{Range: header}, t)
			noError(t, err)
			if !bytes.Equal(got, b[want[0]:want[1]]) || info.Size != int64(len(got)) || info.ContentRange != fmt.Sprintf("bytes %d-%d/%d", want[0], want[1]-1, n) {
				t.Fatalf("%s: %d bytes, %+v", header, len(got), info)
			}
		}
		got, info, err := s.readObject(s.objectKey("o"), blob.GetOptions{Range: "bytes=0-1,5-6"}, t)
		noError(t, err)
		if !bytes.Equal(got, b) || info.ContentRange != "" {
			t.Fatalf("several ranges: %d bytes, %+v", len(got), info)
		}
	},
	"beyond the end": func(t *testing.T, s *suite) {
		s.putObject(t, s.objectKey("o"), randomBytes(10))
		_, _, err := s.readObject(s.objectKey("o"), blob.GetOptions{Range: "bytes=10-11"}, t)
		wantStatus(t, err, 416)
	},
	"conditions": func(t *testing.T, s *suite) {
		info := s.putObject(t, s.objectKey("o"), randomBytes(10))
		_, _, err := s.readObject(s.objectKey("o"), blob.GetOptions{IfNoneMatch: info.ETag}, t)
		wantStatus(t, err, 304)
		_, _, err = s.readObject(s.objectKey("o"), blob.GetOptions{IfMatch: `"deadbeefdeadbeefdeadbeefdeadbeef"`}, t)
		wantStatus(t, err, 412)
		_, _, err = s.readObject(s.objectKey("o"), blob.GetOptions{IfMatch: info.ETag, IfNoneMatch: `"deadbeefdeadbeefdeadbeefdeadbeef"`}, t)
		noError(t, err)
	},
	"plain": func(t *testing.T, s *suite) {
		b := randomBytes(1000)
		p := s.Plain()
		noError(t, p.Put(t.Context(), s.objectKey("o"), bytes.NewReader(b), 1000, ""))
		for _, c := range [][2]int64{{0, -1}, {0, 1000}, {1, -1}, {10, 20}, {20, 20}, {999, 1000}} {
			r, err := p.OpenRange(t.Context(), s.objectKey("o"), c[0], c[1])
			noError(t, err)
			var got bytes.Buffer
			_, err = got.ReadFrom(r)
			noError(t, err)
			r.Close()
			to := c[1]
			if to < 0 {
				to = 1000
			}
			if !bytes.Equal(got.Bytes(), b[c[0]:to]) {
				t.Fatalf("%v: %d bytes", c, got.Len())
			}
		}
	},
}

var listTests = map[string]func(*testing.T, *suite){
	"in the order of bytes, by pages": func(t *testing.T, s *suite) {
		want := []string{"a", "a-b", "a.b", "b/1", "b/2", "c", "é", "日"} // sorted by their bytes
		for _, k := range want {
			s.putObject(t, s.objectKey("ls/"+k), []byte(k))
		}
		s.putObject(t, s.objectKey("other"), nil)
		for _, size := range []int{1, 3, 8, 100} {
			var got []string
			for after := ""; ; {
				items, err := s.List(t.Context(), s.objectKey("ls/"), after, size)
				noError(t, err)
				for _, i := range items {
					name := strings.TrimPrefix(i.Key, s.objectKey("ls/"))
					if got = append(got, name); i.Size != int64(len(name)) || i.LastModified.IsZero() {
						t.Fatalf("item %+v", i)
					}
					after = i.Key
				}
				if len(items) < size {
					break
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("pages of %d: %q", size, got)
			}
		}
		items, err := s.List(t.Context(), s.objectKey("ls/"), s.objectKey("ls/b"), 10) // a place that is no key
		noError(t, err)
		if len(items) != 5 {
			t.Fatalf("after b: %v", items)
		}
	},
	"nothing": func(t *testing.T, s *suite) {
		items, err := s.List(t.Context(), s.objectKey("none/"), "", 10)
		noError(t, err)
		if len(items) != 0 {
			t.Fatalf("items %v", items)
		}
	},
	"more than one page of the server": func(t *testing.T, s *suite) {
		const n, hands = 1005, 8
		errs := make([]error, hands)
		var wg sync.WaitGroup
		for hand := range hands {
			wg.Go(func() {
				for i := hand; i < n && errs[hand] == nil; i += hands {
					_, errs[hand] = s.Put(t.Context(), s.objectKey(fmt.Sprintf("%05d", i)), strings.NewReader(""), 0, "")
				}
			})
		}
		wg.Wait()
		noError(t, errors.Join(errs...))
		keys, err := s.Plain().Keys(t.Context(), s.prefix, "", 5000)
		noError(t, err)
		if len(keys) != n || keys[n-1] != s.objectKey("01004") {
			t.Fatalf("%d keys", len(keys))
		}
		noError(t, s.Delete(t.Context(), keys...))
	},
}
