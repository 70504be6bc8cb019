package embed

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"tidings.example/tidings/tidings"
)

// Local is all-MiniLM-L6-v2 in a folder of this machine: model.safetensors and
// vocab.txt. The folder may appear, change and go while it is used. The weights are
// loaded for the first text, 43 MB of memory; nothing runs outside this process.
type Local struct {
	dir string

	mu     sync.Mutex
	loaded *loadedModel // nil = none
}

// loadedModel is a model whose file is open until it is replaced and nobody uses it.
type loadedModel struct {
	weights fs.FileInfo
	pieces  *wordPiece
	encoder *bert
	users   int // the Local is one
}

// NewLocal makes a Local; the folder may be missing.
func NewLocal(dir string) *Local { return &Local{dir: dir} }

// localModel names the vectors.
const localModel = "all-minilm-l6-v2"

// MinSimilarity implements search.Embedder. Of the test set, texts of the same
// meaning are more similar, most others less.
func (l *Local) MinSimilarity() float32 { return 0.25 }

// EmbedPassages implements search.Embedder.
func (l *Local) EmbedPassages(ctx context.Context, texts []string) (vectors [][]float32, model string, err error) {
	m, err := l.acquireModel()
	if err != nil {
		return nil, "", err
	}
	defer l.releaseModel(m)

	for _, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		v, err := m.encoder.embedPieces(m.pieces.pieceIDs(text, maxPieces))
		if err != nil {
			return nil, "", tidings.Wrap(err, tidings.KindUnavailable, "The model of search by meaning cannot be used.")
		}
		vectors = append(vectors, v)
	}

	return vectors, localModel, nil
}

// EmbedQuery implements search.Embedder.
func (l *Local) EmbedQuery(ctx context.Context, text string) (v []float32, model string, err error) {
	all, model, err := l.EmbedPassages(ctx, []string{text})
	if err != nil {
		return nil, "", err
	}
	return all[0], model, nil
}

// acquireModel returns the model, loaded unless it is and still the one on the disk.
// KindNotFound while there is none.
func (l *Local) acquireModel() (*loadedModel, error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	weights, err := os.Stat(l.weightsPath())
	if errors.Is(err, fs.ErrNotExist) {
		l.replaceModel(nil)
		return nil, tidings.NotFound()
	}

	if err == nil && (l.loaded == nil || !os.SameFile(weights, l.loaded.weights)) {
		var m *loadedModel
		if m, err = l.loadModel(weights); err == nil {
			l.replaceModel(m)
		}
	}
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindUnavailable, "The model of search by meaning cannot be loaded; `tidings models pull all-minilm-l6-v2` fetches it again.")
	}

	l.loaded.users++
	return l.loaded, nil
}

func (l *Local) weightsPath() string { return filepath.Join(l.dir, "model.safetensors") }

func (l *Local) loadModel(weights fs.FileInfo) (*loadedModel, error) {
	pieces, err := loadWordPiece(filepath.Join(l.dir, "vocab.txt"))
	if err != nil {
		return nil, err
	}
	encoder, err := loadBERT(l.weightsPath(), len(pieces.ids))
	return &loadedModel{weights: weights, pieces: pieces, encoder: encoder, users: 1}, err
}

// replaceModel makes m the model from now on. l.mu is held.
func (l *Local) replaceModel(m *loadedModel) {
	old := l.loaded
	l.loaded = m
	l.dropUser(old)
}

func (l *Local) releaseModel(m *loadedModel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropUser(m)
}

// dropUser closes the file of a model that nobody uses any more. l.mu is held.
func (l *Local) dropUser(m *loadedModel) {
	if m == nil {
		return
	}
	if m.users--; m.users == 0 {
		m.encoder.file.file.Close()
	}
}
