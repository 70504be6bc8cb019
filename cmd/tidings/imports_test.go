package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// arrows is the map of the house: which rooms of the project each room may
// import besides the root package. cmd/tidings may import all of them, and
// tests may borrow the real thing from another room.
var arrows = map[string][]string{
	"tidings":                     nil,
	"tidings/api":                 {"tidings/api/spec"},
	"tidings/api/spec":            nil,
	"tidings/jobs":                nil,
	"tidings/media":               nil,
	"tidings/media/blob":          nil,
	"tidings/media/blob/blobtest": {"tidings/media/blob"},
	"tidings/media/blob/embedded": nil,
	"tidings/media/source":        nil,
	"tidings/oidc":                nil,
	"tidings/models":              nil,
	"tidings/notify":              nil,
	"tidings/search":              {"tidings/sqlite"},
	"tidings/sqlite":              nil,
	"tidings/store":               {"tidings/sqlite", "tidings/store/dbq"},
	"tidings/store/dbq":           nil,
	"tidings/transcribe":          nil,
	"tidings/web":                 nil,
}

// testRooms hold suites and fakes: they may import the room they test.
func testRoom(path string) bool {
	return strings.HasSuffix(path, "test") || strings.Contains(path, "test/")
}

// homes names the one room in which each outside library is used.
var homes = map[string]string{
	"github.com/labstack/echo":                 "tidings/api",
	"github.com/alexedwards/scs":               "tidings/api",
	"github.com/getkin/kin-openapi":            "tidings/api",
	"github.com/oapi-codegen":                  "tidings/api",
	"github.com/go-webauthn/":                  "tidings/api",
	"github.com/coreos/go-oidc":                "tidings/oidc",
	"golang.org/x/oauth2":                      "tidings/oidc",
	"github.com/aws/":                          "tidings/media/blob",
	"github.com/versity/":                      "tidings/media/blob",
	"github.com/u2takey/":                      "tidings/media",
	"github.com/landlock-lsm":                  "tidings/media",
	"github.com/wneessen/go-mail":              "tidings/notify",
	"github.com/meilisearch/":                  "tidings/search",
	"github.com/ebitengine/purego":             "tidings/transcribe",
	"modernc.org/sqlite":                       "tidings/sqlite",
	"github.com/pressly/goose":                 "tidings/store",
	"github.com/riverqueue/river/rivermigrate": "tidings/store",
}

type listed struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "tidings/...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pkgs []listed
	for dec := json.NewDecoder(out); ; {
		var p listed
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

// TestArrows fails on an import that DESIGN's map of rooms does not have.
func TestArrows(t *testing.T) {
	pkgs := listPackages(t)
	if len(pkgs) < 10 {
		t.Fatalf("only %d packages listed", len(pkgs))
	}
	for _, p := range pkgs {
		if p.ImportPath == "tidings/cmd/tidings" || testRoom(p.ImportPath) {
			continue
		}
		allowed, known := arrows[p.ImportPath]
		if !known {
			t.Errorf("%s is not on the map of rooms: add it to arrows, with a reason in DESIGN's terms", p.ImportPath)
		}
		for _, imp := range p.Imports {
			checkImport(t, p.ImportPath, imp, allowed)
		}
	}
}

func checkImport(t *testing.T, room, imp string, allowed []string) {
	t.Helper()
	if imp == "tidings" || !strings.Contains(imp, ".") && !strings.HasPrefix(imp, "tidings/") {
		return
	}
	if room == "tidings" {
		t.Errorf("the root package imports %s; it may import only the standard library", imp)
	}
	if strings.HasPrefix(imp, "tidings/") {
		for _, a := range allowed {
			if a == imp {
				return
			}
		}
		t.Errorf("%s imports %s: rooms meet only in cmd/tidings", room, imp)
		return
	}
	for lib, home := range homes {
		if strings.HasPrefix(imp, lib) && room != home && !strings.HasPrefix(room, home+"/") {
			t.Errorf("%s imports %s, whose home is %s", room, imp, home)
		}
	}
}
