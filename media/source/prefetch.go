package source

import (
	"context"
	"io"

	"tidings.example/tidings/tidings"
)

// partRequest is a part that is opened while the one before it is read, which
// saves a round trip per part. Its bytes wait in the connection.
type partRequest struct {
	key    string
	cancel context.CancelFunc
	done   chan struct{}
	body   io.ReadCloser
	err    error
}

// openPart opens p from the reader's offset to end, by the prefetched request if
// that is the part, and prefetches the next known part.
func (r *reader) openPart(p tidings.UploadPart, end int64) (io.ReadCloser, error) {
	from, to := r.offset-p.Offset, end-p.Offset
	body, err := r.takePrefetched(p)
	if body == nil && err == nil {
		body, err = r.openBlocks(p.Key, p.Sums, from, to, p.Size)
	} else if err == nil && p.Sums.KnownFor(p.Size) {
		body = verifiedBody{tidings.VerifyBlocks(body, p.Sums, from, to, p.Size), body}
	}

	if err == nil && len(r.parts) > 1 && (r.end < 0 || end < r.end) {
		r.nextPart = r.prefetchPart(r.parts[1])
	}
	return body, err
}

// openBlocks opens the bytes [from, to) of an object of size bytes, which are
// checked before they are returned when the sums of its blocks are known.
func (r *reader) openBlocks(key string, sums tidings.BlockSums, from, to, size int64) (io.ReadCloser, error) {
	if !sums.KnownFor(size) {
		return r.s.blobs.OpenRange(r.ctx, key, from, to)
	}

	start, end := tidings.WholeBlocks(from, to, size)
	body, err := r.s.blobs.OpenRange(r.ctx, key, start, end)
	if err != nil {
		return nil, err
	}

	return verifiedBody{tidings.VerifyBlocks(body, sums, from, to, size), body}, nil
}

// verifiedBody reads from Reader and closes what is below it.
type verifiedBody struct {
	io.Reader
	io.Closer
}

func (r *reader) prefetchPart(p tidings.UploadPart) *partRequest {
	ctx, cancel := context.WithCancel(r.ctx)
	o := &partRequest{key: p.Key, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(o.done)
		o.body, o.err = r.s.blobs.OpenRange(ctx, p.Key, 0, p.Size)
	}()
	return o
}

// takePrefetched returns the body of p if p was prefetched, else nil.
func (r *reader) takePrefetched(p tidings.UploadPart) (io.ReadCloser, error) {
	o := r.nextPart
	if o == nil || o.key != p.Key || r.offset != p.Offset {
		r.dropPrefetched()
		return nil, nil
	}

	r.nextPart = nil
	<-o.done // ends with r.ctx at the latest
	if o.err != nil {
		o.cancel()
		return nil, o.err
	}

	return &prefetchedBody{o}, nil
}

// dropPrefetched cancels a prefetched request that was not taken.
func (r *reader) dropPrefetched() {
	o := r.nextPart
	if o == nil {
		return
	}
	r.nextPart = nil
	o.cancel()
	<-o.done
	if o.body != nil {
		o.body.Close()
	}
}

// prefetchedBody cancels the context of its request when it is closed.
type prefetchedBody struct{ request *partRequest }

func (b *prefetchedBody) Read(p []byte) (int, error) { return b.request.body.Read(p) }

func (b *prefetchedBody) Close() error {
	err := b.request.body.Close()
	b.request.cancel()
	return err
}
