package tidings

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestStorageFullWins: an error that a full disk caused is of KindStorageFull,
// whatever those who passed it on have taken it for.
func TestStorageFullWins(t *testing.T) {
	disk := &os.PathError{Op: "write", Path: "/secret/place", Err: syscall.ENOSPC}
	for name, err := range map[string]error{
		"the system's own error": disk,
		"a quota of the disk":    fmt.Errorf("x: %w", syscall.EDQUOT),
		"called damaged":         Wrap(disk, KindUnsupported, "It may be damaged."),
		"called unavailable":     Wrap(fmt.Errorf("y: %w", disk), KindUnavailable, "Later."),
		"the bucket's error":     Wrap(Wrap(nil, KindStorageFull, "The storage of this server is full."), KindUnsupported, "It may be damaged."),
		"among others":           errors.Join(Invalid("f", "Bad."), disk),
	} {
		if KindOf(err) != KindStorageFull || !IsStorageFull(err) {
			t.Errorf("%s: %s", name, KindOf(err))
		}
		if s := Sentence(err); !strings.HasPrefix(s, "The storage of this server is full") {
			t.Errorf("%s: %q", name, s)
		}
	}

	for _, err := range []error{Errorf(KindQuota, "Full."), syscall.EIO, Wrap(syscall.EACCES, KindUnavailable, "No.")} {
		if KindOf(err) == KindStorageFull {
			t.Errorf("%v is no want of space", err)
		}
	}
}
