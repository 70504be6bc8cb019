package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// mainScript is the one entry of the web app; it imports the page's chunk.
const mainScript = "src/main.ts"

// textFont is the file of Inter that Latin text needs; a browser learns of it
// late, from a style sheet, unless the page names it.
const textFont = "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"

// chunk is one entry of Vite's manifest
// (https://vite.dev/guide/backend-integration).
type chunk struct {
	File    string   `json:"file"`
	CSS     []string `json:"css"`
	Imports []string `json:"imports"`
}

// bundle is the built web app; without a build it is empty.
type bundle map[string]chunk

// readBundle reads .vite/manifest.json. No manifest is no build and no error.
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

// parts is what a page's head loads: paths from the root of the server.
type parts struct {
	Script   string
	Preloads []string // modules the script is going to import, so that none waits for another
	Styles   []string
	Font     string
}

// parts lists what a page needs: its chunk, the entry, and all they import.
func (b bundle) parts(page string) parts {
	var p parts
	if b == nil {
		return p
	}

	p.Script = "/" + b[mainScript].File
	if font := b[textFont].File; font != "" {
		p.Font = "/" + font
	}

	seen := map[string]bool{mainScript: true}
	b.gather(mainScript, seen, &p)
	b.gather("src/pages/"+page+".svelte", seen, &p)
	return p
}

func (b bundle) gather(key string, seen map[string]bool, p *parts) {
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
			b.gather(imported, seen, p)
		}
	}

	for _, css := range c.CSS {
		if name := "/" + css; !seen[name] {
			seen[name] = true
			p.Styles = append(p.Styles, name)
		}
	}
}
