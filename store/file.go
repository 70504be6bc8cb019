package store

import "net/url"

// databaseFile is the name of the database in the data folder.
const databaseFile = "tidings.db"

// fileURI names a file whose path may have a ? or %.
func fileURI(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }
