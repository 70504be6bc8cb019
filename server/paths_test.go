package server

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSpeechFolder(t *testing.T) {
	data := t.TempDir()
	if got := speechFolder(data); got != filepath.Join(data, "speech") {
		t.Errorf("nothing anywhere: %s", got)
	}

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	beside := filepath.Join(filepath.Dir(self), "speech")
	if err := os.Mkdir(beside, 0o750); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { os.Remove(beside) })
	if got := speechFolder(data); got != beside {
		t.Errorf("beside the program: %s", got)
	}

	if err := os.Mkdir(filepath.Join(data, "speech"), 0o750); err != nil {
		t.Fatal(err)
	}

	if got := speechFolder(data); got != filepath.Join(data, "speech") {
		t.Errorf("in the data folder: %s", got)
	}
}
