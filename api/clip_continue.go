package api

import (
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/api/upload"
	"tidings.example/tidings/tidings"
)

// Continuer lets a recorder go on in a clip whose recording has ended; see
// media/source.
type Continuer interface {
	Continue(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
	// CancelContinuation ends the number-th continuation; 0 = whichever is open.
	CancelContinuation(ctx context.Context, clip tidings.ID, number int64) error
}

// ContinueClip is POST /clips/{id}/continue. A repeated request with its
// Idempotency-Key gets the same answer; any other one is refused while a
// recording goes on.
func (h *clipHandlers) ContinueClip(ctx context.Context, r spec.ContinueClipRequestObject) (spec.ContinueClipResponseObject, error) {
	g, err := h.authorizeRecorder(ctx, r.ID)
	if err != nil {
		return nil, err
	}

	u, err := h.store.UploadByClip(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}
	if made, repeated := request.RepeatedCreation(ctx); repeated {
		if made.Number != u.Continuations {
			return nil, tidings.UploadContinued()
		}
		return continuationJSON(u), nil
	}

	claimed, err := request.ClaimForCreation(ctx, request.Creation{ID: g.ClipID, Number: u.Continuations + 1})
	if err != nil {
		return nil, err
	}
	if u, err = h.uploads.Continue(claimed, g.ClipID); err != nil {
		return nil, err
	}
	return continuationJSON(u), nil
}

func continuationJSON(u tidings.Upload) spec.ContinueClip201JSONResponse {
	return spec.ContinueClip201JSONResponse{ClipID: string(u.ClipID), UploadURL: upload.Path + "/" + string(u.ID), Offset: u.ContinuedBytes, Number: u.Continuations}
}

// CancelContinuation is DELETE /clips/{id}/continue.
func (h *clipHandlers) CancelContinuation(ctx context.Context, r spec.CancelContinuationRequestObject) (spec.CancelContinuationResponseObject, error) {
	g, err := h.authorizeRecorder(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return spec.CancelContinuation204Response{}, h.uploads.CancelContinuation(ctx, g.ClipID, spec.Deref(r.Params.Number))
}

// authorizeRecorder returns KindForbidden unless the caller may edit the clip and
// is the one who recorded it: nobody else may upload to it.
func (h *clipHandlers) authorizeRecorder(ctx context.Context, id string) (tidings.ClipAccess, error) {
	g, err := h.access.AuthorizeClip(ctx, id, tidings.ActView)
	if err != nil {
		return g, err
	}
	if g.Trashed {
		return g, tidings.Errorf(tidings.KindConflict, "The clip is in the trash.")
	}
	if g, err = h.access.AuthorizeClip(ctx, id, tidings.ActEdit); err != nil {
		return g, err
	}
	if request.SubjectOf(ctx).UserID != g.AuthorID {
		return g, tidings.Errorf(tidings.KindForbidden, "Only the one who recorded a clip can go on in it.")
	}
	return g, nil
}
