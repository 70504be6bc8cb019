package media

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// joinObjects reads objects as one stream, each opened when the one before has
// ended: a rendition's initialisation segment and its media segments make one
// MP4. The caller closes it.
func joinObjects(ctx context.Context, blobs Blobs, keys []string) io.ReadCloser {
	return &joinedObjects{ctx: ctx, blobs: blobs, keys: keys}
}

type joinedObjects struct {
	ctx   context.Context
	blobs Blobs

	mu   sync.Mutex // Read and Close may come from two goroutines
	keys []string
	body io.ReadCloser
}

// Read implements io.Reader.
func (j *joinedObjects) Read(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()

	for {
		if j.body == nil {
			if len(j.keys) == 0 {
				return 0, io.EOF
			}

			body, err := j.blobs.Open(j.ctx, j.keys[0])
			if err != nil {
				return 0, err
			}

			j.body, j.keys = body, j.keys[1:]
		}

		n, err := j.body.Read(p)
		if errors.Is(err, io.EOF) {
			err = j.body.Close()
			j.body = nil
		}

		if n > 0 || err != nil {
			return n, err
		}
	}
}

// Close implements io.Closer.
func (j *joinedObjects) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.keys = nil
	if j.body == nil {
		return nil
	}
	body := j.body
	j.body = nil
	return body.Close()
}

// fetchObjects writes objects into one private file of dir.
func (m *Media) fetchObjects(ctx context.Context, keys []string, dir, name string) (path string, err error) {
	path = filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	body := joinObjects(ctx, m.cfg.Blobs, keys)
	_, err = io.Copy(f, body)
	return path, errors.Join(err, body.Close(), f.Close())
}
