package page

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// webSource is the source of the web app.
const webSource = "../../web/src"

var (
	pageEnum    = regexp.MustCompile(`(?m)^ {8}page: \{type: string, enum: \[([^\]]*)\]`)
	pageEntry   = regexp.MustCompile(`(?m)^\s*(\w+): \{ component: '(\w+)'`)
	pageAddress = regexp.MustCompile(`(?m)^\s*(\w+): \{ component: '\w+', path: '([^']+)'`)
)

// readWebSource joins the files of the web app that have one of the extensions,
// without its tests.
func readWebSource(t *testing.T, extensions ...string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(webSource, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, ".test.") || !slices.Contains(extensions, filepath.Ext(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestPagesAreDescribed: the contract lists the names of the table.
func TestPagesAreDescribed(t *testing.T) {
	text, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}

	m := pageEnum.FindSubmatch(text)
	if m == nil {
		t.Fatal("openapi.yaml has no enum of Boot.page")
	}

	described := strings.Split(string(m[1]), ", ")
	for _, p := range Pages() {
		if !slices.Contains(described, p.Name) {
			t.Errorf("%s is not in the enum of Boot.page in openapi.yaml", p.Name)
		}
	}
	if len(described) != len(Pages()) {
		t.Errorf("openapi.yaml has %d pages and the table %d: %v", len(described), len(Pages()), described)
	}
}

// TestPagesAreInTheWebApp: the table of the web app (lib/pages.ts) has the
// component of each page, and each file in pages/ is one of them.
func TestPagesAreInTheWebApp(t *testing.T) {
	imported := map[string]string{} // component by name
	for _, m := range pageEntry.FindAllStringSubmatch(readWebSource(t, ".ts"), -1) {
		imported[m[1]] = m[2]
	}

	components := map[string]bool{}
	for _, p := range Pages() {
		components[p.Component+".svelte"] = true
		if imported[p.Name] != p.Component {
			t.Errorf("the web app has the component %q for the page %s, want %q", imported[p.Name], p.Name, p.Component)
		}
	}
	if len(imported) != len(Pages()) {
		t.Errorf("the web app has %d pages and the table has %d", len(imported), len(Pages()))
	}

	files, err := filepath.Glob(webSource + "/pages/*.svelte")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages in %s: %v", webSource, err)
	}
	for _, file := range files {
		if !components[filepath.Base(file)] {
			t.Errorf("%s belongs to no page of the table", file)
		}
	}
	if len(files) != len(components) {
		t.Errorf("%d files for %d components", len(files), len(components))
	}
}

// TestNavigationNamesPages: entries of the web app's navigation have a page of
// the table and its path.
func TestNavigationNamesPages(t *testing.T) {
	paths := map[string]string{}
	for _, p := range Pages() {
		paths[p.Name] = p.Path
	}

	entries := pageAddress.FindAllStringSubmatch(readWebSource(t, ".ts", ".svelte"), -1)
	if len(entries) == 0 {
		t.Fatal("no navigation found in the web app")
	}
	for _, m := range entries {
		if paths[m[1]] != m[2] {
			t.Errorf("the navigation leads to %s for the page %s, whose path is %q", m[2], m[1], paths[m[1]])
		}
	}
}

// TestPagesAreUnique: a name and a path stand for one page.
func TestPagesAreUnique(t *testing.T) {
	names, paths := map[string]bool{}, map[string]bool{}
	for _, p := range Pages() {
		if p.Name == "" || p.Component == "" || names[p.Name] || p.Path != "" && paths[p.Path] {
			t.Errorf("%+v", p)
		}
		if p.Title == "" && p.serve == nil && p.Path != "" {
			t.Errorf("the page %s has no title", p.Name)
		}
		names[p.Name], paths[p.Path] = true, true
	}
}

// TestAddAPage: every line in a block of docs/how-to/add-a-page.md is in the
// file that is named above the block.
func TestAddAPage(t *testing.T) {
	guide, err := os.ReadFile("../../docs/how-to/add-a-page.md")
	if err != nil {
		t.Fatal(err)
	}

	step := regexp.MustCompile("(?m)^   `([^`]+)`\n\n   ```\\w+\n((?:   .*\n)+?)   ```$")
	steps := step.FindAllStringSubmatch(string(guide), -1)
	if len(steps) != 7 {
		t.Fatalf("%d steps with a file and a block, want 7", len(steps))
	}

	for _, m := range steps {
		text, err := os.ReadFile("../../" + m[1])
		if err != nil {
			t.Errorf("the guide names %s: %v", m[1], err)
			continue
		}
		words := strings.Join(strings.Fields(string(text)), " ") // gofmt aligns columns
		for _, line := range strings.Split(strings.TrimSpace(m[2]), "\n") {
			if line = strings.TrimSpace(line); !strings.Contains(words, line) {
				t.Errorf("%s has no line %q", m[1], line)
			}
		}
	}
}
