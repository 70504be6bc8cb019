package server

import (
	"errors"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestFloorOfFreeSpace: new recordings stop at the floor, steps of those that run
// much later, and a floor of 0 or a file system that does not answer stops nothing.
func TestFloorOfFreeSpace(t *testing.T) {
	const floor = 1 << 30
	free := int64(0)
	f := &freeSpace{dir: t.TempDir(), floor: floor, objects: true, measure: func(string) (int64, error) { return free, nil }}
	outside, none := *f, *f
	outside.objects, none.floor = false, 0
	silent := *f
	silent.measure = func(string) (int64, error) { return 0, errors.New("no answer") }

	for _, c := range []struct {
		name    string
		free    int64
		check   func() error
		refused bool
	}{
		{"at the floor", floor, func() error { return f.checkRecording(0) }, false},
		{"below the floor", floor - 1, func() error { return f.checkRecording(0) }, true},
		{"a file that leaves the floor", floor + 100, func() error { return f.checkRecording(100) }, false},
		{"a file that takes of the floor", floor + 100, func() error { return f.checkRecording(101) }, true},
		{"a file that goes elsewhere", floor, func() error { return outside.checkRecording(101) }, false},
		{"a step below the floor", floor - 1, f.checkStep, false},
		{"a step far below the floor", floor/workShare - 1, f.checkStep, true},
		{"no floor", 0, func() error { return none.checkRecording(1) }, false},
		{"no floor for steps", 0, none.checkStep, false},
		{"no answer", 0, func() error { return silent.checkRecording(1) }, false},
	} {
		free = c.free
		if err := c.check(); (tidings.KindOf(err) == tidings.KindStorageFull) != c.refused {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestFreeSpaceOfAFolderToCome(t *testing.T) {
	if free, err := measureFreeSpace(t.TempDir() + "/a/b"); err != nil || free <= 0 {
		t.Errorf("%d, %v", free, err)
	}
}
