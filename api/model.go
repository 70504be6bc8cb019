package api

import (
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// Models are the downloads that speech engines need.
type Models interface {
	List() []tidings.SpeechModel
	Pull(name string) error   // begins a download; KindNotFound
	Remove(name string) error // stops a download, or deletes the model
}

// models are for those who look after the server: owners and admins of the
// workspace it was set up with.
func (s *server) models(ctx context.Context) (Models, error) {
	ok, err := s.looksAfter(ctx, request.SubjectOf(ctx))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins of this server's first workspace may see and change what is installed.")
	}
	if s.Models == nil {
		return nil, tidings.Errorf(tidings.KindUnavailable, "This process keeps no models.")
	}

	return s.Models, nil
}

func modelJSON(m tidings.SpeechModel) spec.Model {
	languages := m.Languages
	if languages == nil {
		languages = []string{}
	}
	return spec.Model{Name: m.Name, Engine: m.Engine, Note: m.Note, Licence: m.Licence, Languages: languages, Bytes: m.Bytes, Used: m.Used,
		Installed: m.Installed, Pulling: m.Pulling, DoneBytes: m.Done, Failure: spec.OrNil(m.Failure)}
}

// ListModels is GET /models.
func (s *server) ListModels(ctx context.Context, _ spec.ListModelsRequestObject) (spec.ListModelsResponseObject, error) {
	all, err := s.models(ctx)
	if err != nil {
		return nil, err
	}
	return spec.ListModels200JSONResponse{Items: spec.Map(all.List(), modelJSON)}, nil
}

// PullModel is POST /models/{name}/pull.
func (s *server) PullModel(ctx context.Context, r spec.PullModelRequestObject) (spec.PullModelResponseObject, error) {
	all, err := s.models(ctx)
	if err == nil {
		err = all.Pull(r.Name)
	}
	return spec.PullModel202Response{}, err
}

// RemoveModel is DELETE /models/{name}.
func (s *server) RemoveModel(ctx context.Context, r spec.RemoveModelRequestObject) (spec.RemoveModelResponseObject, error) {
	all, err := s.models(ctx)
	if err == nil {
		err = all.Remove(r.Name)
	}
	return spec.RemoveModel204Response{}, err
}
