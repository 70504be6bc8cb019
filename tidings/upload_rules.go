package tidings

import "time"

// The rules of an upload: what each request may do to it in which state, and
// the sentence that a refusal shows. Package api applies them before it reads a
// body, media/source before it stores bytes, and store in the transaction that
// changes the row; each applies them to the row it has read anyway.

// errUploadEnded says why an upload that takes no more bytes has ended.
func errUploadEnded(u Upload) error {
	switch {
	case u.Aborted:
		return Errorf(KindGone, "The upload was ended by its owner.")
	case u.EndedEarly:
		return Errorf(KindGone, "The upload has ended.")
	}
	return Errorf(KindGone, "The upload is complete.")
}

// UploadOffsetConflict refuses an append at another byte than the upload's
// offset.
func UploadOffsetConflict(u Upload) error {
	return Errorf(KindConflict, "The upload stands at byte %d.", u.Offset)
}

// UploadTakenOver refuses a writer whose fence is no longer the newest. cause
// may be nil.
func UploadTakenOver(cause error) error {
	return Wrap(cause, KindConflict, "A newer request has taken this upload over.")
}

// UploadExists refuses a second upload of a clip.
func UploadExists() error {
	return Errorf(KindConflict, "This clip already has an upload.")
}

// UploadContinued refuses what was meant for an upload before a recorder went on in
// it.
func UploadContinued() error {
	return Errorf(KindConflict, "The recording has been continued meanwhile.")
}

// UploadLengthExceeded refuses bytes beyond the announced length.
func UploadLengthExceeded() error {
	return Errorf(KindTooLarge, "The body goes beyond the length that was announced.")
}

// Filled reports whether every announced byte is durable and the upload is not
// sealed yet: a process ended between the last part and the seal.
func (u Upload) Filled() bool {
	return u.Length != nil && u.Offset == *u.Length && u.SealedAt == nil && !u.Aborted
}

// CheckOpen returns KindGone unless the upload takes more bytes.
func (u Upload) CheckOpen() error {
	if u.Aborted || u.SealedAt != nil {
		return errUploadEnded(u)
	}
	return nil
}

// CheckAppend returns an error unless bytes may be appended at offset: KindGone
// when the upload has ended, KindConflict when its offset is another.
func (u Upload) CheckAppend(offset int64) error {
	if err := u.CheckOpen(); err != nil {
		return err
	}
	if u.Offset != offset {
		return UploadOffsetConflict(u)
	}
	return nil
}

// CheckFence returns an error unless a writer with the fence may still write:
// KindGone when the upload has ended, KindConflict when a newer request has
// taken it over.
func (u Upload) CheckFence(fence int64) error {
	if err := u.CheckOpen(); err != nil {
		return err
	}
	if u.Fence != fence {
		return UploadTakenOver(nil)
	}
	return nil
}

// CheckResume returns KindGone when a client cannot go on with the upload: its
// owner aborted it, or the server sealed it because the recorder fell silent.
// An upload that is complete can be asked for.
func (u Upload) CheckResume() error {
	if u.Aborted || u.EndedEarly {
		return errUploadEnded(u)
	}
	return nil
}

// CheckReadable returns KindGone when the bytes of the upload are removed.
func (u Upload) CheckReadable() error {
	if u.Aborted {
		return errUploadEnded(u)
	}
	return nil
}

// CheckSealed returns KindNotReady while bytes may follow, and KindGone when
// the upload was aborted.
func (u Upload) CheckSealed() error {
	if err := u.CheckReadable(); err != nil {
		return err
	}
	if u.SealedAt == nil {
		return Errorf(KindNotReady, "The recording goes on.")
	}
	return nil
}

// Continues reports whether the upload is open again after its recording had
// ended.
func (u Upload) Continues() bool {
	return u.ContinuedBytes > 0 && u.SealedAt == nil && !u.Aborted
}

