package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows lists the packages of the module that each package may import besides
// tidings. The assembling packages may import all, and so may tests.
var arrows = map[string][]string{
	"tidings":               nil,
	"admin":                 nil,
	"api":                   {"api/auth", "api/budget", "api/media", "api/page", "api/request", "api/response", "api/spec", "api/upload", "profanity", "search/fold", "search/query", "transcribe/captions", "transcribe/glossary"},
	"api/auth":              {"api/budget", "api/request", "api/response", "api/spec"},
	"api/budget":            nil,
	"api/media":             {"api/auth", "api/budget", "api/request", "api/response", "api/spec", "media/hls", "profanity", "transcribe/captions"},
	"api/page":              {"api/auth", "api/media", "api/request", "api/response", "api/spec"},
	"api/request":           nil,
	"api/response":          {"api/spec"},
	"api/spec":              nil,
	"api/upload":            {"api/auth", "api/request", "api/response"},
	"backup":                {"contextio"},
	"client":                {"contextio", "search/fold"},
	"contextio":             nil,
	"endpoint":              nil,
	"jobs":                  nil,
	"logtail":               nil,
	"media":                 {"logtail", "media/hls"},
	"media/hls":             nil,
	"media/blob":            nil,
	"media/blob/blobtest":   {"media/blob"},
	"media/blob/embedded":   nil,
	"media/source":          {"contextio"},
	"oidc":                  nil,
	"metrics":               nil,
	"models":                {"contextio", "models/ggml"},
	"models/ggml":           nil,
	"notify":                nil,
	"postgres":              nil,
	"profanity":             {"third_party/profane"},
	"search":                {"contextio", "search/fold", "search/query", "search/vector", "sqlite"},
	"search/embed":          {"contextio", "endpoint", "search/vector"},
	"search/fold":           nil,
	"search/query":          nil,
	"search/vector":         nil,
	"sqlite":                nil,
	"store":                 {"postgres", "search/fold", "sqlite", "store/dbq", "store/migrations", "store/packed"},
	"store/dbq":             nil,
	"store/migrations":      {"store/packed"},
	"store/packed":          nil,
	"third_party/profane":   nil,
	"transcribe":            {"endpoint", "logtail", "transcribe/captions", "transcribe/glossary", "transcribe/libwhisper", "transcribe/phrases"},
	"transcribe/captions":   {"transcribe/phrases"},
	"transcribe/glossary":   nil,
	"transcribe/libwhisper": nil,
	"transcribe/phrases":    nil,
	"web":                   nil,
}

// assembling packages may import all others: server builds one process of them,
// cmd/tidings is the command line.
var assembling = []string{"cmd/tidings", "server"}

// isTestPackage reports whether a package holds suites or fakes, which may import
// the package they test.
func isTestPackage(path string) bool {
	return strings.HasSuffix(path, "test") || strings.Contains(path, "test/")
}

// homes names the one package in which each outside library is used.
var homes = map[string]string{
	"github.com/labstack/echo":                 "api",
	"github.com/alexedwards/scs":               "api/auth",
	"github.com/getkin/kin-openapi":            "api",
	"github.com/oapi-codegen":                  "api",
	"github.com/go-webauthn/":                  "api/auth",
	"github.com/coreos/go-oidc":                "oidc",
	"golang.org/x/oauth2":                      "oidc",
	"github.com/aws/":                          "media/blob",
	"github.com/versity/":                      "media/blob",
	"github.com/u2takey/":                      "media",
	"github.com/landlock-lsm":                  "media",
	"github.com/wneessen/go-mail":              "notify",
	"github.com/meilisearch/":                  "search",
	"github.com/prometheus/":                   "metrics",
	"github.com/ebitengine/purego":             "transcribe",
	"github.com/spf13/":                        "cmd/tidings",
	"github.com/BurntSushi/toml":               "server",
	"modernc.org/sqlite":                       "sqlite",
	"github.com/jackc/":                        "postgres",
	"github.com/pressly/goose":                 "store",
	"github.com/riverqueue/river/rivermigrate": "store",
}

// module is the module's path, the one place in tests that names it.
const module = "tidings.example/tidings"

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()

	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	var pkgs []listedPackage
	for dec := json.NewDecoder(out); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}

	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}

	return pkgs
}

// TestArrows fails on an import that arrows does not allow.
func TestArrows(t *testing.T) {
	pkgs := listPackages(t)
	if len(pkgs) < 10 {
		t.Fatalf("only %d packages listed", len(pkgs))
	}

	for _, p := range pkgs {
		dir := strings.TrimPrefix(p.ImportPath, module+"/")
		if isTestPackage(dir) {
			continue
		}

		if slices.Contains(assembling, dir) {
			for _, imp := range p.Imports {
				checkHome(t, dir, imp)
			}
			continue
		}

		allowed, known := arrows[dir]
		if !known {
			t.Errorf("%s is not on the map of packages: add it to arrows", dir)
		}

		for _, imp := range p.Imports {
			checkImport(t, dir, imp, allowed)
		}
	}
}

func checkImport(t *testing.T, dir, imp string, allowed []string) {
	t.Helper()

	imported, ours := strings.CutPrefix(imp, module+"/")
	standard := !strings.Contains(strings.SplitN(imp, "/", 2)[0], ".")
	switch {
	case standard:
		return
	case dir == "tidings":
		t.Errorf("tidings imports %s; it may import only the standard library", imp)
	case ours && imported != "tidings" && !slices.Contains(allowed, imported):
		t.Errorf("%s imports %s: packages meet only in server and cmd/tidings", dir, imported)
	}

	checkHome(t, dir, imp)
}

// checkHome fails on an outside library that is used outside its package.
func checkHome(t *testing.T, dir, imp string) {
	t.Helper()

	for lib, home := range homes {
		if strings.HasPrefix(imp, lib) && dir != home && !strings.HasPrefix(dir, home+"/") {
			t.Errorf("%s imports %s, whose home is %s", dir, imp, home)
		}
	}
}
