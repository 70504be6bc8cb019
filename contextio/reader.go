// Package contextio ends reads and pauses with a context.
package contextio

import (
	"context"
	"io"
)

// NewReader is a reader that fails with the context's error once that has ended.
func NewReader(ctx context.Context, r io.Reader) io.Reader { return contextReader{ctx, r} }

type contextReader struct {
	ctx    context.Context
	source io.Reader
}

// Read implements io.Reader.
func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.source.Read(p)
}
