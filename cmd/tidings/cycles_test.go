package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fileGraph has the references between the files of a folder: an edge leads from
// a file to each file that declares something it uses.
type fileGraph map[string]map[string]bool

// TestFileCycles prints, for each folder, the backward arrows: the share of
// references between files that are part of a cycle of files. It fails for none;
// a number that grows says that files of a folder are not layers any more.
func TestFileCycles(t *testing.T) {
	all, backward := 0, 0
	for _, dir := range goFolders(t, "../..") {
		graph, err := parseFileGraph(dir)
		if err != nil {
			t.Fatal(err)
		}

		edges, inCycles := graph.countEdges()
		all, backward = all+edges, backward+inCycles
		if edges > 0 {
			t.Logf("%-30s %3d files %4d references %4d backward (%.0f %%)", strings.TrimPrefix(dir, "../../"), len(graph), edges, inCycles, 100*float64(inCycles)/float64(edges))
		}
	}

	t.Logf("in all %d references, %d backward (%.0f %%)", all, backward, 100*float64(backward)/float64(max(1, all)))
}

// goFolders are the folders with Go files of the product.
func goFolders(t *testing.T, root string) (dirs []string) {
	t.Helper()

	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}

		name := d.Name()
		if d.IsDir() && (strings.HasPrefix(name, ".") && path != root || slices.Contains([]string{"node_modules", "testdata", "third_party", "bin"}, name)) {
			return filepath.SkipDir
		}
		if !d.IsDir() && isProductFile(name) && !slices.Contains(dirs, filepath.Dir(path)) {
			dirs = append(dirs, filepath.Dir(path))
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return dirs
}

// isProductFile reports whether a file is Go code that is neither a test nor
// generated.
func isProductFile(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, ".gen.go") && !strings.HasSuffix(name, ".sql.go")
}

// parseFileGraph reads the files of a folder. Names are matched without types:
// top-level names by the identifiers a file does not declare itself, methods by
// their selector: only unexported ones, which no other package can mean, and only
// if one file alone declares the name.
func parseFileGraph(dir string) (fileGraph, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}

	files, graph := map[string]*ast.File{}, fileGraph{}
	for _, e := range entries {
		if !isProductFile(e.Name()) {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, 0)
		if err != nil {
			return nil, err
		}
		files[e.Name()], graph[e.Name()] = f, map[string]bool{}
	}

	names, methods := declaredNames(files)
	for name, f := range files {
		for _, id := range f.Unresolved {
			if home := names[id.Name]; home != "" && home != name {
				graph[name][home] = true
			}
		}

		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if homes := methods[sel.Sel.Name]; len(homes) == 1 && homes[0] != name {
					graph[name][homes[0]] = true
				}
			}
			return true
		})
	}

	return graph, nil
}

// declaredNames maps the top-level names of a package to their file, and the
// names of methods to the files that declare one.
func declaredNames(files map[string]*ast.File) (names map[string]string, methods map[string][]string) {
	names, methods = map[string]string{}, map[string][]string{}
	var ambiguous []string
	for name, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && !d.Name.IsExported() {
					methods[d.Name.Name] = append(methods[d.Name.Name], name)
				} else if d.Recv == nil && d.Name.Name != "init" {
					names[d.Name.Name] = name
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = name
						if i, ok := s.Type.(*ast.InterfaceType); ok {
							ambiguous = append(ambiguous, methodNames(i)...)
						}
					case *ast.ValueSpec:
						for _, id := range s.Names {
							names[id.Name] = name
						}
					}
				}
			}
		}
	}

	for _, name := range ambiguous {
		delete(methods, name)
	}

	return names, methods
}

func methodNames(i *ast.InterfaceType) (names []string) {
	for _, m := range i.Methods.List {
		for _, id := range m.Names {
			names = append(names, id.Name)
		}
	}
	return names
}

// countEdges counts the references between files, and those whose target refers
// back to their source, directly or through others.
func (g fileGraph) countEdges() (edges, inCycles int) {
	for from, targets := range g {
		for to := range targets {
			edges++
			if g.reaches(to, from, map[string]bool{}) {
				inCycles++
			}
		}
	}
	return edges, inCycles
}

func (g fileGraph) reaches(from, to string, visited map[string]bool) bool {
	if from == to {
		return true
	}

	visited[from] = true
	for next := range g[from] {
		if !visited[next] && g.reaches(next, to, visited) {
			return true
		}
	}

	return false
}
