package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	codeSpan    = regexp.MustCompile("`([^`\n]+)`")
	fencedCode  = regexp.MustCompile("(?s)```.*?```")
	codeName    = regexp.MustCompile(`^\(?\*?([A-Za-z_][A-Za-z0-9_]*\)?\.)*[A-Za-z_][A-Za-z0-9_]*(\(\))?$`)
	placedName  = regexp.MustCompile("`([A-Za-z_.]+)` (?:in |\\()`([\\w./-]+\\.(?:go|ts|svelte))`")
	codePath    = regexp.MustCompile(`^[\w./@-]+\.(go|ts|svelte|sql|sh|css|yaml)$`)
	exampleFile = regexp.MustCompile(`_mood\.`) // what a reader of docs/how-to is to write
	mixedCase   = regexp.MustCompile(`[a-z][A-Z]|^[A-Z][a-z]+[A-Z]`)
	word        = regexp.MustCompile(`[A-Za-z_$][A-Za-z0-9_$]*`)
)

// foreignNames are code names in the documentation that belong to others:
// browsers, S3, ffmpeg, PostgreSQL, Meilisearch.
var foreignNames = map[string]bool{}

// usedNames are all names in the sources of the product.
func usedNames(t *testing.T) map[string]bool {
	t.Helper()

	names := map[string]bool{}
	for _, name := range trackedFiles(t, "*.go") {
		if strings.HasPrefix(name, "third_party/") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(repo, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
	}

	for _, name := range trackedFiles(t, "web/src/*.ts", "web/src/*.svelte", "web/tests/*.ts", "*.sql", "api/openapi.yaml", "Makefile", "scripts/*") {
		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range word.FindAllString(string(text), -1) {
			names[w] = true
		}
	}
	return names
}

// TestDocsNames fails on a file or a name of the code that the documentation
// mentions and the code does not have (any more).
func TestDocsNames(t *testing.T) {
	names, files := usedNames(t), trackedFiles(t, "*")
	for _, doc := range trackedFiles(t, "*.md") {
		if doc == "CHANGELOG.md" || strings.Contains(doc, "third_party/") {
			continue // what once was keeps its name there
		}
		text, err := os.ReadFile(filepath.Join(repo, doc))
		if err != nil {
			t.Fatal(err)
		}

		for _, m := range codeSpan.FindAllStringSubmatch(fencedCode.ReplaceAllString(string(text), ""), -1) {
			switch span := m[1]; {
			case exampleFile.MatchString(span):
			case codePath.MatchString(span):
				if !slices.ContainsFunc(files, func(f string) bool { return f == span || strings.HasSuffix(f, "/"+span) }) {
					t.Errorf("%s names the file %s, which is not there", doc, span)
				}
			case codeName.MatchString(span) && mixedCase.MatchString(span):
				for _, part := range word.FindAllString(span, -1) {
					if !names[part] && !foreignNames[part] {
						t.Errorf("%s names %s, but nothing is called %s", doc, span, part)
					}
				}
			}
		}
	}
}

// TestDocsPlaces fails on a name that the documentation places in a file, as in
// "`storePart` (`media/source/persist.go`)", which does not have it.
func TestDocsPlaces(t *testing.T) {
	places := 0
	for _, doc := range trackedFiles(t, "*.md") {
		text, err := os.ReadFile(filepath.Join(repo, doc))
		if err != nil {
			t.Fatal(err)
		}

		for _, m := range placedName.FindAllStringSubmatch(string(text), -1) {
			if !mixedCase.MatchString(m[1]) {
				continue // a word, such as the name of a step
			}

			places++
			source, err := os.ReadFile(filepath.Join(repo, m[2]))
			if err != nil {
				t.Errorf("%s places %s in %s: %v", doc, m[1], m[2], err)
				continue
			}

			name := m[1][strings.LastIndex(m[1], ".")+1:]
			declared := regexp.MustCompile(`(?m)^(func |func \([^)]*\) |type |const |var |export [\w ]+ |\t)` + name + `\b`)
			if !declared.Match(source) {
				t.Errorf("%s places %s in %s, which does not declare it", doc, m[1], m[2])
			}
		}
	}

	if places < 20 {
		t.Errorf("only %d names with their files found: the pattern does not fit the documentation any more", places)
	}
}
