package migrations

import (
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// byteOrder is the migrations for PostgreSQL: text is compared and sorted byte by
// byte, as in SQLite, whatever the language of the database
// (https://www.postgresql.org/docs/current/collation.html).
type byteOrder struct{ fs.FS }

var textColumn = regexp.MustCompile(`\bTEXT\b`)

// Open implements fs.FS.
func (b byteOrder) Open(name string) (fs.File, error) {
	f, err := b.FS.Open(name)
	if err != nil || path.Ext(name) != ".sql" {
		return f, err
	}

	text, err := io.ReadAll(f)
	return sqlFile{f, strings.NewReader(textColumn.ReplaceAllLiteralString(string(text), `TEXT COLLATE "C"`))}, err
}

// sqlFile is a file with another content.
type sqlFile struct {
	fs.File
	content io.Reader
}

// Read implements fs.File.
func (f sqlFile) Read(p []byte) (int, error) { return f.content.Read(p) }
