// Package web is everything a browser runs: the pages, the recorder and the
// player, built by Vite (`make build`) into dist and embedded into the binary.
// The server draws each page's head and first data itself and names the page
// in <script type="application/json" id="boot">; src/main.ts takes over.
//
// Before the first build dist holds only a placeholder, so that Go compiles;
// there is no .vite/manifest.json then, and the server says what to run.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files is the built web app: .vite/manifest.json names the assets of each page.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path: cannot happen
	}
	return files
}
