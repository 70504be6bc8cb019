package embedded

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// s3guard works around defects of the posix backend of versitygw v1.8.0:
//
//   - a body that ends before its Content-Length is refused (v1.8.0 stores it
//     as complete; versitygw issue 2414, fixed after v1.8.0 by PR 2415);
//   - with fsync, an object's file is flushed before it gets its name, and its
//     attributes and the folders that name it before the response;
//   - a second Complete of one upload waits for the first (v1.8.0 responds 200
//     at once), and none is answered 200 without an object.
type s3guard struct {
	*posix.Posix
	root  string
	fsync bool
	locks keyedMutex
}

// PutObject stores an object.
func (g *s3guard) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	in.Body = requireFullBody(in.Body, in.ContentLength)
	out, err := g.PutObjectWithPostFunc(ctx, in, g.flushFile)
	if err == nil {
		err = g.flushObject(aws.ToString(in.Bucket), aws.ToString(in.Key))
	}
	return out, err
}

// UploadPart stores a part of a multipart upload.
func (g *s3guard) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	in.Body = requireFullBody(in.Body, in.ContentLength)
	return g.UploadPartWithPostFunc(ctx, in, g.flushFile)
}

// CompleteMultipartUpload makes the object of its parts. Parts are flushed file
// by file and the object as a whole here, so the parts' folders need no flush.
func (g *s3guard) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	defer g.locks.lockNamedMutex(aws.ToString(in.UploadId))()
	res, version, err := g.Posix.CompleteMultipartUpload(ctx, in)
	if err != nil {
		return res, version, err
	}
	bucket, key := aws.ToString(in.Bucket), aws.ToString(in.Key)
	if _, err := os.Stat(filepath.Join(g.root, bucket, key)); err != nil {
		return res, version, s3err.GetNoSuchUploadErr(aws.ToString(in.UploadId))
	}
	return res, version, g.flushObject(bucket, key)
}

// flushFile flushes a file before it gets its name, so that a name never refers
// to an incomplete file.
func (g *s3guard) flushFile(f *os.File) error {
	if !g.fsync {
		return nil
	}
	return f.Sync()
}

// flushObject makes the name and the attributes durable: it flushes the file
// once more (its attributes were set after flushFile) and every folder up to the
// bucket.
func (g *s3guard) flushObject(bucket, key string) error {
	if !g.fsync {
		return nil
	}
	top := filepath.Join(g.root, bucket)
	for path := filepath.Join(top, key); len(path) >= len(top); path = filepath.Dir(path) {
		if err := syncPath(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
			return err
		}
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// requireFullBody refuses a body that ends early. Chunked signing checks its own
// length.
func requireFullBody(r io.Reader, size *int64) io.Reader {
	if r == nil || size == nil || *size <= 0 {
		return r
	}
	if _, ok := r.(middlewares.ChecksumReader); ok {
		return r
	}
	return &fullBodyReader{r: r, left: *size}
}

type fullBodyReader struct {
	r    io.Reader
	left int64
}

func (w *fullBodyReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.left -= int64(n)
	if errors.Is(err, io.EOF) && w.left > 0 {
		return n, s3err.GetAPIError(s3err.ErrIncompleteBody)
	}
	return n, err
}

// keyedMutex is a set of mutexes by name; unused ones are removed.
type keyedMutex struct {
	mu sync.Mutex
	by map[string]*countedMutex
}

type countedMutex struct {
	sync.Mutex
	users int
}

// lockNamedMutex locks the mutex of the name and returns its unlock.
func (k *keyedMutex) lockNamedMutex(name string) func() {
	k.mu.Lock()
	if k.by == nil {
		k.by = map[string]*countedMutex{}
	}

	l := k.by[name]
	if l == nil {
		l = &countedMutex{}
		k.by[name] = l
	}

	l.users++
	k.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()

		if l.users--; l.users == 0 {
			delete(k.by, name)
		}
	}
}
