package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tidings.example/tidings/server"
)

// Limits in lines: a file over maxFile is split by noun, a function over maxFunc
// gives the reason in its comment ("long: …").
const (
	maxFile = 400
	maxFunc = 80
)

const repo = "../.."

var generated = regexp.MustCompile(`(^|/)(dbq|spec)/.*\.go$|schema\.d\.ts$`)

func trackedFiles(t *testing.T, patterns ...string) []string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"ls-files", "--"}, patterns...)...)
	cmd.Dir = repo
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}

	files := strings.Fields(string(out))
	if len(files) == 0 {
		t.Fatalf("git knows no file for %v", patterns)
	}

	return files
}

// TestHouseFiles fails on a source file over maxFile.
func TestHouseFiles(t *testing.T) {
	for _, name := range trackedFiles(t, "*.go", "*.ts", "*.svelte", "*.css") {
		if generated.MatchString(name) {
			continue
		}

		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			t.Fatal(err)
		}

		if n := bytes.Count(text, []byte("\n")); n > maxFile {
			t.Errorf("%s has %d lines (limit %d): split it by noun", name, n, maxFile)
		}
	}
}

// TestHouseFunctions fails on a function over the limit whose comment gives no reason.
func TestHouseFunctions(t *testing.T) {
	for _, name := range trackedFiles(t, "*.go") {
		if generated.MatchString(name) {
			continue
		}

		set := token.NewFileSet()
		file, err := parser.ParseFile(set, filepath.Join(repo, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}

		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || strings.Contains(fn.Doc.Text(), "long:") {
				continue
			}
			if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1; n > maxFunc {
				t.Errorf("%s: %s has %d lines (limit %d)", name, fn.Name.Name, n, maxFunc)
			}
		}
	}
}

// TestHouseSkips fails on a skipped test that does not say why.
func TestHouseSkips(t *testing.T) {
	bare := regexp.MustCompile(`\.Skip\(\)|\.SkipNow\(\)|(test|it|describe)\.skip\(\)`)
	for _, name := range trackedFiles(t, "*_test.go", "*.test.ts", "*.spec.ts") {
		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			t.Fatal(err)
		}
		if name != "cmd/tidings/house_test.go" && bare.Match(text) {
			t.Errorf("%s skips a test without a reason", name)
		}
	}
}

// TestDocsLinks fails on a relative link or picture in the documentation that
// leads nowhere, and on a `make` target or setting the documentation invents.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	for _, name := range trackedFiles(t, "*.md") {
		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			t.Fatal(err)
		}

		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(repo, filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

// TestDocsTargets holds every `make x` and TIDINGS_X the documentation names
// against the Makefile and the settings.
func TestDocsTargets(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(repo, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}

	known := map[string]bool{}
	for _, s := range new(server.Config).ListSettings() {
		known[s.Env] = true
	}

	target := regexp.MustCompile("`make ([a-z-]+)")
	variable := regexp.MustCompile(`TIDINGS_[A-Z0-9_]*[A-Z0-9]`)
	for _, name := range trackedFiles(t, "*.md") {
		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			t.Fatal(err)
		}

		for _, m := range target.FindAllSubmatch(text, -1) {
			if !bytes.Contains(makefile, append([]byte("\n"+string(m[1])), ':')) {
				t.Errorf("%s names `make %s`, which is not a target", name, m[1])
			}
		}

		for _, v := range variable.FindAllString(string(text), -1) {
			if !known[v] && !testVariables[v] {
				t.Errorf("%s names %s, which is not a setting", name, v)
			}
		}
	}
}

// testVariables are read by tests and command-line clients, not by the server.
var testVariables = map[string]bool{"TIDINGS_TEST_DATABASE": true, "TIDINGS_TEST_WHISPER": true, "TIDINGS_TEST_WHISPER_LIBRARY": true, "TIDINGS_TEST_WHISPER_MODEL": true,
	"TIDINGS_TEST_S3": true, "TIDINGS_TEST_SIZES": true, "TIDINGS_TEST_MEILI": true, "TIDINGS_SPEECH_DIR": true, "TIDINGS_TEST_SPEECH": true,
	"TIDINGS_TEST_CASES": true,
	"TIDINGS_URL":        true, "TIDINGS_PASSWORD": true, "TIDINGS_TOKEN": true, "TIDINGS_X": true,
}
