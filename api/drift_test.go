package api_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// sourceFile is a path in this folder: the embedded storage has changed the
// working directory.
func sourceFile(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func openAPISource(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(sourceFile(t, "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestDescriptionMatchesRoutes fails when openapi.yaml describes a call that
// has no route, when a route has no description, or when the described
// authentication differs from the route's.
func TestDescriptionMatchesRoutes(t *testing.T) {
	w := newTestServer(t)
	doc := openAPISource(t)
	described := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			described[method+" /api/v1"+path] = op
		}
	}

	parameter := regexp.MustCompile(`:([a-z]+)`)
	for _, r := range w.routes {
		if !strings.HasPrefix(r.Path, "/api/") {
			continue
		}

		name := r.Method + " " + parameter.ReplaceAllString(r.Path, "{$1}")
		op := described[name]
		if op == nil {
			t.Errorf("%s is not in openapi.yaml", name)
			continue
		}

		delete(described, name)
		needsAccount := op.Security == nil // the default of the document: a session or a token
		if row, ok := matrix[r.Method+" "+r.Path]; ok && needsAccount != strings.HasPrefix(row.want, "401") {
			t.Errorf("%s: openapi.yaml and the matrix disagree on whether it needs an account", name)
		}
	}

	for name := range described {
		t.Errorf("%s is in openapi.yaml, but nobody answers", name)
	}
}

func TestDescriptionIsPublished(t *testing.T) {
	a := newTestServer(t).anonymousClient().get("/api/v1/openapi.json").is(http.StatusOK, "").has("Content-Type: application/json")
	published, err := openapi3.NewLoader().LoadFromData(a.body)
	if err != nil {
		t.Fatal(err)
	}
	if published.OpenAPI != "3.1.0" || published.Paths.Len() != openAPISource(t).Paths.Len() {
		t.Errorf("%s with %d paths", published.OpenAPI, published.Paths.Len())
	}
}

// TestDescriptionListsErrors: each operation lists the answers 4xx that its
// route, level, parameters and body can have.
func TestDescriptionListsErrors(t *testing.T) {
	doc := openAPISource(t)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			parameters := append(append(openapi3.Parameters{}, item.Parameters...), op.Parameters...)
			changes := method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
			open := op.Security != nil && len(*op.Security) == 0
			for status, can := range map[int]bool{
				http.StatusBadRequest:            true,
				http.StatusUnauthorized:          !open,
				http.StatusForbidden:             !open || changes,
				http.StatusNotFound:              strings.Contains(path, "{") || parameters.GetByInAndName(openapi3.ParameterInQuery, "workspace") != nil,
				http.StatusConflict:              parameters.GetByInAndName(openapi3.ParameterInHeader, "Idempotency-Key") != nil,
				http.StatusPreconditionFailed:    parameters.GetByInAndName(openapi3.ParameterInHeader, "If-Match") != nil,
				http.StatusRequestEntityTooLarge: op.RequestBody != nil,
				http.StatusUnsupportedMediaType:  op.RequestBody != nil,
				http.StatusTooManyRequests:       open && changes,
			} {
				if can && op.Responses.Status(status) == nil {
					t.Errorf("%s %s does not list %d", method, path, status)
				}
			}
			if op.Summary == "" {
				t.Errorf("%s %s has no summary", method, path)
			}
		}
	}
}

// TestGeneratedMatchesDescription fails when openapi.yaml has changed in any
// way since `make generate` ran.
func TestGeneratedMatchesDescription(t *testing.T) {
	want := fmt.Sprintf("%x", sha256.Sum256(sourceFile(t, "openapi.yaml")))
	if got, _, _ := strings.Cut(string(sourceFile(t, "spec/openapi.sum")), " "); got != want {
		t.Error("the generated code is of an older openapi.yaml: run `make generate`")
	}
}

// TestGeneratedIsCurrent fails when openapi.yaml has an operation, a schema or
// a field that the generated code of either side does not know: run `make generate`.
func TestGeneratedIsCurrent(t *testing.T) {
	doc := openAPISource(t)
	for file, form := range map[string]func(name string) string{
		"spec/spec.gen.go":               func(name string) string { return "`json:\"" + name },
		"../web/src/lib/api/schema.d.ts": func(name string) string { return " " + name },
	} {
		text := string(sourceFile(t, file))
		for name, schema := range doc.Components.Schemas {
			if strings.HasSuffix(file, ".ts") && !strings.Contains(text, "        "+name+":") {
				t.Errorf("%s has no %s: run `make generate`", file, name)
			}

			for field := range schema.Value.Properties {
				if !strings.Contains(text, form(field)) {
					t.Errorf("%s has no field %s of %s: run `make generate`", file, field, name)
				}
			}
		}

		for path, item := range doc.Paths.Map() {
			for _, op := range item.Operations() {
				raw := strings.Join(op.Tags, " ") == "raw"
				if id := op.OperationID; strings.HasSuffix(file, ".ts") && !strings.Contains(text, `operations["`+id+`"]`) ||
					strings.HasSuffix(file, ".go") && !raw && !strings.Contains(text, `OperationMiddlewares["`+id+`"]`) {
					t.Errorf("%s has no operation %s of %s: run `make generate`", file, id, path)
				}
			}
		}
	}
}

// TestClipHasContractFields: field names that other programs rely on.
func TestClipHasContractFields(t *testing.T) {
	w := newTestServer(t)
	var clip map[string]json.RawMessage
	if err := json.Unmarshal(w.ana.get("/api/v1/clips/"+string(w.ana.createClip().ID)).is(http.StatusOK, "").body, &clip); err != nil {
		t.Fatal(err)
	}

	for _, name := range strings.Fields(`id workspace_id channel_id author kind title description tags visibility state failure created_at recorded_at
		duration_ms width height steps media language counts share_url upload_url version`) {
		if _, ok := clip[name]; !ok {
			t.Errorf("no %s", name)
		}
	}

	for part, names := range map[string]string{"author": "id name avatar_url", "steps": "upload transcode transcribe index", "counts": "comments reactions views"} {
		var inner map[string]any
		if err := json.Unmarshal(clip[part], &inner); err != nil {
			t.Fatal(err)
		}

		for _, name := range strings.Fields(names) {
			if _, ok := inner[name]; !ok {
				t.Errorf("no %s in %s", name, part)
			}
		}
	}

	if string(clip["tags"]) != "[]" || string(clip["state"]) != `"recording"` || !regexp.MustCompile(`^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$`).Match(clip["created_at"]) {
		t.Errorf("%s %s %s", clip["tags"], clip["state"], clip["created_at"])
	}
}
