package source

import (
	"context"
	"io"

	"tidings.example/tidings/tidings"
)

// opening is a part being opened while the one before it is read: over a
// network this saves a round trip a part. Its bytes wait in the connection.
type opening struct {
	key    string
	cancel context.CancelFunc
	done   chan struct{}
	body   io.ReadCloser
	err    error
}

// openPart opens p from r.at to end, if it can with what was opened ahead, and
// opens the next known part ahead.
func (r *reader) openPart(p tidings.UploadPart, end int64) (io.ReadCloser, error) {
	body, err := r.takeAhead(p)
	if body == nil && err == nil {
		body, err = r.s.blobs.OpenRange(r.ctx, p.Key, r.at-p.Offset, end-p.Offset)
	}
	if err == nil && len(r.parts) > 1 && (r.to < 0 || end < r.to) {
		r.ahead = r.openAhead(r.parts[1])
	}
	return body, err
}

func (r *reader) openAhead(p tidings.UploadPart) *opening {
	ctx, cancel := context.WithCancel(r.ctx)
	o := &opening{key: p.Key, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(o.done)
		o.body, o.err = r.s.blobs.OpenRange(ctx, p.Key, 0, p.Size)
	}()
	return o
}

// takeAhead returns the part if it is the one that was opened ahead.
func (r *reader) takeAhead(p tidings.UploadPart) (io.ReadCloser, error) {
	o := r.ahead
	if o == nil || o.key != p.Key || r.at != p.Offset {
		r.dropAhead()
		return nil, nil
	}

	r.ahead = nil
	<-o.done // ends with r.ctx at the latest
	if o.err != nil {
		o.cancel()
		return nil, o.err
	}

	return &aheadBody{o}, nil
}

// dropAhead gives up what was opened ahead and never taken.
func (r *reader) dropAhead() {
	o := r.ahead
	if o == nil {
		return
	}
	r.ahead = nil
	o.cancel()
	<-o.done
	if o.body != nil {
		o.body.Close()
	}
}

// aheadBody keeps the context of its request until it is closed.
type aheadBody struct{ o *opening }

func (b *aheadBody) Read(p []byte) (int, error) { return b.o.body.Read(p) }

func (b *aheadBody) Close() error {
	err := b.o.body.Close()
	b.o.cancel()
	return err
}
