package source

import (
	"context"
	"io"
	"time"

	"tidings.example/tidings/tidings"
)

// Follow reads the original of a clip from byte 0, waits for what has not come
// yet and returns io.EOF at the seal. Read fails with KindGone when the upload
// is aborted, and with the context's error when ctx ends. Any number may
// follow one clip; each holds two open requests at most. Close it in the end.
func (s *Source) Follow(ctx context.Context, clip tidings.ID) (io.ReadCloser, error) {
	u, err := s.rows.UploadByClip(ctx, clip)
	if err != nil {
		return nil, err
	}
	if err := u.CheckReadable(); err != nil {
		return nil, err
	}
	return s.newReader(ctx, clip, 0, -1), nil
}

// wait returns when there may be something new: an event came, the poll is
// due, or it has only now begun to listen and must look once more.
func (r *reader) wait() error {
	if r.events == nil && r.hub != nil {
		r.events, _ = r.hub.Subscribe(r.ctx, 0)
		return nil
	}

	poll := time.NewTimer(r.s.config.Poll)
	defer poll.Stop()

	for {
		select {
		case e, open := <-r.events:
			if !open { // the poll goes on
				r.hub, r.events = nil, nil
				continue
			}
			if e.Type == tidings.EventResync || e.ClipID == r.clip && e.Type.Internal() {
				return nil
			}
		case <-poll.C:
			return nil
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
}

// Stat is how much of an original there is to Open.
type Stat struct {
	Size        int64 // durable bytes
	Sealed      bool  // there will be no more
	ContentType string
}

// Stat describes the original of a clip. KindGone when it was aborted.
func (s *Source) Stat(ctx context.Context, clip tidings.ID) (Stat, error) {
	u, err := s.rows.UploadByClip(ctx, clip)
	if err != nil {
		return Stat{}, err
	}
	if err := u.CheckReadable(); err != nil {
		return Stat{}, err
	}
	return Stat{Size: u.Offset, Sealed: u.SealedAt != nil, ContentType: originalType(u.Filetype)}, nil
}

// Open reads the bytes [from, to) of the original; to < 0 means as far as it
// reaches now. It never waits for bytes to come. A range outside of what is
// durable is KindInvalid. Close it in the end.
func (s *Source) Open(ctx context.Context, clip tidings.ID, from, to int64) (io.ReadCloser, error) {
	stat, err := s.Stat(ctx, clip)
	if err != nil {
		return nil, err
	}

	if to < 0 {
		to = stat.Size
	}

	if from < 0 || from > to || to > stat.Size {
		return nil, tidings.Errorf(tidings.KindInvalid, "There are %d bytes so far.", stat.Size)
	}

	return s.newReader(ctx, clip, from, to), nil
}
