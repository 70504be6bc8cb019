package tidings

import (
	"errors"
	"syscall"
)

// ErrStorageFull is what errors.Is finds in every error of KindStorageFull.
var ErrStorageFull = errors.New("the storage is full")

// StorageFull makes an error of KindStorageFull of a cause.
func StorageFull(cause error) error {
	return Wrap(cause, KindStorageFull, "The storage of this server is full. What is saved stays; the rest can be saved once there is free space.")
}

// IsStorageFull reports whether err was caused by a disk, a quota of the file
// system or a bucket that takes no more bytes.
func IsStorageFull(err error) bool {
	return errors.Is(err, ErrStorageFull) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// storageFullSentence is the sentence of the innermost error of KindStorageFull,
// or that of StorageFull.
func storageFullSentence(err error) string {
	sentence := StorageFull(nil).(*Error).Msg
	var e *Error
	for ; errors.As(err, &e); err = e.Err {
		if e.Kind == KindStorageFull {
			sentence = e.Msg
		}
	}
	return sentence
}
