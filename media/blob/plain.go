package blob

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// Plain is a Store in types of the standard library, so that packages that may
// not import this one can declare an interface for it.
type Plain struct{ s *Store }

// Plain returns the plain view of s.
func (s *Store) Plain() Plain { return Plain{s} }

// Put is Store.Put.
func (p Plain) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error {
	_, err := p.s.Put(ctx, key, body, size, contentType)
	return err
}

// PutLarge is Store.PutLarge; it returns the size.
func (p Plain) PutLarge(ctx context.Context, key string, body io.Reader, contentType string) (int64, error) {
	info, err := p.s.PutLarge(ctx, key, body, contentType)
	return info.Size, err
}

// Open reads a whole object.
func (p Plain) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	return p.OpenRange(ctx, key, 0, -1)
}

// OpenRange reads the bytes [from, to) of an object; to < 0 means to its end.
func (p Plain) OpenRange(ctx context.Context, key string, from, to int64) (io.ReadCloser, error) {
	var o GetOptions
	switch {
	case to >= 0 && from >= to:
		return io.NopCloser(strings.NewReader("")), nil
	case to >= 0:
		o.Range = fmt.Sprintf("bytes=%d-%d", from, to-1)
	case from > 0:
		o.Range = fmt.Sprintf("bytes=%d-", from)
	}

	object, err := p.s.Get(ctx, key, o)
	if err != nil {
		return nil, err
	}

	return object.Body, nil
}

// Delete is Store.Delete.
func (p Plain) Delete(ctx context.Context, keys ...string) error { return p.s.Delete(ctx, keys...) }

// Keys is Store.List without sizes and times.
func (p Plain) Keys(ctx context.Context, prefix, after string, limit int) ([]string, error) {
	items, err := p.s.List(ctx, prefix, after, limit)
	keys := make([]string, len(items))
	for i := range items {
		keys[i] = items[i].Key
	}
	return keys, err
}
