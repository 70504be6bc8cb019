// Package sourcetest lends the rooms that read or write growing originals what
// the database is to media/source: rows in memory, a hub, and a suite that
// holds them, and the real store, to one behaviour.
package sourcetest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// Rows is the database of media/source in memory. It publishes what the store
// publishes to its Hub. The zero value is ready. Fail, when set, is asked
// before each call by its name and may refuse it; Lose is asked by AppendPart
// after it has committed, and its error is what the caller hears.
type Rows struct {
	Hub   Hub
	Clock tidings.Clock // nil = time.Now
	Fail  func(call string) error
	Lose  func() error

	mu      sync.Mutex
	uploads map[tidings.ID]*tidings.Upload
	parts   map[tidings.ID][]tidings.UploadPart // by clip, in order
	assets  map[tidings.ID]tidings.Asset        // the originals, by clip
	atRisk  map[tidings.ID]bool                 // by clip
}

func (r *Rows) now() time.Time {
	if r.Clock == nil {
		return time.Now()
	}
	return r.Clock()
}

func (r *Rows) enter(call string) error {
	if r.Fail != nil {
		if err := r.Fail(call); err != nil {
			return err
		}
	}

	r.mu.Lock()
	if r.uploads == nil {
		r.uploads, r.parts = map[tidings.ID]*tidings.Upload{}, map[tidings.ID][]tidings.UploadPart{}
		r.assets, r.atRisk = map[tidings.ID]tidings.Asset{}, map[tidings.ID]bool{}
	}

	return nil
}

// change runs f on an upload under the lock.
func (r *Rows) change(call string, id tidings.ID, f func(u *tidings.Upload) error) (tidings.Upload, error) {
	if err := r.enter(call); err != nil {
		return tidings.Upload{}, err
	}
	defer r.mu.Unlock()
	u := r.uploads[id]
	if u == nil {
		return tidings.Upload{}, tidings.NotFound()
	}
	err := f(u)
	return *u, err
}

// CreateUpload starts the one upload of a clip.
func (r *Rows) CreateUpload(_ context.Context, u tidings.Upload) error {
	if err := r.enter("CreateUpload"); err != nil {
		return err
	}
	defer r.mu.Unlock()

	for _, other := range r.uploads {
		if other.ClipID == u.ClipID || other.ID == u.ID {
			return tidings.UploadExists()
		}
	}

	r.uploads[u.ID] = &u
	return nil
}

// Upload is the upload with the id.
func (r *Rows) Upload(_ context.Context, id tidings.ID) (tidings.Upload, error) {
	return r.change("Upload", id, func(*tidings.Upload) error { return nil })
}

// UploadByClip is the upload of a clip.
func (r *Rows) UploadByClip(_ context.Context, clip tidings.ID) (tidings.Upload, error) {
	if err := r.enter("UploadByClip"); err != nil {
		return tidings.Upload{}, err
	}
	defer r.mu.Unlock()
	for _, u := range r.uploads {
		if u.ClipID == clip {
			return *u, nil
		}
	}
	return tidings.Upload{}, tidings.NotFound()
}

// FenceUpload lets older writers lose.
func (r *Rows) FenceUpload(_ context.Context, id tidings.ID) (tidings.Upload, error) {
	return r.change("FenceUpload", id, func(u *tidings.Upload) error { u.Fence++; return nil })
}

// RenewUpload is a sign of life.
func (r *Rows) RenewUpload(_ context.Context, id tidings.ID, fence int64, expires time.Time) (tidings.Upload, error) {
	return r.change("RenewUpload", id, func(u *tidings.Upload) error {
		if err := u.CheckFence(fence); err != nil {
			return err
		}

		u.IdleSince, u.ExpiresAt = r.now(), expires
		delete(r.atRisk, u.ClipID)
		return nil
	})
}

// AppendPart moves the upload's offset over the part.
func (r *Rows) AppendPart(_ context.Context, p tidings.UploadPart, fence int64, expires time.Time) (tidings.Upload, error) {
	u, err := r.change("AppendPart", p.UploadID, func(u *tidings.Upload) error {
		if err := cmp.Or(u.CheckFence(fence), u.CheckAppend(p.Offset)); err != nil {
			return err
		}

		u.Offset += p.Size
		u.IdleSince, u.ExpiresAt = r.now(), expires
		r.parts[u.ClipID] = append(r.parts[u.ClipID], p)
		delete(r.atRisk, u.ClipID)
		return nil
	})
	if err != nil {
		return tidings.Upload{}, err
	}

	r.Hub.Publish(tidings.Event{Type: tidings.EventUploadPart, WorkspaceID: u.WorkspaceID, ClipID: u.ClipID})
	if r.Lose != nil {
		if err := r.Lose(); err != nil {
			return tidings.Upload{}, err
		}
	}

	return u, nil
}

