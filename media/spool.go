package media

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
)

func newBytes(b []byte) io.Reader { return bytes.NewReader(b) }

// spool copies the whole original into a private file of the job's folder.
func spool(head []byte, src io.Reader, dir string) (input, error) {
	in := input{file: filepath.Join(dir, "original"), dir: dir}
	f, err := os.OpenFile(in.file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o640)
	if err != nil {
		return in, err
	}
	_, err = io.Copy(f, io.MultiReader(bytes.NewReader(head), src))
	return in, errors.Join(err, f.Close())
}
