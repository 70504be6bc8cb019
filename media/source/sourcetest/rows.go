// Package sourcetest has a database of media/source in memory, for tests of
// packages that read or write growing originals, and the suite that the real
// store passes as well.
package sourcetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// Rows is the database of media/source in memory. It publishes the events of the
// store to its Hub. The zero value is ready. Fail, when set, is called with the
// name of each call and may fail it. Lose, when set, is called by AppendPart
// after its commit; its error is returned.
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
	damage  map[string]tidings.Damage           // by key
}

func (r *Rows) clockNow() time.Time {
	if r.Clock == nil {
		return time.Now()
	}
	return r.Clock()
}

func (r *Rows) beginCall(call string) error {
	if r.Fail != nil {
		if err := r.Fail(call); err != nil {
			return err
		}
	}

	r.mu.Lock()
	if r.uploads == nil {
		r.uploads, r.parts = map[tidings.ID]*tidings.Upload{}, map[tidings.ID][]tidings.UploadPart{}
		r.assets, r.atRisk = map[tidings.ID]tidings.Asset{}, map[tidings.ID]bool{}
		r.damage = map[string]tidings.Damage{}
	}

	return nil
}

// changeUpload runs f on an upload with the lock held.
func (r *Rows) changeUpload(call string, id tidings.ID, f func(u *tidings.Upload) error) (tidings.Upload, error) {
	if err := r.beginCall(call); err != nil {
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

// CreateUpload inserts the one upload of a clip.
func (r *Rows) CreateUpload(_ context.Context, u tidings.Upload) error {
	if err := r.beginCall("CreateUpload"); err != nil {
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
	return r.changeUpload("Upload", id, func(*tidings.Upload) error { return nil })
}

// UploadByClip is the upload of a clip.
func (r *Rows) UploadByClip(_ context.Context, clip tidings.ID) (tidings.Upload, error) {
	if err := r.beginCall("UploadByClip"); err != nil {
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

// FenceUpload raises the fence.
func (r *Rows) FenceUpload(_ context.Context, id tidings.ID) (tidings.Upload, error) {
	return r.changeUpload("FenceUpload", id, func(u *tidings.Upload) error { u.Fence++; return nil })
}

// RenewUpload restarts the time for which the upload counts as silent.
func (r *Rows) RenewUpload(_ context.Context, id tidings.ID, fence int64, expires time.Time) (tidings.Upload, error) {
	return r.changeUpload("RenewUpload", id, func(u *tidings.Upload) error {
		if err := u.CheckFence(fence); err != nil {
			return err
		}

		u.IdleSince, u.ExpiresAt = r.clockNow(), expires
		delete(r.atRisk, u.ClipID)
		return nil
	})
}

// AppendPart moves the upload's offset over the part.
func (r *Rows) AppendPart(_ context.Context, p tidings.UploadPart, fence int64, expires time.Time) (tidings.Upload, error) {
	u, err := r.changeUpload("AppendPart", p.UploadID, func(u *tidings.Upload) error {
		if err := cmp.Or(u.CheckFence(fence), u.CheckAppend(p.Offset)); err != nil {
			return err
		}

		u.Offset += p.Size
		u.IdleSince, u.ExpiresAt = r.clockNow(), expires
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
	return r.changeUpload("SetUploadLength", id, func(u *tidings.Upload) error {
		if err := u.CheckLength(n); err != nil {
			return err
		}

		u.Length = &n
		return nil
	})
}

// SealUpload seals the upload at its offset.
func (r *Rows) SealUpload(_ context.Context, id tidings.ID, early bool) (tidings.Upload, error) {
	u, err := r.changeUpload("SealUpload", id, func(u *tidings.Upload) error {
		if u.SealedAt == nil {
			now, n := r.clockNow(), u.Offset
			u.SealedAt, u.Length, u.EndedEarly = &now, &n, early
		}
		return nil
	})
	if err == nil {
		r.Hub.Publish(tidings.Event{Type: tidings.EventUploadSealed, WorkspaceID: u.WorkspaceID, ClipID: u.ClipID})
	}

	return u, err
}

// AbortUpload aborts an upload and deletes the rows of its parts.
func (r *Rows) AbortUpload(_ context.Context, id tidings.ID) error {
	u, err := r.changeUpload("AbortUpload", id, func(u *tidings.Upload) error {
		if err := u.CheckOpen(); err != nil {
			return err
		}
		if u.Continues() {
			return tidings.UploadContinued()
		}

		now := r.clockNow()
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

// Parts returns those that reach beyond a byte, in order.
func (r *Rows) Parts(_ context.Context, clip tidings.ID, from int64, limit int) ([]tidings.UploadPart, error) {
	if err := r.beginCall("Parts"); err != nil {
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
	if err := r.beginCall("IdleUploads"); err != nil {
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

// MarkAtRisk marks the clip of a silent recorder.
func (r *Rows) MarkAtRisk(_ context.Context, u tidings.Upload) error {
	if err := r.beginCall("MarkAtRisk"); err != nil {
		return err
	}
	defer r.mu.Unlock()
	r.atRisk[u.ClipID] = true
	return nil
}

// AtRisk reports whether a clip is marked.
func (r *Rows) AtRisk(clip tidings.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.atRisk[clip]
}

// WorkspaceBytes is the size of all originals of a workspace.
func (r *Rows) WorkspaceBytes(_ context.Context, workspace tidings.ID) (int64, error) {
	if err := r.beginCall("WorkspaceBytes"); err != nil {
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
	if err := r.beginCall("Asset"); err != nil {
		return tidings.Asset{}, err
	}
	defer r.mu.Unlock()
	a, ok := r.assets[clip]
	if !ok || a.Name != name {
		return tidings.Asset{}, tidings.NotFound()
	}
	return a, nil
}

// SetOriginal replaces the parts by the asset.
func (r *Rows) SetOriginal(_ context.Context, a tidings.Asset) error {
	if err := r.beginCall("SetOriginal"); err != nil {
		return err
	}
	defer r.mu.Unlock()
	for _, u := range r.uploads {
		if u.ClipID == a.ClipID && (u.SealedAt == nil || u.Offset != a.Bytes) {
			return tidings.Errorf(tidings.KindConflict, "The recording goes on.")
		}
	}
	r.assets[a.ClipID] = a
	delete(r.parts, a.ClipID)
	return nil
}

// ContinueUpload opens the sealed upload of a clip again.
func (r *Rows) ContinueUpload(ctx context.Context, clip tidings.ID, expires time.Time) (tidings.Upload, error) {
	u, err := r.UploadByClip(ctx, clip)
	if err != nil {
		return u, err
	}
	return r.changeUpload("ContinueUpload", u.ID, func(u *tidings.Upload) error {
		if err := u.CheckContinue(r.clockNow()); err != nil {
			return err
		}

		u.SealedAt, u.Length, u.EndedEarly, u.ContinuedBytes, u.ExpiresAt = nil, nil, false, u.Offset, expires
		u.IdleSince = r.clockNow()
		u.Fence++
		u.Continuations++
		if a, ok := r.assets[clip]; ok {
			r.parts[clip] = []tidings.UploadPart{{UploadID: u.ID, ClipID: clip, Size: a.Bytes, Key: a.Key, Sums: a.Sums}}
			delete(r.assets, clip)
		}
		return nil
	})
}

// CancelContinuation ends the upload of a clip at the size it had before.
func (r *Rows) CancelContinuation(ctx context.Context, clip tidings.ID, number int64) error {
	u, err := r.UploadByClip(ctx, clip)
	if err != nil {
		return err
	}
	_, err = r.changeUpload("CancelContinuation", u.ID, func(u *tidings.Upload) error {
		if !u.Continues() || u.Continuations != number {
			return nil
		}

		now := r.clockNow()
		u.SealedAt, u.Offset, u.Length = &now, u.ContinuedBytes, &u.ContinuedBytes
		u.Fence++
		r.parts[clip] = slices.DeleteFunc(r.parts[clip], func(p tidings.UploadPart) bool { return p.Offset >= u.Offset })
		return nil
	})
	return err
}

// ReportDamage implements source.Rows.
func (r *Rows) ReportDamage(_ context.Context, d tidings.Damage) error {
	if err := r.beginCall("ReportDamage"); err != nil {
		return err
	}
	defer r.mu.Unlock()
	r.damage[d.Key] = d
	return nil
}

// Damage is what ReportDamage was called with, by key.
func (r *Rows) Damage() map[string]tidings.Damage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.damage)
}