// SetUploadLength fixes a deferred length.
func (r *Rows) SetUploadLength(_ context.Context, id tidings.ID, n int64) (tidings.Upload, error) {
	return r.change("SetUploadLength", id, func(u *tidings.Upload) error {
		if err := u.CheckLength(n); err != nil {
			return err
		}

		u.Length = &n
		return nil
	})
}

// SealUpload ends the upload where it stands.
func (r *Rows) SealUpload(_ context.Context, id tidings.ID, early bool) (tidings.Upload, error) {
	u, err := r.change("SealUpload", id, func(u *tidings.Upload) error {
		if u.SealedAt == nil {
			now, n := r.now(), u.Offset
			u.SealedAt, u.Length, u.EndedEarly = &now, &n, early
		}
		return nil
	})
	if err == nil {
		r.Hub.Publish(tidings.Event{Type: tidings.EventUploadSealed, WorkspaceID: u.WorkspaceID, ClipID: u.ClipID})
	}

	return u, err
}

// AbortUpload ends an upload and forgets its parts.
func (r *Rows) AbortUpload(_ context.Context, id tidings.ID) error {
	u, err := r.change("AbortUpload", id, func(u *tidings.Upload) error {
		if err := u.CheckOpen(); err != nil {
			return err
		}

		now := r.now()
		u.SealedAt, u.Aborted = &now, true
		u.Fence++
		delete(r.parts, u.ClipID)
		return nil
	})
	if err == nil {
		r.Hub.Publish(tidings.Event{Type: tidings.EventUploadSealed, WorkspaceID: u.WorkspaceID, ClipID: u.ClipID})
	}

	return err
}

// Parts are those that reach beyond a byte, in order.
func (r *Rows) Parts(_ context.Context, clip tidings.ID, from int64, limit int) ([]tidings.UploadPart, error) {
	if err := r.enter("Parts"); err != nil {
		return nil, err
	}
	defer r.mu.Unlock()

	var out []tidings.UploadPart
	for _, p := range r.parts[clip] {
		if p.Offset+p.Size > from && len(out) < limit {
			out = append(out, p)
		}
	}

	return out, nil
}

// IdleUploads are the open ones silent since before the time, longest first.
func (r *Rows) IdleUploads(_ context.Context, before time.Time, limit int) ([]tidings.Upload, error) {
	if err := r.enter("IdleUploads"); err != nil {
		return nil, err
	}
	defer r.mu.Unlock()

	var out []tidings.Upload
	for _, u := range r.uploads {
		if u.SealedAt == nil && u.IdleSince.Before(before) {
			out = append(out, *u)
		}
	}

	slices.SortFunc(out, func(a, b tidings.Upload) int { return a.IdleSince.Compare(b.IdleSince) })
	return out[:min(len(out), limit)], nil
}

// MarkAtRisk shows that the recorder is silent.
func (r *Rows) MarkAtRisk(_ context.Context, u tidings.Upload) error {
	if err := r.enter("MarkAtRisk"); err != nil {
		return err
	}
	defer r.mu.Unlock()
	r.atRisk[u.ClipID] = true
	return nil
}

// AtRisk reports what MarkAtRisk was told of a clip.
func (r *Rows) AtRisk(clip tidings.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.atRisk[clip]
}

// WorkspaceBytes is the size of all originals of a workspace.
func (r *Rows) WorkspaceBytes(_ context.Context, workspace tidings.ID) (int64, error) {
	if err := r.enter("WorkspaceBytes"); err != nil {
		return 0, err
	}
	defer r.mu.Unlock()

	var total int64
	for _, u := range r.uploads {
		if u.WorkspaceID == workspace && !u.Aborted {
			total += u.Offset
		}
	}

	return total, nil
}

// Asset is the original of a clip; no other asset is kept.
func (r *Rows) Asset(_ context.Context, clip tidings.ID, name string) (tidings.Asset, error) {
	if err := r.enter("Asset"); err != nil {
		return tidings.Asset{}, err
	}
	defer r.mu.Unlock()
	a, ok := r.assets[clip]
	if !ok || a.Name != name {
		return tidings.Asset{}, tidings.NotFound()
	}
	return a, nil
}

// SetOriginal puts the asset in place of the parts.
func (r *Rows) SetOriginal(_ context.Context, a tidings.Asset) error {
	if err := r.enter("SetOriginal"); err != nil {
		return err
	}
	defer r.mu.Unlock()
	r.assets[a.ClipID] = a
	delete(r.parts, a.ClipID)
	return nil
}
