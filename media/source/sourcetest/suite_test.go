package sourcetest_test

import (
	"testing"
	"time"

	"tidings.example/tidings/media/source/sourcetest"
	"tidings.example/tidings/tidings"
)

func TestMemory(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) (sourcetest.Database, tidings.Upload) {
		now := time.Now()
		return &sourcetest.Rows{}, tidings.Upload{ID: tidings.NewID(now), ClipID: tidings.NewID(now), WorkspaceID: "w", IdleSince: now}
	})
}
