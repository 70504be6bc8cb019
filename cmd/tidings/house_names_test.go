package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Limits on names and paragraphs. The shares are those of model code bases
// (benbjohnson/wtf, river, miniflux): 5 to 20 % of unexported functions with a
// name of one word, and 11 to 13 % blank lines in functions over longFunc lines.
const (
	maxOneWord = 0.20
	minBlank   = 0.08
	longFunc   = 15
	maxSvelte  = 140
)

var oneWord = regexp.MustCompile(`^[a-z0-9]+$`)

// sourceFile is a Go file of the product: neither generated nor a test.
type sourceFile struct {
	name  string
	set   *token.FileSet
	tree  *ast.File
	lines []string
}

func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()

	var files []sourceFile
	for _, name := range trackedFiles(t, "*.go") {
		if generated.MatchString(name) || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "third_party/") || strings.Contains(name, "testdata/") {
			continue
		}

		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, sourceFile{name: name, set: set, tree: tree, lines: strings.Split(string(text), "\n")})
	}

	return files
}

func (f sourceFile) functions() []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, d := range f.tree.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			out = append(out, fn)
		}
	}
	return out
}

// share is a count among a total.
type share struct{ count, total int }

func (s share) value() float64 { return float64(s.count) / float64(max(s.total, 1)) }

// TestHouseNames fails when too many unexported functions have a name of one
// lower-case word: such a name cannot be found by grep or guessed.
func TestHouseNames(t *testing.T) {
	byFolder, all := map[string]share{}, share{}
	for _, f := range sourceFiles(t) {
		for _, fn := range f.functions() {
			name := fn.Name.Name
			if ast.IsExported(name) || name == "main" || name == "init" {
				continue
			}

			dir, n := filepath.Dir(f.name), 0
			if oneWord.MatchString(name) {
				n = 1
			}
			byFolder[dir] = share{byFolder[dir].count + n, byFolder[dir].total + 1}
			all = share{all.count + n, all.total + 1}
		}
	}

	for _, dir := range slices.Sorted(maps.Keys(byFolder)) {
		s := byFolder[dir]
		t.Logf("%-24s %3d of %3d unexported functions are one word", dir, s.count, s.total)
		if s.total >= 20 && s.value() > maxOneWord {
			t.Errorf("%s: %d of %d unexported functions are one word (at most %.0f %%)", dir, s.count, s.total, 100*maxOneWord)
		}
	}
	if all.value() > maxOneWord {
		t.Errorf("%d of %d unexported functions are one word (at most %.0f %%)", all.count, all.total, 100*maxOneWord)
	}
}

// TestHouseParagraphs fails when long functions are not divided into steps.
func TestHouseParagraphs(t *testing.T) {
	var blank share
	for _, f := range sourceFiles(t) {
		for _, fn := range f.functions() {
			from, to := f.set.Position(fn.Pos()).Line, f.set.Position(fn.End()).Line
			if to-from+1 <= longFunc {
				continue
			}
			for _, line := range f.lines[from-1 : to-1] {
				blank.total++
				if strings.TrimSpace(line) == "" {
					blank.count++
				}
			}
		}
	}

	t.Logf("%.1f %% blank lines in functions over %d lines", 100*blank.value(), longFunc)
	if blank.value() < minBlank {
		t.Errorf("%.1f %% of the lines of functions over %d lines are blank (at least %.0f %%)", 100*blank.value(), longFunc, 100*minBlank)
	}
}

// sharedNames may be declared in three packages or more, for they have one
// meaning in all of them.
var sharedNames = map[string]string{
	"Config": "what an operator may choose for a package",
	"New":    "makes a package's main type from its Config",
	"Rows":   "the rows of the store that a package reads and writes",
	"Blobs":  "the objects of the bucket that a package reads and writes",
	"Source": "the growing original, as its consumer sees it",
	"Engine": "what answers searches, or recognises speech: the pluggable part of a package",

	"Handler":        "serves the routes of a package under api",
	"Object":         "an object of the bucket, as a package sees it",
	"Open":           "opens what a package owns, until Close",
	"Progress":       "how far a long run is",
	"permanentError": "an error that no retry mends",
}

// TestHouseMeanings fails on a package-level name that three packages declare
// and sharedNames does not explain: it probably means three things.
func TestHouseMeanings(t *testing.T) {
	declared := map[string]map[string]bool{}
	add := func(name, dir string) {
		if name == "main" || name == "_" {
			return
		}
		if declared[name] == nil {
			declared[name] = map[string]bool{}
		}
		declared[name][dir] = true
	}

	for _, f := range sourceFiles(t) {
		dir := filepath.Dir(f.name)
		if isTestPackage(dir) {
			continue
		}
		for _, d := range f.tree.Decls {
			switch v := d.(type) {
			case *ast.FuncDecl:
				if v.Recv == nil {
					add(v.Name.Name, dir)
				}
			case *ast.GenDecl:
				for _, s := range v.Specs {
					if ts, ok := s.(*ast.TypeSpec); ok {
						add(ts.Name.Name, dir)
					}
				}
			}
		}
	}

	for _, name := range slices.Sorted(maps.Keys(declared)) {
		dirs := slices.Sorted(maps.Keys(declared[name]))
		if len(dirs) >= 3 && sharedNames[name] == "" {
			t.Errorf("%s is declared in %s: one term a concept, or explain it in sharedNames", name, strings.Join(dirs, ", "))
		}
	}
}

// TestHouseSvelte fails on a component that is too long to see at once.
func TestHouseSvelte(t *testing.T) {
	for _, name := range trackedFiles(t, "*.svelte") {
		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n > maxSvelte {
			t.Errorf("%s has %d lines (limit %d): split it by sense", name, n, maxSvelte)
		}
	}
}
