package source

import (
	"context"
	"io"
	"time"

	"tidings.example/tidings/tidings"
)

// Follow reads the original of a clip from byte 0, waits for bytes that have not
// arrived yet and returns io.EOF at the seal. Read returns KindGone when the
// upload is aborted, and the context's error when ctx ends. Any number of readers
// may follow one clip; each holds at most two open requests. The caller closes it.
func (s *Source) Follow(ctx context.Context, clip tidings.ID) (io.ReadCloser, error) {
	u, err := s.rows.Uploads.UploadByClip(ctx, clip)
	if err != nil {
		return nil, err
	}
	if err := u.CheckReadable(); err != nil {
		return nil, err
	}
	return s.newReader(ctx, clip, 0, -1), nil
}

// waitForEvent returns when the rows may have changed: after an event of the
// clip, when the poll is due, or right after subscribing, since an event may
// have come before.
func (r *reader) waitForEvent() error {
	if r.events == nil && r.hub != nil {
		r.events, _ = r.hub.Subscribe(r.ctx, 0)
		return nil
	}

	poll := time.NewTimer(r.s.config.Poll)
	defer poll.Stop()

	for {
		select {
		case e, open := <-r.events:
			if !open { // polling goes on
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

// Stat describes how much of an original can be opened.
type Stat struct {
	Size        int64 // durable bytes
	Sealed      bool  // complete
	ContentType string
}

// Stat describes the original of a clip. KindGone when its upload was aborted.
func (s *Source) Stat(ctx context.Context, clip tidings.ID) (Stat, error) {
	u, err := s.rows.Uploads.UploadByClip(ctx, clip)
	if err != nil {
		return Stat{}, err
	}
	if err := u.CheckReadable(); err != nil {
		return Stat{}, err
	}
	return Stat{Size: u.Offset, Sealed: u.SealedAt != nil, ContentType: originalType(u.Filetype)}, nil
}

// Open reads the bytes [from, to) of the original; to < 0 means up to its
// present size. It does not wait for bytes to arrive: a range beyond the durable
// bytes is KindInvalid. The caller closes it.
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
