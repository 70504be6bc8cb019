package api_test

import (
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// fakeModels lists one model and records calls.
type fakeModels struct{ calls []string }

func (s *fakeModels) List() []tidings.SpeechModel {
	return []tidings.SpeechModel{{Name: "base-q8_0", Engine: "whisper", Note: "n", Licence: "MIT", Bytes: 100, Used: true, Automatic: true, Pulling: true, Done: 40, Failure: "It broke off."}}
}

func (s *fakeModels) Pull(name string) error { return s.recordCall("pull", name) }

func (s *fakeModels) Remove(name string) error { return s.recordCall("rm", name) }

func (s *fakeModels) recordCall(what, name string) error {
	if name != "base-q8_0" {
		return tidings.NotFound()
	}
	s.calls = append(s.calls, what)
	return nil
}

func withModels(s *fakeModels) serverOption {
	return func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Models = s }
}

// TestModels: owners and admins list and download the models that engines need.
func TestModels(t *testing.T) {
	s := &fakeModels{}
	w := newTestServer(t, withModels(s))
	got := decodeJSON[struct {
		Items []struct {
			Name      string
			Languages []string
			Pulling   bool
			Automatic bool
			DoneBytes int64 `json:"done_bytes"`
			Failure   *string
		}
	}](w.ana.get("/api/v1/models").is(http.StatusOK, "")).Items
	if len(got) != 1 || got[0].Name != "base-q8_0" || !got[0].Pulling || !got[0].Automatic || got[0].DoneBytes != 40 || got[0].Failure == nil || got[0].Languages == nil {
		t.Errorf("%+v", got)
	}

	w.ana.do("POST", "/api/v1/models/base-q8_0/pull", nil).is(http.StatusAccepted, "")
	w.ana.do("DELETE", "/api/v1/models/base-q8_0", nil).is(http.StatusNoContent, "")
	w.ana.do("POST", "/api/v1/models/nothing/pull", nil).is(http.StatusNotFound, "not_found")

	if strings.Join(s.calls, " ") != "pull rm" {
		t.Errorf("%v", s.calls)
	}

	w.addPerson("adm", tidings.RoleAdmin).get("/api/v1/models").is(http.StatusOK, "")
	w.addPerson("mem", tidings.RoleMember).get("/api/v1/models").is(http.StatusForbidden, "forbidden")
}
