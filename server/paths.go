package server

import (
	"os"
	"path/filepath"
)

// ResolvePaths makes folder settings independent of the working directory.
func (c *Config) ResolvePaths() (err error) {
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return err
	}

	if c.Speech == "" {
		c.Speech = speechFolder(c.Data)
	}

	if c.Speech, err = filepath.Abs(c.Speech); err != nil {
		return err
	}

	if c.Models == "" {
		c.Models = filepath.Join(c.Data, "models")
	}

	c.TempDir = filepath.Join(c.Data, "tmp")
	c.Models, err = filepath.Abs(c.Models)

	return err
}

// speechFolder is the default folder of the speech engine: speech in the data
// folder, or beside the program, where `make build` puts it.
func speechFolder(data string) string {
	inData := filepath.Join(data, "speech")
	self, err := os.Executable()
	if _, missing := os.Stat(inData); missing == nil || err != nil {
		return inData
	}
	beside := filepath.Join(filepath.Dir(self), "speech")
	if _, err := os.Stat(beside); err != nil {
		return inData
	}
	return beside
}
