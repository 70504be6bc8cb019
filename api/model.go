package api

import (
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// modelHandlers serves the models of speech engines.
type modelHandlers struct {
	operators *operatorCheck
	models    Models
}

// Models are the downloads that speech engines need.
type Models interface {
	List() []tidings.SpeechModel
	Pull(name string) error   // begins a download; KindNotFound
	Remove(name string) error // stops a download, or deletes the model
}

// operatorModels are the models, for operators of the server.
func (h *modelHandlers) operatorModels(ctx context.Context) (Models, error) {
	ok, err := h.operators.isOperator(ctx, request.SubjectOf(ctx))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins of this server's first workspace may see and change what is installed.")
	}
	if h.models == nil {
		return nil, tidings.Errorf(tidings.KindUnavailable, "This process keeps no models.")
	}

	return h.models, nil
}

func modelJSON(m tidings.SpeechModel) spec.Model {
	languages := m.Languages
	if languages == nil {
		languages = []string{}
	}
	return spec.Model{Name: m.Name, Engine: m.Engine, Note: m.Note, Licence: m.Licence, Languages: languages, Bytes: m.Bytes, Used: m.Used, Automatic: m.Automatic,
		Installed: m.Installed, Pulling: m.Pulling, DoneBytes: m.Done, Failure: spec.OrNil(m.Failure)}
}

// ListModels is GET /models.
func (h *modelHandlers) ListModels(ctx context.Context, _ spec.ListModelsRequestObject) (spec.ListModelsResponseObject, error) {
	all, err := h.operatorModels(ctx)
	if err != nil {
		return nil, err
	}
	return spec.ListModels200JSONResponse{Items: spec.Map(all.List(), modelJSON)}, nil
}

// PullModel is POST /models/{name}/pull.
func (h *modelHandlers) PullModel(ctx context.Context, r spec.PullModelRequestObject) (spec.PullModelResponseObject, error) {
	all, err := h.operatorModels(ctx)
	if err == nil {
		err = all.Pull(r.Name)
	}
	return spec.PullModel202Response{}, err
}

// RemoveModel is DELETE /models/{name}.
func (h *modelHandlers) RemoveModel(ctx context.Context, r spec.RemoveModelRequestObject) (spec.RemoveModelResponseObject, error) {
	all, err := h.operatorModels(ctx)
	if err == nil {
		err = all.Remove(r.Name)
	}
	return spec.RemoveModel204Response{}, err
}
