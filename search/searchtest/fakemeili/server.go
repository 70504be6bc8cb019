// Package fakemeili is a small, strict Meilisearch for tests. It speaks the
// part of the protocol of version 1.50 that Tidings uses, over real HTTP, and
// is as strict as the real one: unknown fields, filters on attributes that are not
// filterable, keys and tokens without the right are refused. Changes are tasks
// that run one after the other, after they were accepted.
//
// It finds words, prefixes, phrases and exclusions, with typos by Meilisearch's
// rules, and ranks by Meilisearch's rules in the order the settings give. It has
// no dictionaries: a run of characters without a space is one word. It does not
// join neighbouring words of a query into one. By vectors it finds the documents
// with the nearest ones; embedders are of the source userProvided.
package fakemeili

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// MasterKey is the master key of all servers.
const MasterKey = "a master key of sixteen bytes or more"

// Server is a running fake.
type Server struct {
	URL string

	mu       sync.Mutex
	changed  *sync.Cond // a task was added, or a fault has ended
	version  string
	searches []string
	indexes  map[string]*index
	keys     []*apiKey
	tasks    []*task
	faults   faults
	closed   bool
}

// New starts an empty server that ends with the test.
func New(t testing.TB) *Server {
	s := &Server{version: "1.50.0", indexes: map[string]*index{}}
	s.changed = sync.NewCond(&s.mu)
	srv := httptest.NewServer(s.protocolRoutes())
	s.URL = srv.URL
	var worker sync.WaitGroup
	worker.Go(s.runTasks)
	t.Cleanup(func() {
		s.mu.Lock()
		s.closed = true
		s.endStall()
		s.changed.Broadcast()
		s.mu.Unlock()
		srv.Close()
		worker.Wait()
	})

	return s
}

// call is an authorised request.
type call struct {
	*http.Request
	body []byte
	key  *apiKey         // nil = the master key
	rule map[string]rule // of a tenant token, by index
}

// problem is an error as Meilisearch writes it.
type problem struct {
	status  int
	Message string `json:"message"`
	Code    string `json:"code"`
	Type    string `json:"type"`
	Link    string `json:"link"`
}

func badRequest(code, message string) *problem {
	status, kind := http.StatusBadRequest, "invalid_request"
	switch code {
	case "index_not_found", "task_not_found", "api_key_not_found", "document_not_found":
		status = http.StatusNotFound
	case "invalid_api_key":
		status, kind = http.StatusForbidden, "auth"
	case "missing_authorization_header", "missing_master_key":
		status, kind = http.StatusUnauthorized, "auth"
	case "api_key_already_exists":
		status = http.StatusConflict
	case "no_space_left_on_device":
		status, kind = http.StatusUnprocessableEntity, "system"
	case "too_many_search_requests":
		status, kind = http.StatusServiceUnavailable, "system"
	case "internal":
		status, kind = http.StatusInternalServerError, "internal"
	}

	return &problem{status: status, Code: code, Message: message, Type: kind, Link: "https://docs.meilisearch.com/errors#" + code}
}

type handler func(c *call) (status int, answer any, p *problem)

// protocolRoutes is long: it is the table of contents of the protocol.
func (s *Server) protocolRoutes() http.Handler {
	mux := http.NewServeMux()
	for pattern, r := range map[string]struct {
		action string // "" = no key needed
		do     handler
	}{
		"GET /health":                     {"", s.answerHealth},
		"GET /version":                    {"version", s.getVersion},
		"GET /keys":                       {"keys.get", s.getKeys},
		"GET /keys/{uid}":                 {"keys.get", s.getKey},
		"POST /keys":                      {"keys.create", s.createKey},
		"DELETE /keys/{uid}":              {"keys.delete", s.deleteKey},
		"GET /tasks":                      {"tasks.get", s.getTasks},
		"GET /tasks/{task}":               {"tasks.get", s.getTask},
		"POST /indexes":                   {"indexes.create", s.createIndex},
		"GET /indexes/{index}":            {"indexes.get", s.getIndex},
		"DELETE /indexes/{index}":         {"indexes.delete", s.deleteIndex},
		"POST /swap-indexes":              {"indexes.swap", s.swapIndexes},
		"PATCH /indexes/{index}/settings": {"settings.update", s.patchSettings},
		"PUT /indexes/{index}/settings/filterable-attributes": {"settings.update", s.putFilterable},
		"PUT /indexes/{index}/settings/facet-search":          {"settings.update", s.putFacetSearch},
		"GET /indexes/{index}/settings/embedders":             {"settings.get", s.getEmbedders},
		"PATCH /indexes/{index}/settings/embedders":           {"settings.update", s.patchEmbedders},
		"POST /indexes/{index}/documents":                     {"documents.add", s.addDocuments},
		"PUT /indexes/{index}/documents":                      {"documents.add", s.addDocuments},
		"POST /indexes/{index}/documents/fetch":               {"documents.get", s.fetchDocuments},
		"POST /indexes/{index}/documents/delete":              {"documents.delete", s.deleteByFilter},
		"POST /multi-search":                                  {"search", s.multiSearch},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) { s.writeResponse(w, req, r.action, r.do) })
	}

	return mux
}

func (s *Server) writeResponse(w http.ResponseWriter, r *http.Request, action string, do handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}

	status, answer, p := s.handleCall(&call{Request: r, body: body}, action, do)
	if p != nil {
		status, answer = p.status, p
	}

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if answer != nil {
		json.NewEncoder(w).Encode(answer)
	}
}

func (s *Server) handleCall(c *call, action string, do handler) (int, any, *problem) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if p := s.applyFaults(c); p != nil {
		return 0, nil, p
	}

	if action != "" {
		if p := s.authorizeCall(c, action); p != nil {
			return 0, nil, p
		}
	}

	if c.Method != http.MethodGet && len(c.body) > 0 && c.Header.Get("Content-Type") != "application/json" {
		return 0, nil, badRequest("invalid_content_type", "The Content-Type is not application/json")
	}

	return do(c)
}

func (s *Server) answerHealth(*call) (int, any, *problem) {
	return http.StatusOK, map[string]string{"status": "available"}, nil
}

func (s *Server) getVersion(*call) (int, any, *problem) {
	return http.StatusOK, map[string]string{"pkgVersion": s.version, "commitSha": "", "commitDate": ""}, nil
}
