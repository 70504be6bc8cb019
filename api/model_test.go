package api_test

import (
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// shelf is models of a test.
type shelf struct{ calls []string }

func (s *shelf) List() []tidings.SpeechModel {
	return []tidings.SpeechModel{{Name: "base-q8_0", Engine: "whisper", Note: "n", Licence: "MIT", Bytes: 100, Used: true, Pulling: true, Done: 40, Failure: "It broke off."}}
}

func (s *shelf) Pull(name string) error { return s.call("pull", name) }

func (s *shelf) Remove(name string) error { return s.call("rm", name) }

func (s *shelf) call(what, name string) error {
	if name != "base-q8_0" {
		return tidings.NotFound()
	}
	s.calls = append(s.calls, what)
	return nil
}

func withShelf(s *shelf) transcriptChange {
	return func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Models = s }
}

// TestModels: owners and admins see and fetch what engines need.
func TestModels(t *testing.T) {
	s := &shelf{}
	w := newWorld(t, withShelf(s))
	got := read[struct {
		Items []struct {
			Name      string
			Languages []string
			Pulling   bool
			DoneBytes int64 `json:"done_bytes"`
			Failure   *string
		}
	}](w.ana.get("/api/v1/models").is(http.StatusOK, "")).Items
	if len(got) != 1 || got[0].Name != "base-q8_0" || !got[0].Pulling || got[0].DoneBytes != 40 || got[0].Failure == nil || got[0].Languages == nil {
		t.Errorf("%+v", got)
	}

	w.ana.do("POST", "/api/v1/models/base-q8_0/pull", nil).is(http.StatusAccepted, "")
	w.ana.do("DELETE", "/api/v1/models/base-q8_0", nil).is(http.StatusNoContent, "")
	w.ana.do("POST", "/api/v1/models/nothing/pull", nil).is(http.StatusNotFound, "not_found")

	if strings.Join(s.calls, " ") != "pull rm" {
		t.Errorf("%v", s.calls)
	}

	w.person("adm", tidings.RoleAdmin).get("/api/v1/models").is(http.StatusOK, "")
	w.person("mem", tidings.RoleMember).get("/api/v1/models").is(http.StatusForbidden, "forbidden")
}
