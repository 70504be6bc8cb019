package blob

import (
	"context"
	"fmt"
	"io"
)

// The methods here say the same as Put, Get, PutLarge and List in types of the
// standard library, so that rooms which may not import this one can declare
// them as an interface.

// Save is Put.
func (s *Store) Save(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error {
	_, err := s.Put(ctx, key, body, size, contentType)
	return err
}

// SaveLarge is PutLarge; it returns the size.
func (s *Store) SaveLarge(ctx context.Context, key string, body io.Reader, contentType string) (int64, error) {
	info, err := s.PutLarge(ctx, key, body, contentType)
	return info.Size, err
}

// Open reads the bytes [from, to) of an object; to < 0 means to its end.
func (s *Store) Open(ctx context.Context, key string, from, to int64) (io.ReadCloser, error) {
	var o GetOptions
	switch {
	case to >= 0 && from < to:
		o.Range = fmt.Sprintf("bytes=%d-%d", from, to-1)
	case to >= 0:
		return io.NopCloser(eof{}), nil
	case from > 0:
		o.Range = fmt.Sprintf("bytes=%d-", from)
	}
	object, err := s.Get(ctx, key, o)
	if err != nil {
		return nil, err
	}
	return object.Body, nil
}

// Keys is List without sizes and times.
func (s *Store) Keys(ctx context.Context, prefix, after string, limit int) ([]string, error) {
	items, err := s.List(ctx, prefix, after, limit)
	keys := make([]string, len(items))
	for i := range items {
		keys[i] = items[i].Key
	}
	return keys, err
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
