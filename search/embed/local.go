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
	loaded fs.FileInfo // of the weights in use; nil = none
	pieces *wordPiece
	model  *bert
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
	pieces, encoder, err := l.loadModel()
	if err != nil {
		return nil, "", err
	}

	for _, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		v, err := encoder.embedPieces(pieces.pieceIDs(text, maxPieces))
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

// loadModel loads the model, unless it is loaded and still the one on the disk.
// KindNotFound while there is none.
func (l *Local) loadModel() (*wordPiece, *bert, error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	path := filepath.Join(l.dir, "model.safetensors")
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		l.loaded, l.pieces, l.model = nil, nil, nil
		return nil, nil, tidings.NotFound()
	}
	if err == nil && l.loaded != nil && os.SameFile(info, l.loaded) {
		return l.pieces, l.model, nil
	}

	var pieces *wordPiece
	var model *bert
	if err == nil {
		pieces, err = loadWordPiece(filepath.Join(l.dir, "vocab.txt"))
	}
	if err == nil {
		model, err = loadBERT(path, len(pieces.ids))
	}
	if err != nil {
		return nil, nil, tidings.Wrap(err, tidings.KindUnavailable, "The model of search by meaning cannot be loaded; `tidings models pull all-minilm-l6-v2` fetches it again.")
	}

	l.loaded, l.pieces, l.model = info, pieces, model
	return pieces, model, nil
}
