package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// mainScript is the entry of the web app; it imports the chunk of the page.
const mainScript = "src/main.ts"

// textFont is the file of Inter with Latin letters. It is preloaded: browsers
// find it only in a style sheet.
const textFont = "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"

// chunk is one entry of Vite's manifest
// (https://vite.dev/guide/backend-integration).
type chunk struct {
	File    string   `json:"file"`
	CSS     []string `json:"css"`
	Imports []string `json:"imports"`
}

// bundle is the manifest of the web build; nil without a build.
type bundle map[string]chunk

// readBundle reads .vite/manifest.json; nil when there is none.
func readBundle(web fs.FS) (bundle, error) {
	if web == nil {
		return nil, nil
	}

	text, err := fs.ReadFile(web, ".vite/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("web build: %w", err)
	}

	var b bundle
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fmt.Errorf("web build: manifest.json: %w", err)
	}
	if b[mainScript].File == "" {
		return nil, fmt.Errorf("web build: manifest.json has no %s", mainScript)
	}

	return b, nil
}

// headLinks are the files that the head of a page loads: paths from the root of
// the server.
type headLinks struct {
	Script   string
	Preloads []string // modules that the script imports, to load in parallel
	Styles   []string
	Font     string
}

// linksOf lists the entry, the chunk of a page's component, and all they import.
func (b bundle) linksOf(component string) headLinks {
	var p headLinks
	if b == nil {
		return p
	}

	p.Script = "/" + b[mainScript].File
	if font := b[textFont].File; font != "" {
		p.Font = "/" + font
	}

	seen := map[string]bool{mainScript: true}
	b.addChunk(mainScript, seen, &p)
	b.addChunk("src/pages/"+component+".svelte", seen, &p)
	return p
}

// addChunk adds a chunk and its imports, each once.
func (b bundle) addChunk(key string, seen map[string]bool, p *headLinks) {
	c, ok := b[key]
	if !ok {
		return
	}

	if !seen[key] {
		p.Preloads = append(p.Preloads, "/"+c.File)
	}

	seen[key] = true
	for _, imported := range c.Imports {
		if !seen[imported] {
			b.addChunk(imported, seen, p)
		}
	}

	for _, css := range c.CSS {
		if name := "/" + css; !seen[name] {
			seen[name] = true
			p.Styles = append(p.Styles, name)
		}
	}
}
