package admin

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryFindingHasAFix reads the checks of this package and of server: none
// reports a fault without saying what to do about it. TestDoctorSaysHowToFix of
// server breaks things and reads the findings.
func TestEveryFindingHasAFix(t *testing.T) {
	fixArg := map[string]int{"reportWarning": 1, "reportFailure": 1, "CheckFailed": 1} // index of the argument
	calls := 0
	for _, dir := range []string{".", "../server"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}

		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}

			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}

			ast.Inspect(tree, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if i, ok := fixArg[nameOf(n.Fun)]; ok {
						calls++
						if len(n.Args) <= i || isEmptyText(n.Args[i]) {
							t.Errorf("%s: a finding without a fix", set.Position(n.Pos()))
						}
					}
				case *ast.CompositeLit:
					if nameOf(n.Type) == "Finding" && !isFineFinding(n) {
						t.Errorf("%s: a finding without a fix", set.Position(n.Pos()))
					}
				}
				return true
			})
		}
	}

	if calls < 15 {
		t.Errorf("only %d findings were read", calls)
	}
}

// nameOf is the last name of x, also of pkg.x.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func isEmptyText(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && len(strings.TrimSpace(strings.Trim(lit.Value, "`\""))) < 10
}

// isFineFinding reports whether a literal has State "ok", or a Fix.
func isFineFinding(n *ast.CompositeLit) bool {
	for _, e := range n.Elts {
		field, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		if nameOf(field.Key) == "Fix" && !isEmptyText(field.Value) {
			return true
		}
		if lit, ok := field.Value.(*ast.BasicLit); ok && nameOf(field.Key) == "State" && lit.Value == `"ok"` {
			return true
		}
	}
	return len(n.Elts) == 0
}