// CheckContinue returns an error unless a recorder may go on in the clip at now:
// KindConflict while the recording goes on and when the server ended it, KindGone
// when its bytes are gone or ContinueWithin has passed.
func (u Upload) CheckContinue(now time.Time) error {
	switch {
	case u.Aborted:
		return errUploadEnded(u)
	case u.SealedAt == nil:
		return Errorf(KindConflict, "Somebody is recording this clip already.")
	case u.EndedEarly:
		return Errorf(KindConflict, "The recorder of this clip vanished: it may still have a part of it. Record another clip.")
	case u.Offset == 0:
		return Errorf(KindConflict, "Nothing was recorded, so there is nothing to go on from.")
	case now.Sub(*u.SealedAt) > ContinueWithin:
		return Errorf(KindGone, "A recording can be continued for an hour after its end. Record another clip.")
	}
	return nil
}

// CheckTerminate returns KindGone when the upload is complete: it is part of a
// clip and is deleted with it. Terminating an aborted upload again is no error.
func (u Upload) CheckTerminate() error {
	if u.SealedAt != nil && !u.Aborted {
		return errUploadEnded(u)
	}
	return nil
}

// CheckLength returns an error unless the upload may have the length n: once
// announced, a length stays (KindConflict), and it covers the bytes that are
// durable (KindInvalid). An upload that has ended keeps its length (KindGone).
func (u Upload) CheckLength(n int64) error {
	same := u.Length != nil && *u.Length == n
	switch {
	case u.Aborted, u.SealedAt != nil && !same:
		return errUploadEnded(u)
	case same:
		return nil
	case u.Length != nil:
		return Errorf(KindConflict, "The length of this upload is %d and cannot change.", *u.Length)
	case n < u.Offset:
		return Invalid("Upload-Length", "%d bytes have already arrived.", u.Offset)
	}
	return nil
}

// UploadLimits are the sizes an operator allows.
type UploadLimits struct {
	MaxBytes int64 // of one original
	Quota    int64 // of all originals of a workspace; 0 = no limit
}

// CheckContinue returns an error unless the upload may take at least one byte
// more, in a workspace whose originals have used bytes: KindTooLarge, KindQuota.
func (l UploadLimits) CheckContinue(u Upload, used int64) error {
	u.Length = nil
	if n, err := l.Remaining(u, used); n < 1 {
		return err
	}
	return nil
}

func (l UploadLimits) errTooLarge() error {
	return Errorf(KindTooLarge, "A recording may have at most %d bytes.", l.MaxBytes)
}

func errQuotaExceeded() error {
	return Errorf(KindQuota, "The workspace has no room left for recordings.")
}

// CheckLength returns an error unless an upload may be announced with n bytes:
// KindInvalid below 0, KindTooLarge above MaxBytes.
func (l UploadLimits) CheckLength(n int64) error {
	switch {
	case n < 0:
		return Invalid("Upload-Length", "It may not be negative.")
	case n > l.MaxBytes:
		return l.errTooLarge()
	}
	return nil
}

// CheckQuota returns KindQuota unless n more bytes fit into a workspace whose
// originals have used bytes.
func (l UploadLimits) CheckQuota(used, n int64) error {
	if l.Quota > 0 && n > l.Quota-used {
		return errQuotaExceeded()
	}
	return nil
}

// Remaining is how many bytes the upload may still take, in a workspace whose
// originals have used bytes, and the error that refuses one byte more.
func (l UploadLimits) Remaining(u Upload, used int64) (n int64, tooLarge error) {
	n, tooLarge = l.MaxBytes-u.Offset, l.errTooLarge()

	if l.Quota > 0 && l.Quota-used < n {
		n, tooLarge = l.Quota-used, errQuotaExceeded()
	}

	if u.Length != nil && *u.Length-u.Offset <= n {
		n, tooLarge = *u.Length-u.Offset, UploadLengthExceeded()
	}

	return max(n, 0), tooLarge
}
